/** Which scenarios judge a planted fault, and in which order. */

import { describe, expect, it } from 'vitest'
import { judgesOf, type Known } from '../../mutation/judges.ts'
import { mutantsOf } from '../../mutation/operators.ts'

const FILE = 'src/sync/some.ts'
const TEXT = `export function first(words: Int32Array): void {
  spinLock(0, 1)
  Atomics.store(words, 0, 1)
  spinUnlock(0, 1)
}

export function second(words: Int32Array): number {
  return Atomics.load(words, 0)
}
`
const STORE = 3
const [BOTH, MET, EXECUTED] = [0, 1, 2]

/** A scenario of so many traces, and how near it comes to lines. */
const scenario = (name: string, traces: number, lines: Record<number, number>, file = FILE): Known => ({
  judge: { way: { file: 'some.ts', raw: false, edits: [] }, name, traces, outcomes: [], atLine: false },
  lines: new Map([[file, new Map(Object.entries(lines).map(([line, near]) => [Number(line), near]))]]),
})

const mutant = mutantsOf(TEXT).find(({ line, operator }) => line === STORE && operator === 'atomic to plain')!

const asked = (...known: Known[]) => judgesOf(known, FILE, TEXT, mutant).map(({ name, atLine }) => `${name} ${atLine}`)

describe('the judges of a fault', () => {
  it('come by what they have seen at its line, the small ones first', () => {
    const known = [
      scenario('function', 1, { 1: BOTH }),
      scenario('executed', 1, { [STORE]: EXECUTED }),
      scenario('met', 1, { [STORE]: MET }),
      scenario('large', 900, { [STORE]: BOTH }),
      scenario('small', 9, { [STORE]: BOTH }),
    ]
    expect(asked(...known)).toEqual(['small true', 'large true', 'met true', 'executed true', 'function false'])
  })

  it('are those of its file only where none comes to its function', () => {
    const elsewhere = scenario('elsewhere', 1, { 8: BOTH })
    expect(asked(elsewhere)).toEqual(['elsewhere false'])
    expect(asked(elsewhere, scenario('here', 1, { 5: EXECUTED }))).toEqual(['here false'])
    expect(asked(scenario('other file', 1, { [STORE]: BOTH }, 'src/sync/other.ts'))).toEqual([])
  })
})
