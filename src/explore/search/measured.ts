/**
 * What a sample's executions so far told about the program's size, for samplers that divide their chances by it.
 */
import { NONE, W } from '../engine/access.ts'
import type { Trace } from '../engine/trace.ts'

export interface Measured {
  /** The most steps that an execution had. */
  steps: number
  /**
   * The address of each word that threads compete for -> how many events each thread had on it, in the first execution.
   */
  readonly perWord: Map<number, number[]>
}

export const createMeasured = (): Measured => ({ steps: 0, perWord: new Map() })

/** Adds what an execution tells. */
export function measure(trace: Trace, measured: Measured): void {
  measureSteps(measured, trace.n, (i) => {
    if (trace.class[i] === NONE) return undefined
    return { thread: trace.thread[i], word: trace.address[i] >> 2, stores: trace.class[i] === W }
  })
}

/** What an event does to a word. */
interface Touch {
  readonly thread: number
  readonly word: number
  readonly stores: boolean
}

/** The same of an execution of so many events; those that touch nothing are undefined. */
export function measureSteps(measured: Measured, steps: number, touchOf: (i: number) => Touch | undefined): void {
  const { perWord } = measured
  measured.steps = Math.max(measured.steps, steps)
  if (perWord.size > 0) return
  const stored = new Set<number>()
  for (let i = 0; i < steps; i++) {
    const touch = touchOf(i)
    if (touch === undefined) continue
    const { thread, word, stores } = touch
    const counts = perWord.get(word) ?? []
    counts[thread] = (counts[thread] ?? 0) + 1
    perWord.set(word, counts)
    if (stores) stored.add(word)
  }
  for (const [word, counts] of perWord) {
    if (!stored.has(word) || counts.filter((count) => count > 0).length < 2) perWord.delete(word)
  }
}

/** Takes up what was saved. JSON has null where no thread of that number touches the word. */
export function restoreMeasured(
  measured: Measured,
  steps: number,
  perWord: readonly (readonly [number, readonly (number | null)[]])[],
): void {
  measured.steps = steps
  for (const [word, counts] of perWord)
    measured.perWord.set(
      word,
      counts.map((count) => count ?? 0),
    )
}
