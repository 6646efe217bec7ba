import { describe, expect, it } from 'vitest'
import { cpuOf } from '../../src/shared/cpu-of.ts'
import { FIRST_FD, MAX_CPUS } from '../../src/shared/layout.ts'
import { attach, createMemory, type MemoryOptions } from '../../src/shared/memory.ts'
import { HEADER, SOCK } from '../../src/shared/records.ts'
import { house, MODES, SK_STORAGE_MAP, socket, storageMap } from './setting.ts'

const good = { cpus: 2, bytes: 4 << 20 }

/** The error that a call throws, as 'Name: message'. */
function thrown(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return String(error)
  }
  return 'nothing was thrown'
}

/** The smallest memory that these options allow, in bytes, as the error for a smaller one says. */
function leastBytes(options: Omit<MemoryOptions, 'bytes'>): number {
  return Number(/from (\d+) to/.exec(thrown(() => createMemory({ ...options, bytes: 0 })))?.[1])
}

describe('createMemory', () => {
  it.each([
    [{ cpus: 0 }, 'RangeError: cpus: got 0, expected an integer from 1 to 256'],
    [{ cpus: 257 }, 'RangeError: cpus: got 257, expected an integer from 1 to 256'],
    [{ cpus: 1.5 }, 'RangeError: cpus: got 1.5, expected an integer from 1 to 256'],
    [{ cpus: Number.NaN }, 'RangeError: cpus: got NaN, expected an integer from 1 to 256'],
    [{ maxFds: 3 }, 'RangeError: maxFds: got 3, expected an integer from 4 to 16777216'],
    [{ maxFds: 2 ** 24 + 1 }, 'RangeError: maxFds: got 16777217, expected an integer from 4 to 16777216'],
    [{ optmemMax: -1 }, 'RangeError: optmemMax: got -1, expected an integer from 0 to 2147483647'],
    [{ optmemMax: 2 ** 31 }, 'RangeError: optmemMax: got 2147483648, expected an integer from 0 to 2147483647'],
  ])('refuses %o in one sentence', (wrong, sentence) => {
    expect(thrown(() => createMemory({ ...good, ...wrong }))).toBe(sentence)
  })

  it('refuses a size that does not hold its tables, and says the least that does', () => {
    const least = leastBytes({ cpus: 2 })
    expect(thrown(() => createMemory({ cpus: 2, bytes: least - 1 }))).toBe(
      `RangeError: bytes: got ${least - 1}, expected an integer from ${least} to 8589934592`,
    )
    const { buffer } = createMemory({ cpus: 2, bytes: least })
    expect(attach(buffer).buffer.byteLength).toBe(least)
    expect(leastBytes({ cpus: 2, sanitize: true })).toBeGreaterThan(least)
    expect(leastBytes({ cpus: 2, maxFds: 65_537 })).toBe(least + 64)
  })

  it('is 8 GiB at most, so that each word has a number below 2^31', () => {
    expect(thrown(() => createMemory({ ...good, bytes: 4 * 2 ** 31 + 1 }))).toMatch(
      /^RangeError: bytes: got 8589934593, expected an integer from \d+ to 8589934592$/,
    )
  })

  it.each([1, 2, 16, MAX_CPUS])('makes no memory of %i CPUs too small for a map and a socket', (cpus) => {
    for (const { sanitize } of MODES) {
      const options = { cpus, maxFds: 16, sanitize }
      const { cpu } = house({ ...options, bytes: leastBytes(options) })
      expect(storageMap(cpu, SK_STORAGE_MAP).fd).toBe(FIRST_FD)
      expect(socket(cpu).fd).toBe(FIRST_FD + 1)
    }
  })

  it('begins its views on a cache line: 48 bytes into the buffer, which begins at a page + 16', () => {
    const { words, bytes, buffer } = createMemory(good)
    expect(buffer).toBeInstanceOf(SharedArrayBuffer)
    expect([words.byteOffset, bytes.byteOffset]).toEqual([48, 48])
    expect(bytes.length).toBe(4 * words.length)
  })

  it('takes the defaults of the kernel: 131 072 bytes of option memory, 65 536 descriptors', () => {
    const { words } = createMemory(good)
    expect([words[HEADER.optmemMax], words[HEADER.maxFds], words[HEADER.cpus]]).toEqual([131_072, 65_536, 2])
  })

  it('lays its parts out one behind the other, each on a cache line', () => {
    for (const { sanitize } of MODES) {
      const { words } = createMemory({ ...good, cpus: 3, maxFds: 100, sanitize })
      const parts = ['rcu', 'depots', 'cookies', 'fds', 'quarantine', 'heap', 'heapEnd'] as const
      const starts = parts.map((part) => words[HEADER[part]])
      expect(starts.filter((start) => start % 16 !== 0)).toEqual([])
      expect(starts).toEqual([...starts].sort((a, b) => a - b))
      expect(words[HEADER.brk]).toBeGreaterThanOrEqual(words[HEADER.heap])
      expect(words[HEADER.heapEnd]).toBeLessThanOrEqual(words.length)
    }
  })

  it('gives the sanitizer a byte of shadow for every word of the heap', () => {
    const { words } = createMemory({ ...good, sanitize: true })
    expect(words[HEADER.shadow]).toBe(words[HEADER.heapEnd])
    expect(words[HEADER.shadow] * 4 + words[HEADER.heapEnd]).toBeLessThanOrEqual(4 * words.length)
    expect(createMemory(good).words[HEADER.shadow]).toBe(0)
  })

  it('works in an ArrayBuffer too, for one thread where sharing is not allowed', () => {
    const { memory, cpu } = house({ unshared: true })
    expect(memory.buffer).toBeInstanceOf(ArrayBuffer)
    expect(socket(cpu).fd).toBe(FIRST_FD)
    expect(attach(memory.buffer).buffer).toBe(memory.buffer)
  })
})

describe('attach', () => {
  const { buffer } = createMemory(good)
  /** A copy of a good memory with one word of its header replaced. */
  function spoiled(word: number, value: number): ArrayBuffer {
    const copy = buffer.slice(0) as unknown as ArrayBuffer
    new Int32Array(copy, 48)[word] = value
    return copy
  }

  it('sees the same words as the thread that made the memory', () => {
    const { memory, cpu } = house()
    const attached = attach(memory.buffer)
    const { sk } = socket(cpu)
    expect(attached.words[sk + SOCK.refcount]).toBe(1)
    expect([attached.words.length, attached.words.byteOffset]).toEqual([memory.words.length, 48])
  })

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [7, 'number'],
    ['memory', 'string'],
    [new Int32Array(4), 'Int32Array'],
    [{}, 'Object'],
    [Object.create(null), 'an object'],
  ])('refuses %o', (wrong, got) => {
    expect(thrown(() => attach(wrong as never))).toBe(`TypeError: attach: got ${got}, expected a SharedArrayBuffer`)
  })

  it('refuses a buffer too small for the header', () => {
    const least = 48 + 4 * HEADER.SIZE
    expect(thrown(() => attach(new SharedArrayBuffer(least - 1)))).toBe(
      `TypeError: attach: got ${least - 1} bytes, expected at least ${least} for the header`,
    )
    expect(thrown(() => attach(new SharedArrayBuffer(least)))).toContain('got magic number')
  })

  it('refuses a buffer that is none of ours, or not finished', () => {
    expect(thrown(() => attach(new SharedArrayBuffer(4096)))).toBe(
      'TypeError: attach: got magic number 0x00000000, expected 0x534b5354',
    )
    expect(thrown(() => attach(spoiled(HEADER.magic, -1)))).toBe(
      'TypeError: attach: got magic number 0xffffffff, expected 0x534b5354',
    )
  })

  it('refuses another version', () => {
    const { words } = createMemory(good)
    const version = words[HEADER.version]
    expect(thrown(() => attach(spoiled(HEADER.version, version + 1)))).toBe(
      `TypeError: attach: got version ${version + 1}, expected ${version}`,
    )
  })

  it('refuses the memory of a build with other layouts', () => {
    const { words } = createMemory(good)
    const expected = (words[HEADER.fingerprint] >>> 0).toString(16).padStart(8, '0')
    expect(thrown(() => attach(spoiled(HEADER.fingerprint, 0x1234)))).toBe(
      `TypeError: attach: got layout fingerprint 0x00001234, expected 0x${expected}`,
    )
  })

  it('refuses a header whose parts are not where its sizes say', () => {
    const { words } = createMemory(good)
    for (const name of ['rcu', 'depots', 'cookies', 'fds', 'heap', 'heapEnd'] as const) {
      const part = HEADER[name]
      const at = words[part]
      expect(thrown(() => attach(spoiled(part, at + 16)))).toBe(
        `TypeError: attach: got ${name} at word ${at + 16}, expected ${at}`,
      )
    }
    expect(thrown(() => attach(spoiled(HEADER.cpus, 0)))).toBe(
      'TypeError: attach: got a number of CPUs of 0, expected from 1 to 256',
    )
    expect(thrown(() => attach(spoiled(HEADER.cpus, 3)))).toMatch(
      /^TypeError: attach: got depots at word \d+, expected \d+$/,
    )
  })

  it('refuses a memory that was cut off', () => {
    const length = (buffer.byteLength - 48) >> 2
    const shorter = buffer.slice(0, buffer.byteLength - 4) as SharedArrayBuffer
    expect(thrown(() => attach(shorter))).toBe(`TypeError: attach: got size in words ${length - 1}, expected ${length}`)
  })
})

describe('cpuOf', () => {
  it('refuses a CPU that the memory has no place for', () => {
    const memory = createMemory(good)
    for (const id of [-1, 2, 0.5, Number.NaN]) {
      expect(thrown(() => cpuOf(memory, id))).toBe(`RangeError: cpuOf: got CPU ${id}, expected an integer from 0 to 1`)
    }
  })

  it('gives each CPU a corner of its own', () => {
    const memory = createMemory({ ...good, cpus: 4 })
    const bases = [0, 1, 2, 3].map((id) => cpuOf(memory, id).base)
    expect(new Set(bases).size).toBe(4)
    expect(bases.filter((base) => base % 16 !== 0)).toEqual([])
  })
})
