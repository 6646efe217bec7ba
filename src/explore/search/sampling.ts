/**
 * Sampling strategies: one schedule after another, each drawn anew.
 *
 * - random: any thread that can go on, with equal chance.
 * - pct: random priorities and d - 1 places where the running thread drops below all others. Finds a bug of depth d
 *   with probability of at least 1 / (n k^(d-1)) per run, n threads, k steps; k is measured by the runs before.
 *   Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010.
 * - pos: random priorities, drawn anew for threads whose next operation races with the one performed. Yuan, Yang,
 *   Gu, CAV 2018.
 * - surw: the operations on one shared word, drawn for each run, are interleaved uniformly by how many of them each
 *   thread has left; the rest goes at random. Zhao and others, ASPLOS 2025.
 */
import { below, createRandom, fraction, type Random } from '../../random/random.ts'
import { dependent, NONE, W } from '../engine/access.ts'
import { type Ending, endingOf } from '../engine/ending.ts'
import { run } from '../engine/execution.ts'
import { classNow, isEnabled } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { truncate } from '../engine/trace.ts'

/** A sampling strategy: a random walk, PCT with its `depth`, partial-order sampling, or SURW. */
export type SamplingName = 'random' | 'pct' | 'pos' | 'surw'

/** One way to draw schedules. */
interface Policy {
  begin(random: Random): void
  choose(enabled: readonly number[]): number
  /** Event `i` is about to be performed. */
  stepped(i: number): void
}

export interface Sampler {
  /** Knuth's estimate of how many schedules there are: the mean product of branchings. Only `random` can tell. */
  space(): number | undefined
  /** What the next draws depend on, as JSON can hold it. */
  save(): SavedSampler
  /** Continues where `save` was called. Before the first `next`. */
  restore(saved: SavedSampler): void
  /** Runs one more execution. */
  next(): Ending
  /** What to pass as the seed to have the last execution drawn first. */
  readonly lastSeed: number
}

/** Where a sampler stood. */
export interface SavedSampler {
  readonly drawn: number
  /** The sum of the products of branchings. */
  readonly sum: number
  readonly steps: number
  readonly perWord: readonly (readonly [number, readonly (number | null)[]])[]
}

/** Draws schedules by that strategy. `depth` is pct's d. */
export function createSampler(x: Execution, name: SamplingName, seed: number, depth = 3): Sampler {
  const { trace } = x
  const measured: Measured = { steps: 0, perWord: new Map() }
  const policy = { random, pct: () => pct(x, measured, depth), pos: () => pos(x), surw: () => surw(x, measured) }[
    name
  ]()
  let drawn = 0
  let lastSeed = seed
  const enabled: number[] = []
  let branchings = 1
  let sum = 0
  const strategy = {
    choose() {
      enabled.length = 0
      for (let t = 0; t < trace.threads; t++) if (isEnabled(x, t)) enabled.push(t)
      if (enabled.length > 1) branchings *= enabled.length
      return enabled.length === 0 ? -1 : enabled.length === 1 ? enabled[0] : policy.choose(enabled)
    },
    stepped: (i: number) => policy.stepped(i),
  }
  return {
    space: () => (name === 'random' && drawn > 0 ? sum / drawn : undefined),
    save: () => ({ drawn, sum, steps: measured.steps, perWord: [...measured.perWord] }),
    restore(saved) {
      drawn = saved.drawn
      sum = saved.sum
      measured.steps = saved.steps
      // JSON has null where no thread of that number touches the word.
      for (const [word, counts] of saved.perWord)
        measured.perWord.set(
          word,
          counts.map((count) => count ?? 0),
        )
    },
    next() {
      lastSeed = (seed + drawn++) | 0
      truncate(trace, 0)
      branchings = 1
      policy.begin(createRandom(lastSeed))
      run(x, strategy)
      measure(x, measured)
      sum += branchings
      return endingOf(x)
    },
    get lastSeed() {
      return lastSeed
    },
  }
}

/** What earlier runs told about the program's size. */
interface Measured {
  steps: number
  /** word address -> events on it by thread. */
  perWord: Map<number, number[]>
}

function measure(x: Execution, measured: Measured): void {
  const { trace } = x
  measured.steps = Math.max(measured.steps, trace.n)
  if (measured.perWord.size > 0) return
  const stores = new Set<number>()
  for (let i = 0; i < trace.n; i++) {
    const word = trace.address[i] >> 2
    if (trace.class[i] === NONE) continue
    const counts = measured.perWord.get(word) ?? []
    counts[trace.thread[i]] = (counts[trace.thread[i]] ?? 0) + 1
    measured.perWord.set(word, counts)
    if (trace.class[i] === W) stores.add(word)
  }
  for (const [word, counts] of measured.perWord) {
    if (!stores.has(word) || counts.filter((count) => count > 0).length < 2) measured.perWord.delete(word)
  }
}

function random(): Policy {
  let draw: Random
  return {
    begin(r) {
      draw = r
    },
    choose: (enabled) => enabled[below(draw, enabled.length)],
    stepped() {},
  }
}

function pct(x: Execution, measured: Measured, depth: number): Policy {
  let priorities: number[] = []
  let drops = new Map<number, number>()
  let draw: Random
  const priority = (t: number) => (priorities[t] ??= depth + fraction(draw))
  return {
    begin(r) {
      draw = r
      priorities = []
      // Drawn in the order of threads, not in the order in which they are first looked at.
      for (let t = 0; t < x.trace.threads; t++) priority(t)
      drops = new Map()
      for (let k = 1; k < depth; k++) drops.set(below(draw, Math.max(1, measured.steps)), depth - k)
    },
    choose(enabled) {
      let best = enabled[0]
      for (const t of enabled) if (priority(t) > priority(best)) best = t
      const drop = drops.get(x.position.step)
      if (drop === undefined) return best
      drops.delete(x.position.step)
      priorities[best] = drop
      let next = enabled[0]
      for (const t of enabled) if (priority(t) > priority(next)) next = t
      return next
    },
    stepped() {},
  }
}

function pos(x: Execution): Policy {
  let priorities: number[] = []
  let draw: Random
  const priority = (t: number) => (priorities[t] ??= fraction(draw))
  return {
    begin(r) {
      draw = r
      priorities = []
    },
    choose(enabled) {
      let best = enabled[0]
      for (const t of enabled) if (priority(t) > priority(best)) best = t
      return best
    },
    stepped(i) {
      const { trace } = x
      for (let t = 0; t < trace.threads; t++) {
        const p = x.position.pending[t]
        const races =
          t === trace.thread[i] ||
          (isEnabled(x, t) && dependent(classNow(x, p), p.start, p.end, trace.class[i], trace.start[i], trace.end[i]))
        if (races) delete priorities[t]
      }
    },
  }
}

function surw(x: Execution, measured: Measured): Policy {
  let draw: Random
  let word = -1
  let left: number[] = []
  let intended = -1
  const intend = () => {
    let sum = 0
    for (const count of left) sum += count ?? 0
    intended = -1
    let at = fraction(draw) * sum
    left.forEach((count, t) => {
      if (intended < 0 && (at -= count ?? 0) < 0) intended = t
    })
  }
  const onWord = (t: number) => x.position.pending[t].start >> 2 === word
  return {
    begin(r) {
      draw = r
      const words = [...measured.perWord.keys()]
      word = words.length === 0 ? -1 : words[below(draw, words.length)]
      left = [...(measured.perWord.get(word) ?? [])]
      intend()
    },
    choose(enabled) {
      const free = enabled.filter((t) => !onWord(t) || t === intended)
      const among = free.length > 0 ? free : enabled
      return among[below(draw, among.length)]
    },
    stepped(i) {
      const t = x.trace.thread[i]
      if (x.trace.address[i] >> 2 !== word) return
      left[t] = Math.max(0, (left[t] ?? 0) - 1)
      intend()
    },
  }
}
