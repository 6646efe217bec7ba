import { describe, expect, it } from 'vitest'
import { describeWord } from '../../src/shared/describe.ts'
import { mapCreate } from '../../src/shared/map.ts'
import { BUCKET, HASH_BUCKET, HEADER, MAP, SELEM, SK_STORAGE } from '../../src/shared/records.ts'
import { fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { DEPOT, SIZE_CLASSES, sizeClass } from '../../src/shared/slab-layout.ts'
import { COUNTER, elemOf, house, mapOf, socket, storageMap, storageOf } from './setting.ts'

describe('describeWord', () => {
  const { memory, cpu, words } = house()
  const { map } = storageMap(cpu, COUNTER)
  const plain = storageMap(cpu).map
  const hash = mapOf(cpu, mapCreate(cpu, { type: 1, keySize: 4, valueSize: 4, maxEntries: 8, flags: 0 }))
  socket(cpu)
  const { fd, sk } = socket(cpu)
  for (const each of [map, plain]) fdUpdateElem(cpu, each, fd, new Int32Array(2), 0)

  it.each([
    ['the lock of the descriptor table', HEADER.fdLock],
    ['the lock of the list of maps', HEADER.mapsLock],
    ['the lock of the list of BTF objects', HEADER.btfsLock],
    ['the lock of bucket 1 of map 1', words[map + MAP.buckets] + BUCKET.SIZE + BUCKET.lock],
    ['the lock of bucket 0 of map 2', words[plain + MAP.buckets] + BUCKET.lock],
    ['the lock of bucket 5 of map 3', words[hash + MAP.buckets] + 5 * HASH_BUCKET.SIZE + HASH_BUCKET.lock],
    ["the lock of the allocator's depot for 128 bytes", words[HEADER.depots] + sizeClass(32) * DEPOT.SIZE + DEPOT.lock],
    [`the lock of the storage of socket fd ${fd}`, storageOf(words, sk) + SK_STORAGE.lock],
    [`the bpf_spin_lock in the value of map 1 at socket fd ${fd}`, elemOf(words, sk, map) + SELEM.value + 1],
    ["the lock of the allocator's depot for 64 bytes", words[HEADER.depots] + DEPOT.lock],
    ['a lock', words[HEADER.depots] - DEPOT.SIZE + DEPOT.lock],
    ['a lock', words[HEADER.depots] + SIZE_CLASSES.length * DEPOT.SIZE + DEPOT.lock],
    ['a lock', words[hash + MAP.buckets] + (HASH_BUCKET.SIZE << words[hash + MAP.bucketLog]) + HASH_BUCKET.lock],
    ['a lock', elemOf(words, sk, plain) + SELEM.value],
    ['a lock', elemOf(words, sk, map) + SELEM.value],
    ['a lock', words[HEADER.heapEnd] - 1],
    // What would be the lock if NULL were a storage, or a map a socket.
    ['a lock', SK_STORAGE.lock],
    ['a lock', words[map + MAP.type] + SK_STORAGE.lock],
  ])('calls it %s', (name, at) => {
    expect(describeWord(memory, at)).toBe(name)
  })
})

it.each(['maps', 'elements'])('describeWord gives up on a list of %s that goes in a circle', (which) => {
  // It looks while others change them.
  const { memory, cpu, words } = house()
  const { map } = storageMap(cpu, COUNTER)
  const { fd, sk } = socket(cpu)
  fdUpdateElem(cpu, map, fd, new Int32Array(2), 0)
  const node = which === 'maps' ? map + MAP.allNode : elemOf(words, sk, map) + SELEM.snode
  words[node] = node
  expect(describeWord(memory, words[HEADER.heapEnd] - 1)).toBe('a lock')
})
