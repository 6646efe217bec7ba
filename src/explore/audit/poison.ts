/**
 * What stands in shared memory while it is hidden: any number but the one that belongs there.
 */

import type { Execution } from '../engine/state.ts'

/**
 * Two numbers that hardly any program holds. The first is small, since what is read unseen may be a length; of the
 * second every byte is another one than the bytes of small numbers.
 */
const PATTERN = 0x1d3b
const OTHER = ~0x015ba73d

/** Which poison, by the flat address of an aligned word and the value that stands there, which it must differ from. */
export interface Poison {
  of(word: number, value: number): number
  /** What it is for all words but `others`, and those that hold this number; undefined: not known beforehand. */
  readonly mostly: number | undefined
  readonly others: Iterable<number>
}

export type PoisonName = 'pattern' | 'other values'

/** What executions are audited under. */
export const POISONS: readonly PoisonName[] = ['pattern', 'other values']

export function poisonNamed(name: PoisonName, x: Execution): Poison {
  return name === 'pattern' ? pattern : poisonOfOtherValues(x)
}

const pattern: Poison = { of: (_, value) => (value === PATTERN ? OTHER : PATTERN), mostly: PATTERN, others: [] }
/** None: the values themselves. */
export const nothing: Poison = { of: (_, value) => value, mostly: undefined, others: [] }

/** Poison that a comparison can meet: another value that the word has in this execution. */
function poisonOfOtherValues({ trace, memory }: Execution): Poison {
  const values = new Map<number, Set<number>>()
  const note = (word: number, value: number): void => {
    const known = values.get(word)
    if (known === undefined) values.set(word, new Set([value]))
    else known.add(value)
  }
  for (let i = 0; i < trace.n; i++) {
    if (trace.shape[i] === null || trace.limit[i] - trace.address[i] > 4) continue
    note(trace.address[i] & ~3, trace.oldLow[i])
    note(trace.address[i] & ~3, trace.newLow[i])
  }
  for (const { base, savedWords } of memory.regions)
    for (const [word, known] of values) {
      const at = (word - base) >> 2
      if (word >= base && at < savedWords.length) known.add(savedWords[at])
    }
  const of = (word: number, value: number): number => {
    for (const other of values.get(word) ?? []) if (other !== value) return other
    return value === OTHER ? PATTERN : OTHER
  }
  return { of, mostly: OTHER, others: [...values.keys()] }
}
