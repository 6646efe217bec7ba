/**
 * Generated programs of the whole dialect, plainly and in a twin, on one thread: what they print, in which order, what
 * they throw, and what they leave in shared memory.
 */

import { expect, it } from 'vitest'
import { LONG, seedOf } from '../../share.ts'
import { programOf } from '../support/dialect-programs.ts'
import { difference, smallest } from '../support/dialect-runs.ts'

const COUNT = LONG ? 10_000 : 300

it(`${COUNT} generated programs do the same plainly and in a twin`, { timeout: 3_600_000 }, () => {
  const seed = seedOf(`${COUNT} programs of the dialect`)
  const refusals = new Map<string, number>()
  for (let number = 0; number < COUNT; number++) {
    const program = programOf(seed, number)
    if (difference(program, refusals) === undefined) continue
    const small = smallest(program)
    const { ours, plain } = difference(small)!
    expect(ours, `program ${number} of SEED=${seed}:\n${small.statements.join('\n')}`).toEqual(plain)
  }
  const refused = [...refusals.values()].reduce((sum, each) => sum + each, 0)
  console.log(`${refused} of ${COUNT} programs refused`, Object.fromEntries(refusals))
  // Only what the dialect's page says is refused may be, or the judge would have nothing to judge.
  expect(refused).toBeLessThan(COUNT / 10)
})
