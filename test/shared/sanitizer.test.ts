import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapInc } from '../../src/shared/map-ref.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { HEADER, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { failslab, KasanError, kasanCheck, POISON } from '../../src/shared/sanitizer.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { bpfSkStorageFree } from '../../src/shared/sk-storage-free.ts'
import { kfree, kmalloc, liveObjects } from '../../src/shared/slab.ts'
import { KIND, QUARANTINE } from '../../src/shared/slab-layout.ts'
import { BPF_ANY, BPF_F_LOCK } from '../../src/shared/update-flags.ts'
import { copyValueOut } from '../../src/shared/value.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { COUNTER, elemOf, house, interrupt, online, reading, settle, socket, storageMap, storageOf } from './setting.ts'

/** The report that a call ends in. */
function report(call: () => unknown): KasanError {
  try {
    call()
  } catch (error) {
    if (error instanceof KasanError) return error
    throw error
  }
  throw new Error('nothing was reported')
}

function sanitized(options = {}) {
  return house({ sanitize: true, ...options })
}

describe('kasanCheck', () => {
  it('is content with every word of a live object, and with no word at all', () => {
    const { cpu, other } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    kasanCheck(cpu, object, 10)
    kasanCheck(other, object + 9, 1)
    kasanCheck(cpu, 0, 0)
  })

  it('reports a use after free with kind, size and both CPUs', () => {
    const { cpu, other } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    kfree(other, KIND.elem, 10, object)
    const error = report(() => kasanCheck(cpu, object + 2, 1))
    expect([error.name, error.code, error.word]).toEqual(['KasanError', 'use-after-free', object + 2])
    expect(error.message).toBe(
      `use-after-free: word ${object + 2} lies in the elem of 10 words at ${object} (allocated on CPU 0, freed on CPU 1), which was freed`,
    )
    expect(report(() => kasanCheck(cpu, object, 1)).message).toBe(
      `use-after-free: word ${object} lies in the elem of 10 words at ${object} (allocated on CPU 0, freed on CPU 1), which was freed`,
    )
  })

  it('still knows the object when its memory has left the quarantine', () => {
    const { cpu } = sanitized()
    const object = kmalloc(cpu, KIND.sock, 32)
    kfree(cpu, KIND.sock, 32, object)
    for (let i = 0; i < QUARANTINE.ENTRIES; i++) kfree(cpu, KIND.elem, 10, kmalloc(cpu, KIND.elem, 10))
    expect(report(() => kasanCheck(cpu, object + 5, 1)).message).toContain(`in the sock of 32 words at ${object}`)
  })

  it('reports an access behind an object, be it one word', () => {
    const { cpu } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    const error = report(() => kasanCheck(cpu, object, 11))
    expect([error.code, error.word]).toEqual(['overflow', object + 10])
    expect(error.message).toBe(
      `overflow: word ${object + 10} lies behind the elem of 10 words at ${object} (allocated on CPU 0)`,
    )
  })

  it('reports the last word in front of an object too, which lies behind another', () => {
    const { cpu } = sanitized()
    const [first, second] = [kmalloc(cpu, KIND.elem, 10), kmalloc(cpu, KIND.elem, 10)]
    expect(second).toBe(first + 32)
    expect(report(() => kasanCheck(cpu, second - 1, 1)).message).toContain(`behind the elem of 10 words at ${first} `)
  })

  it('reports a wild pointer: before the heap, behind it, in memory never allocated', () => {
    const { cpu, words } = sanitized()
    const end = words[HEADER.heapEnd]
    expect(report(() => kasanCheck(cpu, 7, 1)).message).toBe('wild-access: word 7 is outside the heap')
    expect(report(() => kasanCheck(cpu, -1, 1)).message).toBe('wild-access: word -1 is outside the heap')
    expect(report(() => kasanCheck(cpu, end, 1)).message).toBe(`wild-access: word ${end} is outside the heap`)
    expect(report(() => kasanCheck(cpu, end - 1, 1)).message).toBe(`wild-access: word ${end - 1} was never allocated`)
    expect(report(() => kasanCheck(cpu, Number.NaN, 1) ?? kasanCheck(cpu, Number.MAX_SAFE_INTEGER, 1)).code).toBe(
      'wild-access',
    )
  })

  it('reports a pointer read from freed memory, which is poison', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    kfree(cpu, KIND.elem, 10, object)
    const error = report(() => kasanCheck(cpu, words[object], 1))
    expect(error.message).toBe(`use-after-free: word ${POISON} is a pointer read from freed memory (poison)`)
    expect(error.code).toBe('use-after-free')
  })
})

describe('kfree, sanitized', () => {
  it('reports a double free with all CPUs concerned', () => {
    const { cpu, other } = sanitized()
    const object = kmalloc(cpu, KIND.file, 16)
    kfree(cpu, KIND.file, 16, object)
    const error = report(() => kfree(other, KIND.file, 16, object))
    expect([error.code, error.word]).toEqual(['double-free', object])
    expect(error.message).toBe(
      `double-free: the file of 16 words at ${object} (allocated on CPU 0, freed on CPU 0) is freed again on CPU 1`,
    )
  })

  it('lets exactly one of two racing frees through', () => {
    const { memory, cpu, other, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    const shadow = words[HEADER.shadow] * 4 + object
    interrupt(
      'compareExchange',
      (at) => at === shadow,
      () => kfree(other, KIND.elem, 10, object),
    )
    expect(report(() => kfree(cpu, KIND.elem, 10, object)).message).toBe(
      `double-free: the elem of 10 words at ${object} (allocated on CPU 0, freed on CPU 1) is freed again on CPU 0`,
    )
    expect(liveObjects(memory)).toMatchObject({ elem: 0, words: 0 })
  })

  it('reports a free of what does not begin an object: a word inside, NULL, the redzone, memory never allocated', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    for (const wrong of [object + 1, 0, object + 10, words[HEADER.heapEnd] - 16, words[HEADER.heapEnd], -5]) {
      const error = report(() => kfree(cpu, KIND.elem, 10, wrong))
      expect(error.message).toBe(`invalid-free: word ${wrong} does not begin an object`)
      expect(error.code).toBe('invalid-free')
    }
    kfree(cpu, KIND.elem, 10, object)
  })

  it('reports a free with a smaller size than was allocated', () => {
    const { cpu } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    const error = report(() => kfree(cpu, KIND.elem, 9, object))
    expect(error.code).toBe('invalid-free')
    expect(error.message).toBe(
      `invalid-free: the elem of 10 words at ${object} (allocated on CPU 0) is freed as 9 words`,
    )
  })

  it('reports a free with a larger size than was allocated', () => {
    const { cpu } = sanitized()
    for (const size of [11, 16, 40]) {
      const object = kmalloc(cpu, KIND.elem, 10)
      expect([size, report(() => kfree(cpu, KIND.elem, size, object)).code]).toEqual([size, 'invalid-free'])
    }
  })

  it('reports what was written behind an object, be it one word', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    words[object + 10] = 4711
    const error = report(() => kfree(cpu, KIND.elem, 10, object))
    expect([error.code, error.word]).toEqual(['overflow', object + 10])
    expect(error.message).toBe(
      `overflow: word ${object + 10} behind the elem of 10 words at ${object} (allocated on CPU 0) was overwritten`,
    )
  })

  it('does not know the kind of an object whose redzone was overwritten as a whole', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    words.fill(4711, object + 10, kmalloc(cpu, KIND.elem, 10))
    expect(report(() => kfree(cpu, KIND.elem, 10, object)).message).toContain('behind the object of 10 words at')
  })

  it('takes back an object of one word, and of a whole size class', () => {
    const { memory, cpu } = sanitized()
    for (const size of [1, 16, 32]) kfree(cpu, KIND.elem, size, kmalloc(cpu, KIND.elem, size))
    expect(liveObjects(memory).elem).toBe(0)
  })

  it('fills the freed object with poison, which matches no map', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    words.fill(1, object, object + 10)
    kfree(cpu, KIND.elem, 10, object)
    expect([...words.slice(object, object + 10)]).toEqual(Array(10).fill(POISON))
  })

  it('reports a write after free at the latest when the object leaves the quarantine', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 10)
    kfree(cpu, KIND.elem, 10, object)
    words[object + 8]++
    let frees = 0
    const error = report(() => {
      for (; frees < 1000; frees++) kfree(cpu, KIND.elem, 10, kmalloc(cpu, KIND.elem, 10))
    })
    expect(frees).toBe(QUARANTINE.ENTRIES - 1)
    expect([error.code, error.word]).toEqual(['write-after-free', object + 8])
    expect(error.message).toBe(
      `write-after-free: word ${object + 8} in the elem of 10 words at ${object} (allocated on CPU 0, freed on CPU 0) was written after it was freed`,
    )
  })

  it.each([0, 1, 2])('keeps what CPU %i freed from reuse for as many frees as the quarantine has entries', (id) => {
    const { cpus, words } = sanitized({ cpus: 3 })
    const cpu = cpus[id]
    const header = [...words.slice(0, HEADER.words)]
    const object = kmalloc(cpu, KIND.elem, 10)
    kfree(cpu, KIND.elem, 10, object)
    const seen: number[] = []
    for (let i = 0; i < QUARANTINE.ENTRIES; i++) {
      const next = kmalloc(cpu, KIND.elem, 10)
      seen.push(next)
      kfree(cpu, KIND.elem, 10, next)
    }
    expect(seen).not.toContain(object)
    expect(kmalloc(cpu, KIND.elem, 10)).toBe(object)
    // And nothing else comes out of it.
    expect([...words.slice(0, HEADER.words)]).toEqual(header)
  })

  it('sees nothing of a stale pointer whose memory has been given out again', () => {
    const { cpu, words } = sanitized()
    const stale = kmalloc(cpu, KIND.elem, 10)
    kfree(cpu, KIND.elem, 10, stale)
    expect(report(() => kasanCheck(cpu, stale, 10)).code).toBe('use-after-free')
    for (let i = 0; i < QUARANTINE.ENTRIES; i++) kfree(cpu, KIND.elem, 10, kmalloc(cpu, KIND.elem, 10))
    expect(kmalloc(cpu, KIND.elem, 10)).toBe(stale)
    kasanCheck(cpu, stale, 10)
    words[stale + 8]++
    kfree(cpu, KIND.elem, 10, stale)
  })

  it('shows poison to whoever reads a fresh object before writing it', () => {
    const { cpu, words } = sanitized()
    const object = kmalloc(cpu, KIND.elem, 5)
    expect([...words.slice(object, object + 5)]).toEqual(Array(5).fill(POISON))
  })
})

describe('through the storage code', () => {
  /** A socket with one element, and the element's words after it was deleted and freed. */
  function deleted() {
    const here = sanitized()
    const { cpu, words } = here
    const { map } = storageMap(cpu)
    const kept = storageMap(cpu).map
    const { fd, sk } = socket(cpu)
    fdUpdateElem(cpu, kept, fd, Int32Array.of(1), 0)
    fdUpdateElem(cpu, map, fd, Int32Array.of(2), 0)
    const selem = elemOf(words, sk, map)
    expect(fdDeleteElem(cpu, map, fd)).toBe(0)
    settle(here)
    return { ...here, map, fd, sk, selem }
  }

  it('catches a lookup that walks onto a freed element', () => {
    const { cpu, words, map, sk, selem } = deleted()
    words[storageOf(words, sk) + SK_STORAGE.list] = selem + SELEM.snode
    const error = report(() => reading(cpu, () => skStorageGet(cpu, map, sk, null, 0)))
    expect(error.code).toBe('use-after-free')
    expect(error.message).toMatch(/in the elem of 9 words at \d+ \(allocated on CPU 0, freed on CPU 0\)/)
  })

  it('does not find a freed element through the cache: poison matches no map (C1)', () => {
    const { cpu, words, map, sk, selem } = deleted()
    words[storageOf(words, sk) + SK_STORAGE.cache + words[map + MAP.cacheIdx]] = selem + SELEM.sdata
    expect(reading(cpu, () => skStorageGet(cpu, map, sk, null, 0))).toBe(0)
  })

  it('catches a copy out of a freed value', () => {
    const { cpu, map, selem } = deleted()
    const error = report(() => copyValueOut(cpu, map, selem + SELEM.value, new Int32Array(1)))
    expect(error.code).toBe('use-after-free')
  })

  it('catches helpers called with a freed socket', () => {
    const here = deleted()
    const { cpu, map, fd, sk } = here
    fdClose(cpu, fd)
    settle(here)
    for (const call of [
      () => skStorageDelete(cpu, map, sk),
      () => skStorageGet(cpu, map, sk, null, 0),
      () => skStorageGet(cpu, map, sk, null, 1),
    ]) {
      expect(report(() => reading(cpu, call)).code).toBe('use-after-free')
      while (cpu.words[cpu.base + 16] > 0) cpu.words[cpu.base + 16]--
    }
    expect(report(() => skStorageDelete(cpu, map, sk)).message).toContain('the sock of 32 words')
  })

  it.each<[string, (cpu: Cpu, map: BpfMap, sk: Sk, fd: number) => unknown]>([
    ['a get', (cpu, map, sk) => skStorageGet(cpu, map, sk, null, 0)],
    ['a lookup', (cpu, map, _, fd) => fdLookupElem(cpu, map, fd, new Int32Array(2), 0)],
    ['a delete', (cpu, map, sk) => skStorageDelete(cpu, map, sk)],
    ['an update', (cpu, map, _, fd) => fdUpdateElem(cpu, map, fd, Int32Array.of(2, 0), BPF_ANY)],
    ['an update in place', (cpu, map, _, fd) => fdUpdateElem(cpu, map, fd, Int32Array.of(2, 0), BPF_F_LOCK)],
    ['the end of the socket', (cpu, _, sk) => bpfSkStorageFree(cpu, sk)],
  ])('catches %s that comes to a freed storage, before it looks for an element or takes the lock there', (_, call) => {
    const here = sanitized()
    const { cpu, words } = here
    const { map } = storageMap(cpu, COUNTER)
    const { fd, sk } = socket(cpu)
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    const storage = storageOf(words, sk)
    expect(fdDeleteElem(cpu, map, fd)).toBe(0)
    settle(here)
    words[sk + SOCK.storage] = storage
    const error = report(() => reading(cpu, () => call(cpu, map, sk, fd)))
    expect(error.code).toBe('use-after-free')
    expect(error.message).toContain(`in the storage of ${SK_STORAGE.SIZE} words at ${storage} `)
  })

  it('catches a reference taken on a freed map, and names the CPU that freed it', () => {
    const here = sanitized()
    const { cpu, other } = here
    const { fd, map } = storageMap(online(other))
    fdClose(other, fd)
    settle(here)
    const error = report(() => mapInc(cpu, map))
    expect(error.code).toBe('use-after-free')
    expect(error.message).toContain(`the map of ${MAP.SIZE} words at ${map} (allocated on CPU 1, freed on CPU 0)`)
  })

  it('catches a descriptor that still points to a freed file', () => {
    const here = sanitized()
    const { cpu, words } = here
    const { fd } = socket(cpu)
    const slot = words[HEADER.fds] + fd
    const file = words[slot]
    fdClose(cpu, fd)
    settle(here)
    words[slot] = file
    const { map } = storageMap(cpu)
    expect(report(() => fdDeleteElem(cpu, map, fd)).message).toContain('in the file of 16 words')
  })

  it('catches a socket that is put once too often at the second destruction', () => {
    const { cpu } = sanitized()
    const { sk } = socket(cpu)
    kfree(cpu, KIND.sock, SOCK.SIZE, sk)
    expect(report(() => kfree(cpu, KIND.sock, SOCK.SIZE, sk)).code).toBe('double-free')
  })
})

describe('failslab', () => {
  it('fails the n-th allocation from now, once, on whatever CPU', () => {
    const { memory, cpu, other, words } = sanitized()
    failslab(words, 3)
    const got = [cpu, other, cpu, other, cpu].map((each) => kmalloc(each, KIND.elem, 10) !== 0)
    expect(got).toEqual([true, true, false, true, true])
    expect(liveObjects(memory).elem).toBe(4)
  })

  it('is called off with 0', () => {
    const { cpu, words } = sanitized()
    failslab(words, 1)
    failslab(words, 0)
    expect(kmalloc(cpu, KIND.elem, 10)).not.toBe(0)
  })

  it('needs the sanitizer', () => {
    expect(() => failslab(house().words, 1)).toThrow(
      new Error('failslab: this memory was made without sanitize, expected with'),
    )
  })
})

describe('switched off', () => {
  it('checks nothing and finds nothing', () => {
    const { cpu, words } = house()
    kasanCheck(cpu, -1, 100)
    kasanCheck(cpu, 2 ** 31, 1)
    const object = kmalloc(cpu, KIND.elem, 10)
    words.fill(1, object, object + 16)
    kfree(cpu, KIND.elem, 10, object)
    kasanCheck(cpu, object, 10)
    expect([...words.slice(object + 1, object + 10)]).toEqual(Array(9).fill(1))
  })
})
