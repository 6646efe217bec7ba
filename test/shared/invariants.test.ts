import { describe, expect, it } from 'vitest'
import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { btfLoad } from '../../src/shared/btf/object.ts'
import { FILE_BTF, fdReserve } from '../../src/shared/fd-table.ts'
import { hashMapUpdateElem } from '../../src/shared/hash-map.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate } from '../../src/shared/map.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import {
  BTF,
  BUCKET,
  FILE,
  HASH_BUCKET,
  HEADER,
  HLIST_NODE,
  MAP,
  OVERFLOW,
  SELEM,
  SK_STORAGE,
  SOCK,
} from '../../src/shared/records.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { sdataOf, selemBucket } from '../../src/shared/sk-storage-elem.ts'
import { DEPOT } from '../../src/shared/slab-layout.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { lookup, socketWithMaps } from './many-maps.ts'
import { COUNTER, elemOf, elemsOfMap, house, list, mapOf, settle, socket, storageMap, storageOf } from './setting.ts'

const { bytes: BYTES, keyTypeId, valueTypeId } = mapBtf(struct('v', { n: u32 }) as never)

/**
 * A memory in good order: maps 1 (a counter with a lock) and 2, a hash map 3 with one element, two sockets with an
 * element of each, and map 1's cached.
 */
function orderly() {
  const here = house({ maxFds: 32 })
  const { cpu, words } = here
  const first = storageMap(cpu, COUNTER)
  const second = storageMap(cpu)
  const hashFd = mapCreate(cpu, { type: 1, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 })
  const hash = mapOf(cpu, hashFd)
  hashMapUpdateElem(cpu, hash, Int32Array.of(1), 0, Int32Array.of(1), 0)
  const a = socket(cpu)
  const b = socket(cpu)
  for (const { fd } of [a, b])
    for (const { map } of [first, second]) {
      fdUpdateElem(cpu, map, fd, new Int32Array(2), 0)
      fdLookupElem(cpu, map, fd, new Int32Array(2), 0)
    }
  settle(here)
  const fileOf = (fd: number) => words[words[HEADER.fds] + fd]
  return {
    ...here,
    first: first.map,
    second: second.map,
    firstFd: first.fd,
    hash,
    a: a.sk,
    b: b.sk,
    aFd: a.fd,
    storage: storageOf(words, a.sk),
    selem: elemOf(words, a.sk, first.map),
    fileOf,
  }
}

type Orderly = ReturnType<typeof orderly>

/** Moves an element to the front of another list. */
function moveTo(words: Int32Array, node: number, head: number): void {
  const at = words[node + HLIST_NODE.pprev]
  const next = words[node]
  words[at] = next
  if (next !== 0) words[next + HLIST_NODE.pprev] = at
  words[node] = words[head]
  if (words[head] !== 0) words[words[head] + HLIST_NODE.pprev] = node
  words[node + HLIST_NODE.pprev] = head
  words[head] = node
}

/** Each violation: what is broken by hand, and the sentence that must be among those reported. */
const VIOLATIONS: [string, (here: Orderly) => string][] = [
  [
    'a read section that is open',
    ({ words, cpu }) => {
      words[cpu.base + PERCPU.nesting] = 2
      return 'CPU 0 is inside a read section of depth 2'
    },
  ],
  [
    'a lock that a CPU counts as held',
    ({ words, other }) => {
      words[other.base + PERCPU.locksHeld] = 1
      return 'CPU 1 counts 1 spin locks as held'
    },
  ],
  [
    'a bpf_spin_lock that a CPU holds',
    ({ words, other }) => {
      words[other.base + PERCPU.bpfLock] = 4711
      return 'CPU 1 holds the bpf_spin_lock at word 4711'
    },
  ],
  [
    'the mutex of orphans',
    ({ words, cpu }) => {
      words[cpu.rcu + RCU.orphanMutex] = 1
      return 'the mutex of orphaned callbacks is held'
    },
  ],
  [
    'the lock of the descriptor table',
    ({ words }) => {
      words[HEADER.fdLock] = 2
      return `the lock of the descriptor table at word ${HEADER.fdLock} holds 2, expected 0`
    },
  ],
  [
    'the lock of the list of maps',
    ({ words }) => {
      words[HEADER.mapsLock] = 1
      return `the lock of the list of maps at word ${HEADER.mapsLock} holds 1, expected 0`
    },
  ],
  [
    'the lock of a depot',
    ({ words }) => {
      const lock = words[HEADER.depots] + 3 * DEPOT.SIZE + DEPOT.lock
      words[lock] = 0x1_0001
      return `the lock of depot 3 at word ${lock} holds 65537, expected 0`
    },
  ],
  [
    'the lock of a bucket',
    ({ words, first }) => {
      const lock = words[first + MAP.buckets] + BUCKET.SIZE + BUCKET.lock
      words[lock] = 1
      return `the lock of a bucket of map 1 at word ${lock} holds 1, expected 0`
    },
  ],
  [
    'the lock of a hash map’s bucket',
    ({ words, hash }) => {
      const lock = words[hash + MAP.buckets] + HASH_BUCKET.SIZE + HASH_BUCKET.lock
      words[lock] = 1
      return `the lock of bucket 1 of hash map 3 at word ${lock} holds 1, expected 0`
    },
  ],
  [
    'the lock of a storage',
    ({ words, storage, a }) => {
      words[storage + SK_STORAGE.lock] = 1
      return `the lock of the storage of socket ${a} at word ${storage + SK_STORAGE.lock} holds 1, expected 0`
    },
  ],
  [
    'the lock in a value (H15)',
    ({ words, selem }) => {
      words[selem + SELEM.value + 1] = 1
      return `the lock of the value in element ${selem} at word ${selem + SELEM.value + 1} holds 1, expected 0`
    },
  ],
  [
    'a back link that is wrong, on a bucket',
    ({ words, selem, first }) => {
      const expected = words[selem + SELEM.mapNode + HLIST_NODE.pprev]
      words[selem + SELEM.mapNode + HLIST_NODE.pprev] = 5
      expect(first).toBeGreaterThan(0)
      return `on a bucket of map 1 node ${selem + SELEM.mapNode} points back to 5, expected ${expected}`
    },
  ],
  [
    'a back link that is wrong, on a socket’s list',
    ({ words, selem, a }) => {
      const node = selem + SELEM.snode
      const expected = words[node + HLIST_NODE.pprev]
      words[node + HLIST_NODE.pprev] = 0
      return `on the list of socket ${a} node ${node} points back to 0, expected ${expected}`
    },
  ],
  [
    'a back link that is wrong, on the list of maps',
    ({ words, hash }) => {
      words[hash + MAP.allNode + HLIST_NODE.pprev] = 0
      return `on the list of maps node ${hash + MAP.allNode} points back to 0, expected ${HEADER.maps}`
    },
  ],
  [
    'a back link that is wrong, on the list of BTF objects',
    ({ words, cpu, fileOf }) => {
      const btf = words[fileOf(btfLoad(cpu, BYTES)) + FILE.object]
      words[btf + BTF.allNode + HLIST_NODE.pprev] = 0
      return `on the list of BTF objects node ${btf + BTF.allNode} points back to 0, expected ${HEADER.btfs}`
    },
  ],
  [
    'a back link that is wrong, on a hash map’s bucket',
    ({ words, hash }) => {
      const buckets = words[hash + MAP.buckets]
      const bucket = words[buckets] === 0 ? 1 : 0
      const head = buckets + bucket * HASH_BUCKET.SIZE + HASH_BUCKET.list
      words[words[head] + HLIST_NODE.pprev] = 0
      return `on bucket ${bucket} of hash map 3 node ${words[head]} points back to 0, expected ${head}`
    },
  ],
  [
    'a list that bites its tail',
    ({ words, storage, a }) => {
      const nodes = list(words, storage + SK_STORAGE.list)
      words[nodes[nodes.length - 1]] = nodes[0]
      return `the list of socket ${a} has no end`
    },
  ],
  [
    'a map on the list whose count is zero',
    ({ words, second }) => {
      words[second + MAP.refcount] = 0
      return 'map 2 is on the list with a count of 0'
    },
  ],
  [
    'a map on the list whose count is below zero',
    ({ words, first }) => {
      words[first + MAP.refcount] = -1
      return 'map 1 is on the list with a count of -1'
    },
  ],
  [
    'a hash map that counts wrongly',
    ({ words, hash }) => {
      words[hash + MAP.count] = 2
      return 'hash map 3 counts 2 elements and has 1'
    },
  ],
  [
    'an element on a bucket of another map',
    ({ words, selem, first, second }) => {
      moveTo(words, selem + SELEM.mapNode, selemBucket(words, second, selem))
      return `element ${selem} on a bucket of map 2 belongs to the map at word ${first}`
    },
  ],
  [
    'an element on another bucket of its map',
    ({ words, selem, first }) => {
      const own = selemBucket(words, first, selem)
      const buckets = words[first + MAP.buckets]
      moveTo(words, selem + SELEM.mapNode, own === buckets ? buckets + BUCKET.SIZE : buckets)
      return `element ${selem} is on another bucket than its address says`
    },
  ],
  [
    'an element that two buckets lead to',
    ({ words, first }) => {
      const buckets = words[first + MAP.buckets]
      const selem = elemsOfMap(words, first)[0]
      const elsewhere = words[buckets] === selem + SELEM.mapNode ? buckets + BUCKET.SIZE : buckets
      words[elsewhere + BUCKET.list] = selem + SELEM.mapNode
      return `element ${selem} is on two buckets`
    },
  ],
  [
    'an element on no bucket',
    ({ words, selem }) => {
      const node = selem + SELEM.mapNode
      words[words[node + HLIST_NODE.pprev]] = words[node]
      if (words[node] !== 0) words[words[node] + HLIST_NODE.pprev] = words[node + HLIST_NODE.pprev]
      return `element ${selem} is on a socket's list but on no bucket of its map`
    },
  ],
  [
    'an element on no socket’s list',
    ({ words, selem }) => {
      const node = selem + SELEM.snode
      words[words[node + HLIST_NODE.pprev]] = words[node]
      if (words[node] !== 0) words[words[node] + HLIST_NODE.pprev] = words[node + HLIST_NODE.pprev]
      return `element ${selem} is on a bucket but on the list of no open socket`
    },
  ],
  [
    'an element on two sockets’ lists (H02)',
    ({ words, storage, b }) => {
      words[b + SOCK.storage] = storage
      return `element ${words[storage + SK_STORAGE.list] - SELEM.snode} is on two sockets' lists`
    },
  ],
  [
    'a storage that names another owner (H02)',
    ({ words, storage, a, b }) => {
      words[storage + SK_STORAGE.sk] = b
      return `the storage of socket ${a} names ${b} as its owner (H02)`
    },
  ],
  [
    'a storage without elements',
    ({ words, storage, a }) => {
      words[storage + SK_STORAGE.list] = 0
      return `socket ${a} has a storage without elements`
    },
  ],
  [
    'a charge that is too high (H14, H17)',
    ({ words, a }) => {
      words[a + SOCK.omemAlloc] += 8
      return `socket ${a} is charged ${168 + 136 + 132 + 8} bytes, its elements and storage make ${168 + 136 + 132}`
    },
  ],
  [
    'a charge without a storage',
    ({ words, a, cpu }) => {
      const { sk } = socket(cpu)
      words[sk + SOCK.omemAlloc] = -1
      expect(sk).not.toBe(a)
      return `socket ${sk} is charged -1 bytes, its elements and storage make 0`
    },
  ],
  [
    'an element of a map that is gone (H05)',
    ({ words, selem, first, a, second }) => {
      words[HEADER.maps] = second + MAP.allNode
      words[second + MAP.allNode] = 0
      expect(words[selem + SELEM.sdata]).toBe(first)
      return `element ${selem} of socket ${a} belongs to the map at word ${first}, which is gone`
    },
  ],
  [
    'two elements of one map at a socket',
    ({ words, selem, a, second }) => {
      words[selem + SELEM.sdata] = second
      return `socket ${a} has two elements of map 2`
    },
  ],
  [
    'an element that names another storage',
    ({ words, selem, a, b }) => {
      words[selem + SELEM.storage] = storageOf(words, b)
      return `element ${selem} of socket ${a} names another storage`
    },
  ],
  [
    'a cache slot that points to no element of the socket (C1)',
    ({ words, storage, a, b, first }) => {
      const stale = sdataOf(elemOf(words, b, first))
      words[storage + SK_STORAGE.cache + 9] = stale
      return `cache slot 9 of socket ${a} points to ${stale}, which is no linked element of it (C1)`
    },
  ],
  [
    'a cache slot that holds another map’s element',
    ({ words, storage, second, a }) => {
      words[storage + SK_STORAGE.cache + 9] = sdataOf(elemOf(words, a, second))
      return `cache slot 9 of socket ${a} holds an element of a map with slot 1`
    },
  ],
  [
    'a descriptor that was reserved and forgotten',
    ({ cpu }) => `descriptor ${fdReserve(cpu)} is reserved and was never installed`,
  ],
  [
    'a file that somebody forgot to put',
    ({ words, fileOf, aFd }) => {
      words[fileOf(aFd) + FILE.refcount] = 2
      return `the file of descriptor ${aFd} has a count of 2, expected 1`
    },
  ],
  [
    'a file of no kind',
    ({ words, fileOf, aFd }) => {
      words[fileOf(aFd) + FILE.kind] = 7
      return `the file of descriptor ${aFd} is of kind 7`
    },
  ],
  [
    'a descriptor of a map that is not on the list',
    ({ words, fileOf, firstFd }) => {
      words[fileOf(firstFd) + FILE.object] = 4096
      return `descriptor ${firstFd} refers to a map at word 4096 that is not on the list of maps`
    },
  ],
  [
    'a socket with more descriptors than references',
    ({ words, a }) => {
      words[a + SOCK.refcount] = 0
      return `the object at word ${a} has 1 users and a count of 0`
    },
  ],
  [
    'a map with more descriptors than references',
    ({ words, fileOf, aFd, firstFd, first }) => {
      words[words[HEADER.fds] + 20] = fileOf(firstFd)
      expect(aFd).toBeLessThan(20)
      return `the object at word ${first} has 2 users and a count of 1`
    },
  ],
  [
    'a descriptor of a BTF object that is not on their list',
    ({ words, fileOf, firstFd }) => {
      words[fileOf(firstFd) + FILE.kind] = FILE_BTF
      return `descriptor ${firstFd} refers to a BTF object at word ${words[fileOf(firstFd) + FILE.object]} that is not on their list`
    },
  ],
  [
    'a map whose BTF object is not on their list',
    ({ words, first }) => {
      words[first + MAP.btf] = 4096
      return `map ${words[first + MAP.id]} refers to a BTF object at word 4096 that is not on their list`
    },
  ],
  [
    'a BTF object with more users than references',
    ({ cpu, words, fileOf, first }) => {
      const btf = words[fileOf(btfLoad(cpu, BYTES)) + FILE.object]
      words[first + MAP.btf] = btf
      return `the object at word ${btf} has 2 users and a count of 1`
    },
  ],
]

describe('checkInvariants', () => {
  it('finds nothing wrong with a memory in order, empty or not', () => {
    expect(checkInvariants(house().cpu)).toEqual([])
    expect(checkInvariants(orderly().cpu)).toEqual([])
    expect(checkInvariants(house({ sanitize: true }).cpu)).toEqual([])
  })

  it('finds nothing wrong with BTF objects that descriptors and maps refer to', () => {
    const { cpu } = house()
    const [, btfFd] = [btfLoad(cpu, BYTES), btfLoad(cpu, BYTES)]
    for (const _ of [1, 2]) storageMap(cpu, { btfFd, btfKeyTypeId: keyTypeId, btfValueTypeId: valueTypeId })
    expect(checkInvariants(cpu)).toEqual([])
  })

  it.each(VIOLATIONS)('reports %s', (_, violate) => {
    const here = orderly()
    const sentence = violate(here)
    expect(checkInvariants(here.cpu)).toContain(sentence)
  })

  it('reports each violation once', () => {
    const { cpu, words, a, b } = orderly()
    words[a + SOCK.omemAlloc]++
    words[b + SOCK.omemAlloc]++
    expect(checkInvariants(cpu)).toHaveLength(2)
  })
})

describe('checkInvariants, with more maps than the cache has slots', () => {
  /**
   * A socket whose cache holds the elements of maps 1 to 16, and whose overflow table those of two more, in their
   * places.
   */
  function overflowing() {
    const here = socketWithMaps(18)
    const { words, maps, sk } = here
    for (const map of maps) lookup(here, map, sk)
    const table = words[storageOf(words, sk) + SK_STORAGE.overflow]
    const entry = (map: BpfMap) => table + OVERFLOW.entries + words[map + MAP.place]
    for (const map of maps.slice(16)) expect(words[entry(map)]).toBe(sdataOf(elemOf(words, sk, map)))
    settle(here)
    return { ...here, entry, table }
  }

  it('finds nothing wrong with a table in order, places that are empty included', () => {
    const { cpu, words, maps, entry } = overflowing()
    expect(checkInvariants(cpu)).toEqual([])
    words[entry(maps[16])] = 0
    expect(checkInvariants(cpu)).toEqual([])
  })

  it('reports a place that points to no element of the socket (C1), be it the first or the last', () => {
    const { cpu, words, maps, sk, table } = overflowing()
    const other = socket(cpu)
    fdUpdateElem(cpu, maps[16], other.fd, Int32Array.of(1), 0)
    const foreign = sdataOf(elemOf(words, other.sk, maps[16]))
    for (const place of [0, 16, words[table + OVERFLOW.count] - 1]) {
      const was = words[table + OVERFLOW.entries + place]
      words[table + OVERFLOW.entries + place] = foreign
      const sentence = `overflow place ${place} of socket ${sk} points to ${foreign}, which is no linked element of it (C1)`
      expect(checkInvariants(cpu)).toEqual([sentence])
      words[table + OVERFLOW.entries + place] = was
    }
  })

  it('reports a place that holds the element of a map that is gone from the socket', () => {
    const { cpu, words, maps, sk, fd, entry } = overflowing()
    const stale = words[entry(maps[16])]
    fdDeleteElem(cpu, maps[16], fd)
    words[entry(maps[16])] = stale
    expect(checkInvariants(cpu)).toContain(
      `overflow place 16 of socket ${sk} points to ${stale}, which is no linked element of it (C1)`,
    )
  })

  it('reports an element in the place of another map', () => {
    const { cpu, words, maps, sk, entry } = overflowing()
    words[entry(maps[17])] = words[entry(maps[16])]
    expect(checkInvariants(cpu)).toEqual([
      `overflow place 17 of socket ${sk} holds an element of a map with another place`,
    ])
  })
})
