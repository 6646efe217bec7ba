import { describe, expect, it } from 'vitest'
import { array, bpfSpinLock, char, i8, i16, i32, i64, struct, u8, u16, u32, u64 } from '../../../src/shared/btf/btf.ts'
import { emitBtf, mapBtf } from '../../../src/shared/btf/emit.ts'
import { parseBtf } from '../../../src/shared/btf/parse.ts'
import type { BtfMember, BtfType } from '../../../src/shared/btf/record.ts'

/** struct btf_header: magic and version, then sizes and places. */
const HEADER_WORDS = 6

const INT: BtfType = { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' }

const int = (name: string, size: number, encoding: 'signed' | 'unsigned'): BtfType => {
  return { kind: 'int', name, size, bits: size * 8, offset: 0, encoding }
}
const member = (name: string, type: number, bitOffset: number, bitfieldSize = 0): BtfMember => {
  return { name, type, bitOffset, bitfieldSize }
}
const structOf = (...members: BtfMember[]): BtfType => ({ kind: 'struct', name: 's', size: 4, members })
const enumOf = (size: number, count: number): BtfType => {
  const values = Array.from({ length: count }, () => ({ name: 'A', value: -1n }))
  return { kind: 'enum', name: 'e', size, signed: true, values }
}

/** The words of these types, and the names behind them. */
function sections(...types: BtfType[]): { words: string[]; names: string } {
  const bytes = emitBtf({ types })
  const view = new DataView(bytes.buffer)
  const end = HEADER_WORDS + view.getUint32(12, true) / 4
  const words = Array.from({ length: end - HEADER_WORDS }, (_, i) =>
    view.getUint32((HEADER_WORDS + i) * 4, true).toString(16),
  )
  return { words, names: String.fromCharCode(...bytes.subarray(end * 4)) }
}

describe('the BTF of a value type', () => {
  const typesOf = (value: unknown) => parseBtf(mapBtf(value as never).bytes).types

  it('calls integers what C calls them, behind the typedefs of the kernel', () => {
    const value = struct('ints', { a: u8, b: i8, c: u16, d: i16, e: u32, f: i32, g: u64, h: i64 })
    expect(typesOf(value).slice(0, -1)).toEqual([
      INT,
      int('unsigned char', 1, 'unsigned'),
      { kind: 'typedef', name: '__u8', type: 2 },
      int('signed char', 1, 'signed'),
      { kind: 'typedef', name: '__s8', type: 4 },
      int('unsigned short', 2, 'unsigned'),
      { kind: 'typedef', name: '__u16', type: 6 },
      int('short', 2, 'signed'),
      { kind: 'typedef', name: '__s16', type: 8 },
      int('unsigned int', 4, 'unsigned'),
      { kind: 'typedef', name: '__u32', type: 10 },
      // The map's key, once more.
      { kind: 'typedef', name: '__s32', type: 1 },
      int('unsigned long long', 8, 'unsigned'),
      { kind: 'typedef', name: '__u64', type: 13 },
      int('long long', 8, 'signed'),
      { kind: 'typedef', name: '__s64', type: 15 },
    ])
  })

  it('has the lock as a struct around a __u32, each type in front of whoever is made of it', () => {
    const value = struct('locked', { lock: bpfSpinLock, n: u32 })
    expect(typesOf(value)).toEqual([
      INT,
      int('unsigned int', 4, 'unsigned'),
      { kind: 'typedef', name: '__u32', type: 2 },
      { kind: 'struct', name: 'bpf_spin_lock', size: 4, members: [member('val', 3, 0)] },
      { kind: 'struct', name: 'locked', size: 8, members: [member('lock', 4, 0), member('n', 3, 32)] },
    ])
  })

  it('has strings as arrays of char, and one index type and one record for all arrays that are alike', () => {
    const value = struct('arrays', { name: char(5), grid: array(array(i32, 3), 2), other: char(5) })
    expect(typesOf(value)).toEqual([
      INT,
      int('char', 1, 'signed'),
      int('__ARRAY_SIZE_TYPE__', 4, 'unsigned'),
      { kind: 'array', element: 2, index: 3, length: 5 },
      { kind: 'typedef', name: '__s32', type: 1 },
      { kind: 'array', element: 5, index: 3, length: 3 },
      { kind: 'array', element: 6, index: 3, length: 2 },
      {
        kind: 'struct',
        name: 'arrays',
        size: 40,
        members: [member('name', 4, 0), member('grid', 7, 64), member('other', 4, 256)],
      },
    ])
  })
})

describe('written BTF', () => {
  // The kernel refuses a flag where it means nothing, and a name on an array, a pointer or a qualifier.
  it('has flags and names only where the kernel takes them', () => {
    const { words } = sections(
      INT,
      { kind: 'array', element: 1, index: 1, length: 3 },
      { kind: 'pointer', name: '', type: 1 },
      { kind: 'typedef', name: 't', type: 1 },
      { kind: 'volatile', name: '', type: 1 },
      { kind: 'const', name: '', type: 1 },
      { kind: 'restrict', name: '', type: 3 },
      { kind: 'float', name: 'f', size: 8 },
      { kind: 'type-tag', name: 'user', type: 1 },
    )
    expect(words).toEqual([
      ...['1', '1000000', '4', '1000020'],
      ...['0', '3000000', '0', '1', '1', '3'],
      ...['0', '2000000', '1'],
      ...['5', '8000000', '1'],
      ...['0', '9000000', '1'],
      ...['0', 'a000000', '1'],
      ...['0', 'b000000', '3'],
      ...['7', '10000000', '8'],
      ...['9', '12000000', '1'],
    ])
  })

  it('has the flag for a struct of which one member is a bitfield, and only then the width beside the offset', () => {
    expect(sections(structOf(member('a', 1, 0), member('b', 1, 8))).words).toEqual([
      '1',
      '4000002',
      '4',
      '3',
      '1',
      '0',
      '5',
      '1',
      '8',
    ])
    expect(sections(structOf(member('a', 1, 0), member('b', 1, 8, 3))).words).toEqual([
      '1',
      '84000002',
      '4',
      '3',
      '1',
      '0',
      '5',
      '1',
      '3000008',
    ])
  })

  it('has enums of up to 4 bytes as ENUM and wider ones as ENUM64', () => {
    expect(sections(enumOf(1, 1)).words).toEqual(['1', '86000001', '1', '3', 'ffffffff'])
    expect(sections(enumOf(4, 1)).words).toEqual(['1', '86000001', '4', '3', 'ffffffff'])
    expect(sections(enumOf(8, 1)).words).toEqual(['1', '93000001', '8', '3', 'ffffffff', 'ffffffff'])
  })

  it('has each name once, behind the empty one', () => {
    const { words, names } = sections(
      INT,
      { kind: 'const', name: '', type: 1 },
      structOf(member('int', 1, 0)),
      enumOf(4, 2),
    )
    expect(names).toBe('\0int\0s\0e\0A\0')
    expect(words.at(4)).toBe('0')
    expect(words.at(10)).toBe('1')
  })

  it('holds 65 535 members or values, and no more', () => {
    expect(parseBtf(emitBtf({ types: [enumOf(4, 65_535)] })).types).toEqual([enumOf(4, 65_535)])
    const more = new RangeError('BTF: expected at most 65535 members, got 65536')
    expect(() => emitBtf({ types: [enumOf(4, 65_536)] })).toThrow(more)
    expect(() => emitBtf({ types: [structOf(...Array(65_536).fill(member('a', 1, 0)))] })).toThrow(more)
  })

  it('holds members up to the last bit that 32 bits can say, 24 beside a bitfield', () => {
    const [far, near] = [structOf(member('a', 1, 2 ** 32 - 1)), structOf(member('a', 1, 2 ** 24 - 1, 1))]
    expect(parseBtf(emitBtf({ types: [far, near] })).types).toEqual([far, near])
    expect(() => emitBtf({ types: [structOf(member('a', 1, 2 ** 32))] })).toThrow(
      new RangeError('BTF: expected a member at or below bit 4294967295, got 4294967296'),
    )
    expect(() => emitBtf({ types: [structOf(member('a', 1, 0, 1), member('b', 1, 2 ** 24))] })).toThrow(
      new RangeError('BTF: expected a member at or below bit 16777215, got 16777216'),
    )
  })

  it('holds what a program file says of its functions, variables and sections', () => {
    const types: BtfType[] = [
      INT,
      { kind: 'forward', name: 'task', of: 'struct' },
      { kind: 'forward', name: 'both', of: 'union' },
      { kind: 'prototype', returns: 1, parameters: [{ name: 'ctx', type: 2 }] },
      { kind: 'function', name: 'main', type: 4, linkage: 1 },
      { kind: 'variable', name: 'hits', type: 1, linkage: 0 },
      { kind: 'data-section', name: '.bss', size: 4, variables: [{ type: 6, offset: 0, size: 4 }] },
    ]
    expect(parseBtf(emitBtf({ types })).types).toEqual(types)
    expect(sections(...types).words.slice(4)).toEqual([
      ...['5', '7000000', '0'],
      ...['a', '87000000', '0'],
      ...['0', 'd000001', '1', 'f', '2'],
      ...['13', 'c000001', '4'],
      ...['18', 'e000000', '1', '0'],
      ...['1d', 'f000001', '4', '6', '0', '4'],
    ])
  })
})
