/**
 * The storage itself, every interleaving of it: the scenarios of props/scenarios, on the unmodified files of src/shared
 * and src/sync. The plugin instruments those; this file it leaves alone.
 *
 * The number of traces depends on how many shared words the code touches and in what order, so it changes with the
 * code. The outcomes do not.
 */

import { describe, expect, it } from 'vitest'
import { firstStorage, firstStorageOfTwoMaps } from '../../props/scenarios/first-storage.ts'
import { getAgainstDelete } from '../../props/scenarios/get-against-delete.ts'
import { overflowAgainstDelete, overflowOfTwoMaps } from '../../props/scenarios/overflow.ts'
import {
  rcuSocketDeathAgainstMapFree,
  socketDeathAgainstMapFree,
  socketDeathOfTwoMaps,
} from '../../props/scenarios/socket-death-against-map-free.ts'
import { check } from '../../src/explore/explore.ts'
import type { Result, Scenario } from '../../src/explore/result.ts'

const TIME = 120_000

/** Explores all of it. Every detector is on, leaks included. */
function all<Context>(scenario: Scenario<Context>): Result {
  const result = check(scenario, { keepGoing: true })
  expect(result.violation?.message).toBeUndefined()
  expect(result).toMatchObject({ exhaustive: true, redundant: 0, blocked: 0, failing: 0 })
  expect(result.executions).toBe(result.complete)
  return result
}

const outcomes = ({ outcomes }: Result): Record<string, number> =>
  Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count]))

describe('two CPUs create the first storage of a socket (C5, C6)', () => {
  it(
    'both get the element only if one came after the other; else the loser undoes everything',
    () => {
      const result = all(firstStorage)
      expect(result.complete).toBe(154)
      expect(outcomes(result)).toEqual({ 'true | true': 2, 'true | false': 76, 'false | true': 76 })
    },
    TIME,
  )

  it(
    'of two maps, likewise: the storage is one',
    () => {
      const result = all(firstStorageOfTwoMaps)
      expect(result.complete).toBe(160)
      expect(outcomes(result)).toEqual({ 'true | true': 32, 'true | false': 64, 'false | true': 64 })
    },
    TIME,
  )
})

describe('a lookup against a deletion (C1)', () => {
  it(
    'gives the value or nothing, and never what has been freed',
    () => {
      const result = all(getAgainstDelete)
      expect(result.complete).toBe(17)
      expect(outcomes(result)).toEqual({ '7 | 0': 8, '0 | 0': 9 })
    },
    TIME,
  )
})

describe('the overflow table behind the cache (C1)', () => {
  it(
    'gives the value or nothing while the element is deleted, and never what has been freed',
    () => {
      const result = all(overflowAgainstDelete)
      expect(result.complete).toBe(34)
      expect(outcomes(result)).toEqual({ '[16,16] | 0': 6, '[16,0] | 0': 21, '[0,0] | 0': 7 })
    },
    TIME,
  )

  it(
    'is made once, by the first of two that need it',
    () => {
      const result = all(overflowOfTwoMaps)
      expect(result.complete).toBe(4)
      expect(outcomes(result)).toEqual({ '[16,16] | [17,17]': 4 })
    },
    TIME,
  )
})

describe('a socket dies while a map of it is freed (C2, C10 to C13)', () => {
  // What both remove is freed once and uncharged once: the detectors of leaks and double frees say so at each end.
  it('at once', () => expect(all(socketDeathAgainstMapFree).complete).toBe(345), TIME)

  it('after a grace period', () => expect(all(rcuSocketDeathAgainstMapFree).complete).toBe(1369), TIME)

  it('with an element of another map', () => expect(all(socketDeathOfTwoMaps).complete).toBe(7416), TIME)
})
