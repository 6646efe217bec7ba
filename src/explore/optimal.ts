/**
 * Optimal dynamic partial-order reduction with wakeup trees, for programs that may block: every Mazurkiewicz
 * trace exactly once, no execution begun in vain. Abdulla, Aronis, Jonsson, Sagonas: POPL 2014, JACM 2017.
 *
 * Executions are walked depth first. What the races of each one leave to explore stands in the wakeup trees of its
 * prefixes; a branch explored to its end sleeps.
 */
import { run } from './execution.ts'
import { createLevels, putToSleep, reachLevel, sleepOn, sleepsAt } from './levels.ts'
import { restoreOptimal, type SavedOptimal, saveOptimal } from './optimal-checkpoint.ts'
import { isEnabled } from './pending.ts'
import { planReversals, type Reversing } from './reversals.ts'
import type { Search } from './search.ts'
import { type Execution, endingOf, restoreHelpers } from './state.ts'
import { truncate } from './trace.ts'
import { createWakeupTree, releaseNode } from './wakeup-tree.ts'

/**
 * Begins an exact search over the executions of `x`. With `root`, over those that begin with these threads' steps:
 * every trace that has them as a prefix, once.
 */
export function createOptimal(x: Execution, root: readonly number[] = []): Search {
  const { trace } = x
  const tree = createWakeupTree()
  const levels = createLevels(trace)
  const reversing: Reversing = { x, levels, tree, from: root.length, v: { length: 0, rows: new Int32Array(256) } }
  let redundant = false
  let begun = false

  /** Guided by the wakeup tree, else staying with the running thread, else the first that can go. */
  function choose(): number {
    const level = x.step
    if (level < root.length) return root[level]!
    const guide = levels.heads[level]!
    if (guide >= 0) return tree.thread[guide]!
    const current = x.current
    if (current >= 0 && isEnabled(x, current) && !sleepsAt(levels, level, current)) return current
    let asleep = false
    for (let t = 0; t < trace.threads; t++) {
      if (!isEnabled(x, t)) continue
      if (!sleepsAt(levels, level, t)) return t
      asleep = true
    }
    redundant = asleep
    return -1
  }

  /** A new event: its level's first branch is taken, and who sleeps there goes on sleeping unless it depends. */
  function stepped(i: number): void {
    reachLevel(levels, i + 1, trace)
    const { heads } = levels
    const node = heads[i]!
    if (node >= 0) {
      heads[i] = tree.sibling[node]!
      heads[i + 1] = tree.child[node]!
      releaseNode(tree, node)
    } else heads[i + 1] = -1
    levels.explored[i + 1] = 0
    sleepOn(levels, trace, i)
  }

  /** Steps back to the deepest level with a branch left. False: the search is over. */
  function backtrack(): boolean {
    const { heads } = levels
    let level = trace.n - 1
    while (level >= root.length && heads[level] === -1) level--
    if (level < root.length) return false
    putToSleep(levels, level, trace.thread[level]!, trace.class[level]!, trace.start[level]!, trace.end[level]!)
    levels.explored[level]!++
    truncate(trace, level)
    return true
  }

  x.strategy = { choose, stepped }

  return {
    next() {
      if (begun && !backtrack()) return undefined
      begun = true
      redundant = false
      run(x)
      if (x.stopped !== '') return 'stopped'
      planReversals(reversing)
      if (redundant) return 'redundant'
      return endingOf(x)
    },
    save: () => saveOptimal(x, levels, tree),
    restore(saved) {
      const from = saved as SavedOptimal
      restoreHelpers(x, from.labels)
      const { strategy } = x
      x.strategy = { choose: () => from.levels[x.step]?.thread ?? -1, stepped }
      run(x)
      x.strategy = strategy
      begun = true
      restoreOptimal(x, levels, tree, from)
    },
    get peakNodes() {
      return tree.peak
    },
    progress() {
      let done = 0
      let share = 1
      for (let level = 0; level < trace.n; level++) {
        let left = 0
        for (let node = levels.heads[level]!; node >= 0; node = tree.sibling[node]!) left++
        const branches = levels.explored[level]! + 1 + left
        share /= branches
        done += share * levels.explored[level]!
      }
      return done + share
    },
  }
}
