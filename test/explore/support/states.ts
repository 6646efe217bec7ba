/**
 * Plain search over states, which knows nothing of the engine; and what it says, held against the explorer.
 */
import { expect } from 'vitest'
import type { Result } from '../../../src/explore/index.ts'

/** What `told` says of all states without a next one; undefined if there are more states than that. */
export function endsOfStates<State>(
  first: State,
  successors: (state: State) => readonly State[],
  told: (state: State) => string,
  limit: number,
): ReadonlySet<string> | undefined {
  const seen = new Set([JSON.stringify(first)])
  const open = [first]
  const ends = new Set<string>()
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.size > limit) return undefined
    const nexts = successors(state)
    if (nexts.length === 0) ends.add(told(state))
    for (const next of nexts) {
      const key = JSON.stringify(next)
      if (seen.has(key)) continue
      seen.add(key)
      open.push(next)
    }
  }
  return ends
}

/** Expects nothing else among the outcomes than that; and all of it, where the search came to its end: then true. */
export function expectOutcomes(result: Result, expected: ReadonlySet<string>, told: string): boolean {
  const found = new Set(result.outcomes.map(({ outcome }) => outcome))
  expect(result.violation, told).toBeNull()
  expect(
    [...found].filter((each) => !expected.has(each)),
    `invented in ${told}`,
  ).toEqual([])
  expect(result.redundant, told).toBe(0)
  if (!result.exhaustive) return false
  expect(
    [...expected].filter((each) => !found.has(each)),
    `lost in ${told}`,
  ).toEqual([])
  return true
}
