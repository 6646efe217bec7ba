/**
 * Memory that runs out at every place where it can: through each public operation the n-th allocation fails, for n = 1,
 * 2, ... until the operation needs no more. It must then say so, and leave behind nothing allocated, linked, charged or
 * reserved.
 */

import { describe, expect, it } from 'vitest'
import { progLoad } from '../../src/shared/bpf-prog.ts'
import { hashMapUpdateElem } from '../../src/shared/hash-map.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate, mapGetFdById } from '../../src/shared/map.ts'
import { HEADER, SOCK } from '../../src/shared/records.ts'
import { failslab } from '../../src/shared/sanitizer.ts'
import { sockAccept } from '../../src/shared/sk-clone.ts'
import { fdLookupElem, fdUpdateElem, skStorageGet } from '../../src/shared/sk-storage.ts'
import { kmalloc, liveObjects } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { SOCK_DGRAM, TCP_LISTEN } from '../../src/shared/sock.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import {
  COUNTER,
  house,
  MODES,
  mapOf,
  onAtomics,
  reading,
  SK_STORAGE_MAP,
  settle,
  socket,
  storageMap,
} from './setting.ts'

const ENOMEM = -12

/** A listener with an element of each of two cloned maps, an empty socket, and a hash map with one element. */
function setting(sanitize = true) {
  const here = house({ sanitize, maxFds: 64 })
  const { cpu, words } = here
  const maps = [storageMap(cpu, { ...COUNTER, flags: 513 }), storageMap(cpu, { flags: 513 })]
  const listener = socket(cpu, { state: TCP_LISTEN })
  const empty = socket(cpu)
  for (const { map } of maps) fdUpdateElem(cpu, map, listener.fd, Int32Array.of(1, 0), 0)
  const hash = mapOf(cpu, mapCreate(cpu, { type: 1, keySize: 4, valueSize: 4, maxEntries: 10, flags: 0 }))
  hashMapUpdateElem(cpu, hash, Int32Array.of(1), 0, Int32Array.of(1), 0)
  settle(here)
  return { ...here, map: maps[0].map, listener, empty, hash, sockets: [listener, empty], words }
}

type Setting = ReturnType<typeof setting>

/** All that a failed operation must leave as it was. */
function state({ memory, cpu, words, sockets, map, listener }: Setting) {
  const value = new Int32Array(2)
  fdLookupElem(cpu, map, listener.fd, value, 0)
  return {
    live: liveObjects(memory),
    charged: sockets.map(({ sk }) => words[sk + SOCK.omemAlloc]),
    references: sockets.map(({ sk }) => words[sk + SOCK.refcount]),
    fdHint: words[HEADER.fdHint],
    cacheUsage: [...words.slice(HEADER.cacheUsage, HEADER.cacheUsage + 16)],
    value: [...value],
    wrong: checkInvariants(cpu),
  }
}

/** Each operation: what it answers without memory, how many allocations it makes, and how it is called. */
const OPERATIONS: [string, number, number, (here: Setting) => number][] = [
  ['socketCreate', ENOMEM, 2, ({ cpu }) => socketCreate(cpu, {})],
  ['socketCreate of UDP', ENOMEM, 2, ({ cpu }) => socketCreate(cpu, { type: SOCK_DGRAM })],
  ['mapCreate of sk storage', ENOMEM, 3, ({ cpu }) => mapCreate(cpu, SK_STORAGE_MAP)],
  [
    'mapCreate of a hash map',
    ENOMEM,
    5,
    ({ cpu }) => mapCreate(cpu, { type: 1, keySize: 4, valueSize: 4, maxEntries: 10, flags: 0 }),
  ],
  ['mapGetFdById', ENOMEM, 1, ({ cpu }) => mapGetFdById(cpu, 1)],
  ['progLoad', ENOMEM, 1, ({ cpu, map }) => progLoad(cpu, [map])],
  [
    'fdUpdateElem of a first element',
    ENOMEM,
    2,
    ({ cpu, map, empty }) => fdUpdateElem(cpu, map, empty.fd, Int32Array.of(2, 0), 0),
  ],
  [
    'fdUpdateElem of a first element with BPF_F_LOCK',
    ENOMEM,
    2,
    ({ cpu, map, empty }) => fdUpdateElem(cpu, map, empty.fd, Int32Array.of(2, 0), 5),
  ],
  [
    'fdUpdateElem that replaces',
    ENOMEM,
    1,
    ({ cpu, map, listener }) => fdUpdateElem(cpu, map, listener.fd, Int32Array.of(2, 0), 0),
  ],
  [
    'fdUpdateElem in place',
    ENOMEM,
    0,
    ({ cpu, map, listener }) => fdUpdateElem(cpu, map, listener.fd, Int32Array.of(2, 0), 4),
  ],
  [
    'skStorageGet that creates',
    0,
    2,
    ({ cpu, map, empty }) => reading(cpu, () => skStorageGet(cpu, map, empty.sk, null, 1)),
  ],
  ['sockAccept with two clones', ENOMEM, 5, ({ cpu, listener }) => sockAccept(cpu, listener.fd)],
  [
    'hashMapUpdateElem of a new key',
    ENOMEM,
    0,
    ({ cpu, hash }) => hashMapUpdateElem(cpu, hash, Int32Array.of(2), 0, Int32Array.of(2), 0),
  ],
  [
    'hashMapUpdateElem that replaces',
    ENOMEM,
    0,
    ({ cpu, hash }) => hashMapUpdateElem(cpu, hash, Int32Array.of(1), 0, Int32Array.of(2), 0),
  ],
]

describe('without memory at the n-th allocation', () => {
  it.each(OPERATIONS)(
    '%s answers %i and leaves nothing behind, for each of its %i allocations',
    (_, err, count, call) => {
      for (let n = 1; n <= count; n++) {
        const here = setting()
        const before = state(here)
        failslab(here.words, n)
        expect([n, call(here)]).toEqual([n, err])
        expect(here.words[HEADER.failslab]).toBe(0)
        settle(here)
        expect(state(here)).toEqual(before)
        // Once there is memory again it succeeds.
        const again = call(here)
        expect(again === err && err === 0 ? 'nothing' : again).toBeGreaterThanOrEqual(0)
        settle(here)
        expect(checkInvariants(here.cpu)).toEqual([])
      }
      const here = setting()
      failslab(here.words, count + 1)
      expect(call(here)).not.toBe(err === 0 ? 0 : ENOMEM)
      expect(here.words[HEADER.failslab]).toBe(1)
    },
  )
})

it('an element whose storage finds none goes at once: nobody has seen it, so it waits for no grace period', () => {
  const here = setting()
  const { memory, cpu, words, map, empty } = here
  const before = liveObjects(memory)
  failslab(words, 2)
  expect(fdUpdateElem(cpu, map, empty.fd, Int32Array.of(2, 0), 0)).toBe(ENOMEM)
  expect(liveObjects(memory)).toEqual(before)
})

it('a replacement that finds none takes no charge back, since it made none', () => {
  const { cpu, words, map, listener } = setting()
  const touched: number[] = []
  for (const step of ['add', 'sub', 'compareExchange'] as const) onAtomics(step, (at) => touched.push(at))
  failslab(words, 1)
  expect(fdUpdateElem(cpu, map, listener.fd, Int32Array.of(2, 0), 0)).toBe(ENOMEM)
  expect(touched).not.toContain(listener.sk + SOCK.omemAlloc)
})

describe('with memory really used up', () => {
  it.each(MODES)('every operation says so and leaves nothing behind ($mode)', ({ sanitize }) => {
    for (const [name, err, count, call] of OPERATIONS) {
      if (count === 0) continue
      const here = setting(sanitize)
      for (const size of [1 << 18, 1 << 14, 1024, 128, 64, 48, 32, 16, 1])
        while (kmalloc(here.cpu, KIND.prog, size) !== 0);
      const before = state(here)
      expect([name, call(here)]).toEqual([name, err])
      settle(here)
      expect([name, state(here)]).toEqual([name, before])
    }
  })
})
