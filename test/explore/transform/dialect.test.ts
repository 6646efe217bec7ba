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
  const left = new Map<string, number>()
  for (let number = 0; number < COUNT; number++) {
    const program = programOf(seed, number)
    if (difference(program, left) === undefined) continue
    const small = smallest(program)
    const { ours, plain } = difference(small)!
    expect(ours, `program ${number} of SEED=${seed}:\n${small.statements.join('\n')}`).toEqual(plain)
  }
  const count = [...left.values()].reduce((sum, each) => sum + each, 0)
  console.log(`${count} of ${COUNT} programs left out`, Object.fromEntries(left))
  // Else the judge would have nothing to judge.
  expect(count).toBeLessThan(COUNT / 20)
})
