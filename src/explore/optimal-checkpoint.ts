/**
 * An exact search under way, as JSON can hold it, so that it can be continued elsewhere.
 */
import type { Levels } from './levels.ts'
import { putToSleep } from './levels.ts'
import type { Execution } from './state.ts'
import { spareRow } from './trace.ts'
import { createNode, type WakeupTree } from './wakeup-tree.ts'

type SavedNode = readonly [thread: number, cls: number, start: number, end: number, children: SavedNode[]]

interface SavedLevel {
  readonly thread: number
  readonly explored: number
  readonly sleep: readonly (readonly [number, number, number, number])[]
  readonly tree: readonly SavedNode[]
}

export interface SavedOptimal {
  /** The threads, helpers included, in the order of their numbers. */
  readonly labels: readonly string[]
  readonly levels: readonly SavedLevel[]
}

export function saveOptimal({ trace, labels }: Execution, levels: Levels, tree: WakeupTree): SavedOptimal {
  const branches = (first: number): SavedNode[] => {
    const nodes: SavedNode[] = []
    for (let node = first; node >= 0; node = tree.sibling[node]!) {
      const { thread, class: cls, start, end } = tree
      nodes.push([thread[node]!, cls[node]!, start[node]!, end[node]!, branches(tree.child[node]!)])
    }
    return nodes
  }
  const saved = Array.from(
    { length: trace.n },
    (_, level): SavedLevel => ({
      thread: trace.thread[level]!,
      explored: levels.explored[level]!,
      sleep: Array.from({ length: levels.sleepers[level]! }, (_, k) => {
        const at = level * levels.width + k
        return [levels.thread[at]!, levels.class[at]!, levels.start[at]!, levels.end[at]!] as const
      }),
      tree: branches(levels.heads[level]!),
    }),
  )
  return { labels, levels: saved }
}

/** Puts back what lies ahead, after the execution that was the last one has been run again. */
export function restoreOptimal({ trace }: Execution, levels: Levels, tree: WakeupTree, saved: SavedOptimal): void {
  const grow = (nodes: readonly SavedNode[], parent: number, level: number) => {
    let last = -1
    for (const [thread, cls, start, end, children] of nodes) {
      const row = spareRow(trace)
      trace.thread[row] = thread
      trace.class[row] = cls
      trace.start[row] = start
      trace.end[row] = end
      const node = createNode(tree, trace, row)
      if (last >= 0) tree.sibling[last] = node
      else if (parent >= 0) tree.child[parent] = node
      else levels.heads[level] = node
      last = node
      grow(children, node, level)
    }
  }
  saved.levels.forEach(({ explored, sleep, tree: nodes }, level) => {
    levels.explored[level] = explored
    levels.sleepers[level] = 0
    for (const [thread, cls, start, end] of sleep) putToSleep(levels, level, thread, cls, start, end)
    levels.heads[level] = -1
    grow(nodes, -1, level)
  })
}
