import { describe, expect, it } from 'vitest'
import { array, bpfSpinLock, char, i8, i64, struct, u8, u16, u32 } from '../../../src/shared/btf/btf.ts'

// Each test makes its types itself, so that a mistake in the making fails tests. A file that cannot be loaded has none,
// which mutation tests take for a mutant that nobody noticed.

describe('making a type', () => {
  const lockSentence = "a bpf_spin_lock must be a field of the value's own struct, not of a nested struct or an array"
  const lockedAt = { 0: { lock: bpfSpinLock, cnt: u32 }, 4: { cnt: u32, lock: bpfSpinLock } }

  it.each([0, 4] as const)('refuses a lock at byte %d of a nested struct', (at) => {
    const counter = struct('counter', lockedAt[at])
    expect(counter.lockOffset).toBe(at)
    expect(() => struct('outer', { n: u32, inner: counter })).toThrow(
      new TypeError(`struct outer: inner: ${lockSentence}`),
    )
  })

  it.each([0, 4] as const)('refuses a lock at byte %d of the elements of an array', (at) => {
    const counter = struct('counter', lockedAt[at])
    expect(() => array(counter, 2)).toThrow(new TypeError(`counter[2]: ${lockSentence}`))
  })

  it('refuses an array of locks', () => {
    // @ts-expect-error: nor do the types allow it.
    expect(() => array(bpfSpinLock, 2)).toThrow(new TypeError(`bpf_spin_lock[2]: ${lockSentence}`))
  })

  it('refuses a second lock', () => {
    expect(() => struct('twice', { a: bpfSpinLock, n: u32, b: bpfSpinLock })).toThrow(
      new TypeError("struct twice: a value holds at most one bpf_spin_lock, got 'a' and 'b'"),
    )
  })

  it('refuses a struct without fields', () => {
    expect(() => struct('nothing', {})).toThrow(new TypeError('struct nothing: expected at least one field, got none'))
  })

  it.each(['', '1', '0x', 'a-b', 'a$', 'é', '__proto__'])('refuses %j as a name', (name) => {
    const got = JSON.stringify(name)
    expect(() => struct(name, { n: u32 })).toThrow(
      new TypeError(`the name of a struct: expected a C identifier, got ${got}`),
    )
    expect(() => struct('s', Object.fromEntries([[name, u32]]))).toThrow(
      new TypeError(`struct s: the name of a field: expected a C identifier, got ${got}`),
    )
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as a length', (length) => {
    const message = `expected a length of 1 or more, got ${length}`
    expect(() => array(u32, length)).toThrow(new RangeError(`u32[]: ${message}`))
    expect(() => char(length)).toThrow(new RangeError(`char[]: ${message}`))
  })

  it('refuses an array of more bytes than BTF can count', () => {
    expect(array(u8, 2 ** 32 - 1).size).toBe(2 ** 32 - 1)
    expect(() => array(u32, 2 ** 30)).toThrow(
      new RangeError('u32[]: expected at most 4294967295 bytes, got 1073741824 times 4'),
    )
  })

  it('nests structs and arrays of anything that holds no lock', () => {
    const point = struct('point', { x: u8, y: i8 })
    const line = struct('line', { ends: array(point, 2), name: char(6), at: array(i64, 1), lock: bpfSpinLock })
    const { size, align, lockOffset, offsets } = line
    expect({ size, align, lockOffset, offsets }).toEqual({
      size: 32,
      align: 8,
      lockOffset: 24,
      offsets: { ends: 0, name: 4, at: 16, lock: 24 },
    })
    expect([u32, i64, point, array(point, 2), char(6)].map((type) => type.lockOffset)).toEqual([-1, -1, -1, -1, -1])
    const end = { x: 255, y: -128 }
    const value = { ends: [end, end], name: 'ab', at: [-(2n ** 63n)] }
    expect(line.decode(line.encode(value), 0)).toEqual(value)
  })

  it('allows fields that are called like properties of every object', () => {
    const Odd = struct('odd', { constructor: u32, toString: u8, at: u16, value: u32 })
    const value = { constructor: 1, toString: 2, at: 3, value: 4 }
    expect(Odd.decode(Odd.encode(value), 0)).toEqual(value)
    const view = Odd.view(Odd.encode(value)).at(0)
    expect([view.constructor, view.toString, view.at, view.value]).toEqual([1, 2, 3, 4])
    // @ts-expect-error: it is missing.
    expect(() => Odd.encode({ constructor: 1, at: 3, value: 4 })).toThrow("odd: missing field 'toString'")
    expect(() => struct('s', { n: u32 }).encode(JSON.parse('{"n":1,"__proto__":2}'))).toThrow(
      "unknown field '__proto__'",
    )
  })
})
