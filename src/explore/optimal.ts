/**
 * Optimal dynamic partial-order reduction with wakeup trees, for programs that may block: every Mazurkiewicz
 * trace exactly once, no execution begun in vain. Abdulla, Aronis, Jonsson, Sagonas: POPL 2014, JACM 2017.
 *
 * Races are looked for at maximal executions only. Reversing one gives a sequence that must be explored from
 * the prefix before it, unless a sleeping thread or the prefix's wakeup tree covers it already.
 */
import { BLOCKING, CLASS, CONDITIONAL, CONFLICTS, NONE } from './access.ts'
import { run } from './execution.ts'
import type { Shape } from './memory.ts'
import { isEnabled } from './pending.ts'
import { LOCK } from './runtime.ts'
import type { Search } from './search.ts'
import { type Execution, endingOf, LAZY, READY, restoreHelpers } from './state.ts'
import { happensBefore, placeOf, spareRow, truncate } from './trace.ts'
import { createNode, createWakeupTree, insert, releaseNode, type Sequence } from './wakeup-tree.ts'
import { classWithout, enabledWithout } from './without.ts'

type SavedNode = readonly [thread: number, cls: number, start: number, end: number, children: SavedNode[]]

interface SavedLevel {
  readonly thread: number
  readonly explored: number
  readonly sleep: readonly (readonly [number, number, number, number])[]
  readonly tree: readonly SavedNode[]
}

/**
 * Begins an exact search over the executions of `x`. With `root`, over those that begin with these threads' steps:
 * every trace that has them as a prefix, once.
 */
export function createOptimal(x: Execution, root: readonly number[] = []): Search {
  const { trace } = x
  const tree = createWakeupTree()
  const v: Sequence = { length: 0, rows: new Int32Array(256) }
  let width = Math.max(4, trace.stride)
  let levels = 256
  /** First wakeup tree node still to be explored at each level. */
  let heads = new Int32Array(levels).fill(-1)
  let sleepers = new Int32Array(levels)
  let sleepThread = new Int32Array(levels * width)
  let sleepClass = new Int32Array(levels * width)
  let sleepStart = new Int32Array(levels * width)
  let sleepEnd = new Int32Array(levels * width)
  let explored = new Int32Array(levels)
  let redundant = false
  let begun = false

  function reach(level: number): void {
    if (level < levels && trace.stride <= width) return
    const oldWidth = width
    const oldLevels = levels
    while (level >= levels) levels *= 2
    width = Math.max(width, trace.stride)
    const longer = (from: Int32Array, fill: number) => {
      const to = new Int32Array(levels).fill(fill)
      to.set(from)
      return to
    }
    const larger = (from: Int32Array) => {
      const to = new Int32Array(levels * width)
      for (let l = 0; l < oldLevels; l++) to.set(from.subarray(l * oldWidth, (l + 1) * oldWidth), l * width)
      return to
    }
    heads = longer(heads, -1)
    sleepers = longer(sleepers, 0)
    explored = longer(explored, 0)
    sleepThread = larger(sleepThread)
    sleepClass = larger(sleepClass)
    sleepStart = larger(sleepStart)
    sleepEnd = larger(sleepEnd)
  }

  function sleeps(level: number, thread: number): boolean {
    for (let k = level * width, to = k + sleepers[level]!; k < to; k++) if (sleepThread[k] === thread) return true
    return false
  }

  /** Guided by the wakeup tree, else staying with the running thread, else the first that can go. */
  function choose(): number {
    const level = x.step
    if (level < root.length) return root[level]!
    const guide = heads[level]!
    if (guide >= 0) return tree.thread[guide]!
    const current = x.current
    if (current >= 0 && isEnabled(x, current) && !sleeps(level, current)) return current
    let asleep = false
    for (let t = 0; t < trace.threads; t++) {
      if (!isEnabled(x, t)) continue
      if (!sleeps(level, t)) return t
      asleep = true
    }
    redundant = asleep
    return -1
  }

  /** A new event: its level's first branch is taken, and who sleeps there goes on sleeping unless it depends. */
  function stepped(i: number): void {
    reach(i + 1)
    const node = heads[i]!
    if (node >= 0) {
      heads[i] = tree.sibling[node]!
      heads[i + 1] = tree.child[node]!
      releaseNode(tree, node)
    } else heads[i + 1] = -1
    explored[i + 1] = 0
    const conflicts = CONFLICTS[trace.class[i]!]!
    const start = trace.start[i]!
    const end = trace.end[i]!
    let to = (i + 1) * width
    for (let k = i * width, last = k + sleepers[i]!; k < last; k++) {
      if (((conflicts >> sleepClass[k]!) & 1) === 1 && sleepStart[k]! < end && start < sleepEnd[k]!) continue
      sleepThread[to] = sleepThread[k]!
      sleepClass[to] = sleepClass[k]!
      sleepStart[to] = sleepStart[k]!
      sleepEnd[to] = sleepEnd[k]!
      to++
    }
    sleepers[i + 1] = to - (i + 1) * width
  }

  /**
   * Whether a thread that sleeps at `e` is a weak initial of `notdep(e)` followed by the operation, so that the
   * reversal has been explored already. Mostly answered without building that sequence: a sleeper's first event
   * after `e` is initial iff all it was joined with lies before `e`.
   */
  function covered(e: number, thread: number, cls: number, start: number, end: number): boolean {
    const { thread: threads, class: classes, start: starts, end: ends, met, n, clock, stride } = trace
    const mine = threads[e]!
    const nth = trace.nth[e]!
    for (let k = e * width, to = k + sleepers[e]!; k < to; k++) {
      const q = sleepThread[k]!
      let j = e + 1
      while (j < n && threads[j] !== q) j++
      if (j < n && clock[j * stride + mine]! <= nth) {
        if (met[j]! < e) return true
        continue
      }
      const conflicts = CONFLICTS[sleepClass[k]!]!
      const from = sleepStart[k]!
      const upTo = sleepEnd[k]!
      if (q !== thread && ((conflicts >> cls) & 1) === 1 && start < upTo && from < end) continue
      let independent = true
      for (j = e + 1; j < n && independent; j++) {
        if (((conflicts >> classes[j]!) & 1) === 0 || starts[j]! >= upTo || from >= ends[j]!) continue
        if (clock[j * stride + mine]! <= nth) independent = false
      }
      if (independent) return true
    }
    return false
  }

  /** Event `e` and an operation of `thread` race: plans the executions in which the operation comes first. */
  function reverse(
    e: number,
    thread: number,
    kind: number,
    start: number,
    end: number,
    shape: unknown,
    extra: unknown,
  ) {
    if (e < root.length) return
    const cls = CONDITIONAL[kind] === 1 ? classWithout(x, e, kind, start, shape as Shape | null, extra) : CLASS[kind]!
    if (covered(e, thread, cls, start, end)) return
    if (v.rows.length <= trace.n) v.rows = new Int32Array(trace.capacity + 1)
    const row = spareRow(trace)
    trace.thread[row] = thread
    trace.class[row] = cls
    trace.start[row] = start
    trace.end[row] = end
    const { n, clock, stride } = trace
    const { rows } = v
    const nth = trace.nth[e]!
    let length = 0
    for (let j = e + 1, at = j * stride + trace.thread[e]!; j < n; j++, at += stride) {
      if (clock[at]! <= nth) rows[length++] = j
    }
    rows[length++] = row
    v.length = length
    heads[e] = insert(tree, heads[e]!, trace, v)
  }

  /**
   * A blocking operation races with the latest event without which it could go on. `before`: the thread's last
   * event before it, or -1; `limit`: the operation's own place.
   */
  function reverseBlocking(
    limit: number,
    before: number,
    thread: number,
    kind: number,
    start: number,
    end: number,
    shape: unknown,
    extra: unknown,
  ): void {
    const conflicts = CONFLICTS[CLASS[kind]!]!
    const single = start >> 2 === (end - 1) >> 2
    const reversed: number[] = []
    const chain = single ? trace.head[placeOf(trace, start >> 2)]! : -1
    let a = chain
    let b = single ? trace.head[0]! : trace.n - 1
    while (a >= 0 || b >= 0) {
      let j = a
      if (a > b) a = trace.back[a]!
      else {
        j = b
        b = single ? trace.back[b]! : b - 1
      }
      if (j >= limit || trace.thread[j] === thread || ((conflicts >> trace.class[j]!) & 1) === 0) continue
      if (trace.start[j]! >= end || start >= trace.end[j]!) continue
      if (before >= 0 && happensBefore(trace, j, before)) continue
      if (reversed.some((later) => happensBefore(trace, j, later))) continue
      if (!enabledWithout(x, j, thread, kind, start, shape as Shape | null, extra)) continue
      reverse(j, thread, kind, start, end, shape, extra)
      // Stores to one word are ordered, so the rest happens before this one. Those to several words, or bytes, need not.
      if (kind === LOCK) return
      reversed.push(j)
    }
  }

  function originOf(thread: number, past: number): number {
    return past >= 0 || thread < x.given ? past : x.primitives.parents[thread]!
  }

  function plan(): void {
    const { n, races, racesFrom, kind, thread } = trace
    for (let i = 0; i < n; i++) {
      const t = thread[i]!
      if (BLOCKING[kind[i]!] === 1) {
        if (trace.class[i] === NONE) continue
        const before = originOf(t, trace.past[i]!)
        reverseBlocking(i, before, t, kind[i]!, trace.start[i]!, trace.end[i]!, trace.shape[i], trace.extra[i])
        continue
      }
      const to = i + 1 < n ? racesFrom[i + 1]! : trace.racesLength
      for (let r = racesFrom[i]!; r < to; r++) {
        reverse(races[r]!, t, kind[i]!, trace.start[i]!, trace.end[i]!, trace.shape[i], trace.extra[i])
      }
    }
    for (let t = 0; t < trace.threads; t++) {
      const status = x.status[t]!
      if (status !== READY && status !== LAZY) continue
      const p = x.pending[t]!
      if (BLOCKING[p.kind] === 0) continue
      reverseBlocking(n, originOf(t, trace.last[t]!), t, p.kind, p.start, p.end, p.shape, p.a)
    }
  }

  /** Steps back to the deepest level with a branch left. False: the search is over. */
  function backtrack(): boolean {
    let level = trace.n - 1
    while (level >= root.length && heads[level] === -1) level--
    if (level < root.length) return false
    const k = level * width + sleepers[level]!++
    sleepThread[k] = trace.thread[level]!
    sleepClass[k] = trace.class[level]!
    sleepStart[k] = trace.start[level]!
    sleepEnd[k] = trace.end[level]!
    explored[level]!++
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
      plan()
      if (redundant) return 'redundant'
      return endingOf(x)
    },
    save() {
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
          explored: explored[level]!,
          sleep: Array.from({ length: sleepers[level]! }, (_, k) => {
            const at = level * width + k
            return [sleepThread[at]!, sleepClass[at]!, sleepStart[at]!, sleepEnd[at]!] as const
          }),
          tree: branches(heads[level]!),
        }),
      )
      return { labels: x.labels, levels: saved }
    },
    restore(saved) {
      const { labels, levels: ours } = saved as { labels: string[]; levels: SavedLevel[] }
      restoreHelpers(x, labels)
      const { strategy } = x
      x.strategy = { choose: () => ours[x.step]?.thread ?? -1, stepped }
      run(x)
      x.strategy = strategy
      begun = true
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
          else heads[level] = node
          last = node
          grow(children, node, level)
        }
      }
      ours.forEach(({ explored: count, sleep, tree: nodes }, level) => {
        explored[level] = count
        sleepers[level] = sleep.length
        sleep.forEach(([thread, cls, start, end], k) => {
          const at = level * width + k
          sleepThread[at] = thread
          sleepClass[at] = cls
          sleepStart[at] = start
          sleepEnd[at] = end
        })
        heads[level] = -1
        grow(nodes, -1, level)
      })
    },
    get peakNodes() {
      return tree.peak
    },
    progress() {
      let done = 0
      let share = 1
      for (let level = 0; level < trace.n; level++) {
        let left = 0
        for (let node = heads[level]!; node >= 0; node = tree.sibling[node]!) left++
        const branches = explored[level]! + 1 + left
        share /= branches
        done += share * explored[level]!
      }
      return done + share
    },
  }
}
