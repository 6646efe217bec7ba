import { describe, expect, it } from 'vitest'
import { below, createRandom } from '../../src/random/random.ts'
import { cpuOf } from '../../src/shared/cpu-of.ts'
import { guardFaults } from '../../src/shared/layout.ts'
import { attach, createMemory } from '../../src/shared/memory.ts'
import { HEADER, SELEM } from '../../src/shared/records.ts'
import { MAX_VALUE_SIZE } from '../../src/shared/sk-storage-map.ts'
import { kfree, kmalloc, liveObjects, peakBytes } from '../../src/shared/slab.ts'
import {
  DEPOT,
  KIND,
  KIND_NAMES,
  LARGEST_SMALL,
  LIVE,
  LIVE_WORDS,
  MAGAZINE,
  SIZE_CLASSES,
  sizeClass,
} from '../../src/shared/slab-layout.ts'
import { type Cpu, PERCPU } from '../../src/sync/cpu.ts'
import { house, MODES, online, socket } from './setting.ts'

/** Allocates until memory is out. */
function exhaust(cpu: Cpu, size: number): number[] {
  const objects: number[] = []
  for (let object = kmalloc(cpu, KIND.elem, size); object !== 0; object = kmalloc(cpu, KIND.elem, size)) {
    objects.push(object)
  }
  return objects
}

function magazineOf(cpu: Cpu, size: number): { count: number; limit: number } {
  const at = cpu.base + PERCPU.allocator + sizeClass(size) * MAGAZINE.SIZE
  return { count: cpu.words[at + MAGAZINE.count], limit: cpu.words[at + MAGAZINE.limit] }
}

function depotCount(words: Int32Array, size: number): number {
  return words[words[HEADER.depots] + sizeClass(size) * DEPOT.SIZE + DEPOT.count]
}

describe('sizeClass', () => {
  it('picks the smallest class that holds the size, for every size that magazines hold', () => {
    for (let size = 1; size <= LARGEST_SMALL; size++) {
      const fits = SIZE_CLASSES.findIndex((words) => words >= size)
      if (sizeClass(size) !== fits) expect([size, sizeClass(size)]).toEqual([size, fits])
    }
  })

  it('goes on in powers of two, exact at their edges', () => {
    for (let i = 15; i <= 28; i++) {
      expect(SIZE_CLASSES[sizeClass(2 ** i)]).toBe(2 ** i)
      if (i < 28) expect(SIZE_CLASSES[sizeClass(2 ** i + 1)]).toBe(2 ** (i + 1))
    }
  })

  it('has room for an element with the largest value among the small ones', () => {
    expect(SELEM.value + Math.ceil(MAX_VALUE_SIZE / 4)).toBeLessThanOrEqual(LARGEST_SMALL)
  })

  it('rises by at most a third or one line from class to class up to 64 KiB, so that little is wasted', () => {
    const small = SIZE_CLASSES.filter((size) => size <= LARGEST_SMALL)
    for (let i = 1; i < small.length; i++) {
      expect(small[i] - small[i - 1]).toBeLessThanOrEqual(Math.max(16, small[i - 1] / 2))
    }
  })
})

describe.each(MODES)('the allocator ($mode)', ({ sanitize }) => {
  it('hands out objects of every size that begin on a cache line and do not overlap', () => {
    const { cpu } = house({ sanitize, bytes: 64 << 20 })
    const taken: [number, number][] = []
    for (const size of [...SIZE_CLASSES.filter((words) => words <= 1 << 20), 1, 15, 17, 100, 16_360, 70_000]) {
      const object = kmalloc(cpu, KIND.elem, size)
      expect(object).toBeGreaterThan(0)
      taken.push([object, object + size])
    }
    taken.sort(([a], [b]) => a - b)
    expect(taken.filter(([start]) => start % 16 !== 0)).toEqual([])
    for (let i = 1; i < taken.length; i++) expect(taken[i - 1][1]).toBeLessThanOrEqual(taken[i][0])
  })

  it('counts live objects by kind and by words, whichever CPU frees them', () => {
    const { memory, cpu, other } = house({ sanitize })
    const sock = kmalloc(cpu, KIND.sock, 32)
    const elem = kmalloc(other, KIND.elem, 10)
    expect(liveObjects(memory)).toMatchObject({ sock: 1, elem: 1, map: 0, words: 42 })
    kfree(other, KIND.sock, 32, sock)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, elem: 1, words: 10 })
    kfree(cpu, KIND.elem, 10, elem)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, elem: 0, words: 0 })
  })

  it.each([16, 96, 1024, 16_384, 40_000])(
    'says NULL when objects of %i words have used memory up, and recovers',
    (size) => {
      const { memory, cpu } = house({ sanitize, bytes: 4 << 20 })
      const objects = exhaust(cpu, size)
      expect(objects.length).toBeGreaterThan(5)
      expect(new Set(objects).size).toBe(objects.length)
      expect(liveObjects(memory).elem).toBe(objects.length)
      expect(kmalloc(cpu, KIND.elem, size)).toBe(0)
      expect(liveObjects(memory).elem).toBe(objects.length)
      for (const object of objects) kfree(cpu, KIND.elem, size, object)
      // The quarantine keeps 128 objects from reuse; all the others come back.
      expect(exhaust(cpu, size).length).toBe(sanitize ? Math.max(0, objects.length - 128) : objects.length)
    },
  )

  it('has nothing for a size beyond its largest class', () => {
    const { memory, cpus, cpu } = house({ sanitize, cpus: 4 })
    // Cookie counters lie behind the depots: a class behind the last would take them for a list of free objects.
    for (const each of cpus) socket(online(each))
    for (const size of [2 ** 28 + 1, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 32 + 16, 2 ** 38]) {
      expect([size, kmalloc(cpu, KIND.hashElems, size)]).toEqual([size, 0])
    }
    expect(liveObjects(memory).hashElems).toBe(0)
  })

  it('tells the most it ever handed out', () => {
    const { memory, cpu } = house({ sanitize })
    const before = peakBytes(memory)
    const object = kmalloc(cpu, KIND.elem, 4096)
    const peak = peakBytes(memory)
    expect(peak - before).toBeGreaterThanOrEqual(4 * 4096)
    kfree(cpu, KIND.elem, 4096, object)
    expect(peakBytes(memory)).toBe(peak)
  })
})

describe('magazines', () => {
  it.each(MODES)(
    'hold so many objects of a size on each CPU, and behind them lie counts of their own ($mode)',
    ({ sanitize }) => {
      const { cpus } = house({ sanitize, cpus: 3 })
      for (const cpu of cpus) {
        for (const size of SIZE_CLASSES) {
          const limit = size <= 128 ? 64 : size <= 1024 ? 16 : size <= LARGEST_SMALL ? 4 : 0
          const at = cpu.base + PERCPU.allocator + SIZE_CLASSES.indexOf(size) * MAGAZINE.SIZE
          expect([size, cpu.words[at + MAGAZINE.limit]]).toEqual([size, sanitize ? 0 : limit])
        }
        // Behind the last of them begin the counts of live objects.
        expect(cpu.words[cpu.base + LIVE + MAGAZINE.limit]).toBe(0)
      }
      expect(LIVE).toBeGreaterThanOrEqual(PERCPU.allocator + SIZE_CLASSES.length * MAGAZINE.SIZE)
      expect(LIVE_WORDS).toBeGreaterThanOrEqual(LIVE + KIND_NAMES.length)
    },
  )

  it.each([64, 128, 192, 1024, 1536, 16_384])('never hold more than that of %i words', (size) => {
    const { cpu, other } = house({ bytes: 64 << 20 })
    const { limit } = magazineOf(cpu, size)
    const objects = Array.from({ length: 3 * limit }, () => kmalloc(cpu, KIND.elem, size))
    for (const object of objects) {
      kfree(other, KIND.elem, size, object)
      expect(magazineOf(other, size).count).toBeLessThanOrEqual(limit)
    }
  })

  it('begin with eight objects of each common size, so that small programs meet no shared word', () => {
    const { memory, cpus, words } = house()
    for (const cpu of cpus) for (const size of [16, 32, 48, 64]) expect(magazineOf(cpu, size).count).toBe(8)
    // For those CPUs, and nothing else.
    expect(peakBytes(memory)).toBe(4 * cpus.length * 8 * (16 + 32 + 48 + 64))
    const brk = words[HEADER.brk]
    for (const cpu of cpus) for (let i = 0; i < 8; i++) kmalloc(cpu, KIND.elem, 32)
    expect(words[HEADER.brk]).toBe(brk)
  })

  it('hand out the object freed last, without a look at the depot', () => {
    const { cpu } = house()
    const object = kmalloc(cpu, KIND.elem, 20)
    kfree(cpu, KIND.elem, 20, object)
    expect(kmalloc(cpu, KIND.elem, 20)).toBe(object)
  })

  it('give the recent half to the depot when full, and take half a magazine and one from it when empty', () => {
    const { words, cpus } = house({ cpus: 3 })
    const [, giver, taker] = cpus as [Cpu, Cpu, Cpu]
    // Sizes next to others with another limit: whoever takes the neighbour's magazine is wrong by much.
    for (const size of [128, 192]) {
      const { limit } = magazineOf(giver, size)
      const half = limit / 2
      const objects = Array.from({ length: limit + 1 + half }, () => kmalloc(cpus[0], KIND.elem, size))
      for (const object of objects.slice(0, limit + 1)) kfree(giver, KIND.elem, size, object)
      expect([magazineOf(giver, size).count, depotCount(words, size)]).toEqual([half + 1, half])
      for (const object of objects.slice(limit + 1)) kfree(giver, KIND.elem, size, object)
      expect([magazineOf(giver, size).count, depotCount(words, size)]).toEqual([half + 1, 2 * half])

      const brk = words[HEADER.brk]
      const first = kmalloc(taker, KIND.elem, size)
      expect([magazineOf(taker, size).count, depotCount(words, size)]).toEqual([half, half - 1])
      const rest = Array.from({ length: 2 * half - 1 }, () => kmalloc(taker, KIND.elem, size))
      expect([magazineOf(taker, size).count, depotCount(words, size)]).toEqual([0, 0])
      expect(new Set([first, ...rest])).toHaveLength(2 * half)
      expect(words[HEADER.brk]).toBe(brk)
    }
  })

  it('give half to the depot when full and take half from it when empty', () => {
    const { words, cpu, other } = house()
    const { limit } = magazineOf(cpu, 128)
    const objects = Array.from({ length: 200 }, () => kmalloc(cpu, KIND.elem, 128))
    const brk = words[HEADER.brk]
    const left = magazineOf(cpu, 128).count
    for (const object of objects) kfree(other, KIND.elem, 128, object)
    expect(magazineOf(other, 128).count).toBeLessThanOrEqual(limit)
    expect(magazineOf(other, 128).count).toBeGreaterThanOrEqual(limit / 2)
    expect(magazineOf(other, 128).count + depotCount(words, 128)).toBe(200)

    // CPU 0 gets back what CPU 1 freed, and memory does not grow.
    const again = Array.from({ length: depotCount(words, 128) + left }, () => kmalloc(cpu, KIND.elem, 128))
    expect(words[HEADER.brk]).toBe(brk)
    expect(new Set(again).size).toBe(again.length)
    expect(depotCount(words, 128)).toBe(0)
  })

  it('keep what large objects there are in the depot', () => {
    const { words, cpu, other } = house()
    const object = kmalloc(cpu, KIND.buckets, 40_000)
    expect(magazineOf(cpu, 40_000)).toEqual({ count: 0, limit: 0 })
    kfree(cpu, KIND.buckets, 40_000, object)
    expect(depotCount(words, 40_000)).toBe(1)
    expect(kmalloc(other, KIND.buckets, 33_000)).toBe(object)
  })

  it('lose and double nothing when four CPUs free each other’s objects at random', () => {
    const { memory, cpus } = house({ cpus: 4 })
    const choice = createRandom(1)
    const random = (n: number) => below(choice, n)
    const sizes = [16, 48, 200, 900, 5000]
    const live = new Map<number, number>()
    let peakLive = 0
    for (let i = 0; i < 20_000; i++) {
      const cpu = cpus[random(4)]
      if (live.size < 60 && random(100) < 52) {
        const size = sizes[random(sizes.length)]
        const object = kmalloc(cpu, KIND.elem, size)
        expect(object).toBeGreaterThan(0)
        expect(live.has(object)).toBe(false)
        live.set(object, size)
        peakLive = Math.max(peakLive, live.size)
      } else if (live.size > 0) {
        const object = [...live.keys()][random(live.size)]
        kfree(cpu, KIND.elem, live.get(object) as number, object)
        live.delete(object)
      }
    }
    expect(peakLive).toBeGreaterThan(30)
    expect(liveObjects(memory)).toMatchObject({ elem: live.size, words: [...live.values()].reduce((a, b) => a + b, 0) })
    const spans = [...live].map(([at, size]) => [at, at + size]).sort(([a], [b]) => a - b)
    for (let i = 1; i < spans.length; i++) expect(spans[i - 1][1]).toBeLessThanOrEqual(spans[i][0])
  })
})

describe('redzones', () => {
  const made = (redzones: boolean) => {
    const memory = createMemory({ cpus: 1, bytes: 1 << 20, maxFds: 16, redzones })
    const cpu = cpuOf(memory, 0)
    const objects = [16, 16, 32, 32, 4096, 4096].map((size) => kmalloc(cpu, KIND.elem, size))
    return { words: memory.words, objects, memory }
  }

  it('are a line before the first object and behind each', () => {
    const { words, objects, memory } = made(true)
    expect(words[HEADER.brk] - objects[5]).toBeGreaterThanOrEqual(4096 + 16)
    expect(objects[0]).toBe(words[HEADER.heap] + 16)
    for (const [i, size] of [16, 32, 4096].entries())
      expect([size, objects[2 * i + 1] - objects[2 * i]]).toEqual([size, size + 16])
    expect(objects.filter((object) => object % 16 !== 0)).toEqual([])
    expect(guardFaults(words)).toEqual([])
    expect(attach(memory.buffer).words.length).toBe(words.length)
  })

  it('are none unless asked for', () => {
    const { words, objects } = made(false)
    expect(objects[0]).toBe(words[HEADER.heap])
    for (const [i, size] of [16, 32, 4096].entries())
      expect([size, objects[2 * i + 1] - objects[2 * i]]).toEqual([size, size])
  })

  it('are the sanitizer’s own with the sanitizer', () => {
    const memory = createMemory({ cpus: 1, bytes: 1 << 20, maxFds: 16, sanitize: true, redzones: true })
    expect(memory.words[HEADER.redzone]).toBe(0)
  })
})
