import { describe, expect, it } from 'vitest'
import { checkMapBtf } from '../../../src/shared/btf/check.ts'
import type { BtfInt, BtfMember, BtfType } from '../../../src/shared/btf/record.ts'

const INT: BtfInt = { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' }
const U8: BtfInt = { kind: 'int', name: 'u8', size: 1, bits: 8, offset: 0, encoding: 'unsigned' }
const LOCK: BtfType = { kind: 'struct', name: 'bpf_spin_lock', size: 4, members: [] }
const at = (type: number, bitOffset: number): BtfMember => ({ name: '', type, bitOffset, bitfieldSize: 0 })

/** A map of sk storage whose key and value have these sizes. */
const sized = (keySize: number, valueSize: number) => ({ type: 24, keySize, valueSize, maxEntries: 0, flags: 1 })

/**
 * What the kernel's check would say of a key and a value, with the types 1 int, 2 bpf_spin_lock, 3 u8, 4 the key and 5
 * the value.
 */
function check(key: BtfType, value: BtfType, valueSize: number, keySize = 4): number {
  const types = [INT, LOCK, U8, key, value]
  return checkMapBtf({ btf: { types }, keyTypeId: 4, valueTypeId: 5 }, sized(keySize, valueSize))
}

/** The same of a value that is a struct of these members. */
const struct = (size: number, ...members: readonly BtfMember[]) =>
  check(INT, { kind: 'struct', name: 'value', size, members }, size)

describe('the key of a map of sk storage', () => {
  const key = (type: BtfType, size = 4) => check(type, INT, 4, size)

  it('is an int of 32 bits, whatever its sign, and typedefs of it', () => {
    expect(key(INT)).toBe(-1)
    expect(key({ ...INT, encoding: 'unsigned' })).toBe(-1)
    expect(key({ kind: 'typedef', name: 'fd_t', type: 1 })).toBe(-1)
  })

  it.each<[string, BtfType, number?]>([
    ['as large but no int', { kind: 'float', name: 'float', size: 4 }],
    ['an enum', { kind: 'enum', name: 'e', size: 4, signed: false, values: [] }],
    ['an int of fewer bits than its bytes hold', { ...INT, bits: 31 }],
    ['an int that begins within its bytes', { ...INT, offset: 1 }],
    ['smaller than the map’s', U8],
    ['as large as the map’s, but that is not 4', U8, 1],
    ['void', { kind: 'typedef', name: 'nothing', type: 0 }],
  ])('is refused when it is %s', (_, type, size) => {
    expect(key(type, size)).toBe(-22)
  })
})

describe('the bpf_spin_lock of a value', () => {
  it('is where its member stands, in bytes', () => {
    expect(struct(8, at(1, 0), at(2, 32))).toBe(4)
    expect(struct(8, at(2, 0), at(1, 32))).toBe(0)
  })

  it('is not there in a value without one, that is no struct, or that only looks like one', () => {
    expect(struct(4, at(1, 0))).toBe(-1)
    expect(check(INT, INT, 4)).toBe(-1)
    expect(check(INT, { kind: 'union', name: 'u', size: 4, members: [at(2, 0)] }, 4)).toBe(-1)
    expect(check(INT, { kind: 'pointer', name: '', type: 2 }, 8)).toBe(-1)
    const named = (type: BtfType) =>
      checkMapBtf(
        {
          btf: { types: [INT, type, { kind: 'struct', name: 'v', size: 4, members: [at(2, 0)] }] },
          keyTypeId: 1,
          valueTypeId: 3,
        },
        sized(4, 4),
      )
    expect(named({ kind: 'struct', name: 'bpf_spin_lock', size: 4, members: [] })).toBe(0)
    expect(named({ kind: 'struct', name: 'bpf_spin_lock', size: 8, members: [] })).toBe(-1)
    expect(named({ kind: 'struct', name: 'raw_spinlock', size: 4, members: [] })).toBe(-1)
    expect(named({ kind: 'union', name: 'bpf_spin_lock', size: 4, members: [] })).toBe(-1)
  })

  it('is not looked for in a member that has no type', () => {
    expect(struct(8, at(0, 0), at(2, 32))).toBe(4)
  })

  it('is one, on 4 bytes', () => {
    expect(struct(8, at(2, 0), at(2, 32))).toBe(-22)
    expect(struct(12, at(2, 32), at(2, 64))).toBe(-22)
    expect(struct(8, at(3, 0), at(2, 8))).toBe(-22)
    expect(struct(8, at(2, 16))).toBe(-22)
  })
})

describe('an array', () => {
  const types: BtfType[] = [
    INT,
    LOCK,
    { kind: 'struct', name: 'locked', size: 8, members: [at(1, 0), at(2, 32)] },
    { kind: 'variable', name: 'hits', type: 1, linkage: 1 },
    { kind: 'data-section', name: '.bss', size: 4, variables: [{ type: 4, offset: 0, size: 4 }] },
    { kind: 'struct', name: 'key', size: 4, members: [at(1, 0)] },
  ]
  const checked = (keyTypeId: number, valueTypeId: number, more: object) =>
    checkMapBtf({ btf: { types }, keyTypeId, valueTypeId }, { ...sized(4, 8), flags: 0, maxEntries: 1, ...more })

  it('has a value with a lock, that programs may store to, and not one for each CPU', () => {
    expect(checked(1, 3, { type: 2 })).toBe(4)
    expect(checked(1, 3, { type: 2, flags: 1 << 7 })).toBe(-13)
    expect(checked(1, 3, { type: 2, flags: 1 << 8 })).toBe(-13)
    expect(checked(1, 3, { type: 6 })).toBe(-95)
  })

  it('has a key that is an integer, as a hash map need not', () => {
    expect(checked(6, 3, { type: 2 })).toBe(-22)
    expect(checked(6, 3, { type: 1 })).toBe(4)
  })

  it('has no type of a key only if it holds the variables of a program', () => {
    expect(checked(0, 5, { type: 2, valueSize: 4 })).toBe(-1)
    expect(checked(0, 5, { type: 2, valueSize: 8 })).toBe(-22)
    expect(checked(0, 5, { type: 2, valueSize: 4, maxEntries: 2 })).toBe(-22)
    expect(checked(0, 5, { type: 6, valueSize: 4 })).toBe(-22)
    expect(checked(0, 1, { type: 2, valueSize: 4 })).toBe(-22)
    expect(checked(0, 5, { type: 1, valueSize: 4 })).toBe(-22)
  })
})
