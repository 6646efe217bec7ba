/**
 * The scenarios of the storage with their objects at other addresses: on other buckets, from other magazines, behind
 * other padding (props/scenarios/layout.ts). A finding or an outcome may not depend on a lucky address.
 *
 * Each run takes a few scenarios in one layout each, drawn by SEED; LONG=1 takes all of them in several.
 */

import { describe, expect, it } from 'vitest'
import { scenariosOf, ways } from '../../mutation/ground.ts'
import { setting } from '../../props/scenarios/setting.ts'
import { check } from '../../src/explore/explore.ts'
import { createRandom, nextBits } from '../../src/random/random.ts'
import type { Selem } from '../../src/shared/pointer.ts'
import { MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { selemBucket } from '../../src/shared/sk-storage-elem.ts'
import { LONG, seedOf, shareOf } from '../share.ts'
import { EDITED, IN_OTHER_LAYOUTS, OUTCOMES } from './outcomes.ts'

/** How far each is explored: most to their end. */
const MOST = LONG ? 2_000 : 100

const expected: Readonly<Record<string, readonly string[]>> = Object.assign({}, EDITED, ...Object.values(OUTCOMES))
const random = createRandom(seedOf('layouts'))
const layouts = Array.from({ length: LONG ? 4 : 1 }, () => (nextBits(random) % 1_000_000) + 1)

/** Files, not scenarios: those of one file are loaded together. */
const files = shareOf('files of scenarios, in other layouts', ways(), 2)

describe.each(layouts)('in layout %i', (layout) => {
  it.each(files.map((way) => [`${way.file}${way.raw ? ' raw' : ''}`, way] as const))(
    '%s: nothing is found, and no outcome is another',
    async (_, way) => {
      for (const [name, scenario] of await scenariosOf(way, [], layout)) {
        const result = check(scenario, { keepGoing: true, shrink: false, raw: way.raw, maxExecutions: MOST })
        const { violation, redundant, blocked } = result
        expect({ name, violation: violation?.message, redundant, blocked }).toEqual({ name, redundant: 0, blocked: 0 })
        const known = [...(expected[name].length === 0 ? [''] : expected[name]), ...(IN_OTHER_LAYOUTS[name] ?? [])]
        const others = result.outcomes.map(({ outcome }) => outcome).filter((outcome) => !known.includes(outcome))
        expect(others, name).toEqual([])
      }
    },
  )
})

describe('a layout', () => {
  /** The bucket of an element that setup made, counted from the first. */
  const bucketIn = (layout: number): number => {
    const { memory, maps, sockets } = setting({ elements: 1, layout })
    const { words } = memory
    const storage = words[sockets[0] + SOCK.storage]
    const selem = (words[storage + SK_STORAGE.list] - SELEM.snode) as Selem
    return selemBucket(words, maps[0], selem) - words[maps[0] + MAP.buckets]
  }

  it('is the same for the same number, and puts an element on any bucket', () => {
    const all = Array.from({ length: 40 }, (_, layout) => bucketIn(layout))
    expect(Array.from({ length: 40 }, (_, layout) => bucketIn(layout))).toEqual(all)
    const { words } = setting().memory
    const { maps } = setting()
    expect(new Set(all).size).toBe(1 << words[maps[0] + MAP.bucketLog])
  })
})
