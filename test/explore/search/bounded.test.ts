import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { litmus } from '../../../src/explore/litmus.ts'
import { createBounded } from '../../../src/explore/search/bounded.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { answering } from '../support/counting.ts'

function countWithin(text: string, bound: number): number {
  const { threads } = litmus(text)
  const x = createExecution(threads, [])
  return answering(x, () => {
    const search = createBounded(x, bound)
    let count = 0
    while (nextExecution(x, search) !== undefined) count++
    return count
  })
}

describe('a bound on preemptions loses no trace inside it', () => {
  for (const [name, text, counts] of [
    ['SB', 'W x 1; R y | W y 1; R x', [2, 3]],
    ['CoRR', 'W x 1; W x 2 | R x; R x', [2, 4, 6]],
    ['CoRR2', 'W x 1 | W x 2 | R x; R x | R x; R x', [18, 54, 72]],
    ['IRIW', 'W x 1 | R x; R y | R y; R x | W y 1', [14, 15]],
    ['JLT', 'W x 1; R y; R x | W x 2; R x | W y 3', [4, 8]],
    ['Z6.U', 'W x 1; W y 1 | A y 1; R y | W y 3; R x', [6, 15, 18]],
    ['deadlock01', 'L a; L b; U b; U a | L b; L a; U a; U b', [2, 3]],
    ['mutex_deadlock', 'L m; A x 1 | L m; A x 1 | L m; A x 1', [3]],
    ['wrw(3)', 'W x 1 | R x; W x 0 | R x; W x 1 | R x; W x 2', [24, 132, 264, 300]],
  ] as const) {
    it(`${name}: ${counts.join(', ')} traces with at most 0, 1, ... preemptions`, () => {
      expect(counts.map((_, bound) => countWithin(text, bound))).toEqual(counts)
      expect(countWithin(text, 10)).toBe(counts.at(-1))
    })
  }
})
