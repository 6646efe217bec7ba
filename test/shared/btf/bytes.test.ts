import { describe, expect, it } from 'vitest'
import { array, bpfSpinLock, char, i16, struct, u8, u32, u64 } from '../../../src/shared/btf/btf.ts'
import { checkMapBtf } from '../../../src/shared/btf/check.ts'
import { emitBtf, mapBtf } from '../../../src/shared/btf/emit.ts'
import { parseBtf } from '../../../src/shared/btf/parse.ts'
import { type Btf, type BtfType, btfSize, btfType, skipModifiers } from '../../../src/shared/btf/record.ts'

const Inner = struct('inner', { a: u8, b: i16 })
const Value = struct('value', { n: u64, lock: bpfSpinLock, name: char(5), inner: Inner, grid: array(array(u32, 2), 3) })

/** One type of each kind a value can have, odd ones included. */
const ALL: Btf = {
  types: [
    { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' },
    { kind: 'int', name: '_Bool', size: 1, bits: 8, offset: 0, encoding: 'bool' },
    { kind: 'pointer', name: '', type: 1 },
    { kind: 'array', element: 1, index: 1, length: 3 },
    {
      kind: 'struct',
      name: 's',
      size: 8,
      members: [
        { name: 'a', type: 1, bitOffset: 0, bitfieldSize: 3 },
        { name: 'b', type: 1, bitOffset: 3, bitfieldSize: 29 },
      ],
    },
    { kind: 'union', name: 'u', size: 4, members: [{ name: 'x', type: 1, bitOffset: 0, bitfieldSize: 0 }] },
    {
      kind: 'enum',
      name: 'e',
      size: 4,
      signed: true,
      values: [
        { name: 'LESS', value: -1n },
        { name: 'MORE', value: 1n },
      ],
    },
    { kind: 'enum', name: 'wide', size: 8, signed: false, values: [{ name: 'BIG', value: 2n ** 63n }] },
    { kind: 'typedef', name: 't', type: 5 },
    { kind: 'const', name: '', type: 9 },
    { kind: 'volatile', name: '', type: 10 },
    { kind: 'float', name: 'double', size: 8 },
    { kind: 'int', name: 'char', size: 1, bits: 8, offset: 0, encoding: 'char' },
    { kind: 'int', name: 'u32', size: 4, bits: 32, offset: 0, encoding: 'unsigned' },
    { kind: 'restrict', name: '', type: 3 },
    { kind: 'type-tag', name: 'user', type: 1 },
  ],
}

/** A BTF object with these words as its types and these strings; `typeSize` is what its header says of them. */
function raw(words: readonly number[], strings = '', typeSize = 4 * words.length): Uint8Array {
  const bytes = new Uint8Array(24 + 4 * words.length + strings.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0xeb9f, true)
  const header = [24, 0, typeSize, 4 * words.length, strings.length]
  for (const [i, value] of [...header, ...words].entries()) view.setUint32(4 + 4 * i, value, true)
  for (let i = 0; i < strings.length; i++) bytes[24 + 4 * words.length + i] = strings.charCodeAt(i)
  return bytes
}

/** The second word of a type. */
const info = (kind: number, count = 0, flag = 0) => ((flag << 31) | (kind << 24) | count) >>> 0

const NAMES = '\0int\0'
const INT = [1, info(1), 4, 32]

/** A map of sk storage whose key and value have these sizes. */
const sized = (keySize: number, valueSize: number) => ({ type: 24, keySize, valueSize, maxEntries: 0, flags: 1 })

describe('BTF bytes', () => {
  it('come back as the records they were made of', () => {
    expect(parseBtf(emitBtf(ALL))).toEqual(ALL)
  })

  it('of a value type give its sizes, offsets and lock', () => {
    const { bytes, keyTypeId, valueTypeId } = mapBtf(Value as never)
    const btf = parseBtf(bytes)
    const value = btfType(btf, valueTypeId) as Extract<BtfType, { members: unknown }>
    expect([btfSize(btf, keyTypeId), btfSize(btf, valueTypeId)]).toEqual([4, Value.size])
    expect(value.members.map(({ name, bitOffset }) => [name, bitOffset / 8])).toEqual(Object.entries(Value.offsets))
    expect(checkMapBtf({ btf, keyTypeId, valueTypeId }, sized(4, Value.size))).toBe(Value.lockOffset)
  })

  it('that are none are refused in a sentence', () => {
    const { bytes } = mapBtf(Value as never)
    expect(() => parseBtf(new Uint8Array(3))).toThrow('BTF: expected a header of 24 bytes, got 3 bytes')
    expect(() => parseBtf(new Uint8Array(30))).toThrow('BTF: expected the magic number 0xeb9f, got 0x0')
    expect(() => parseBtf(bytes.subarray(0, bytes.length - 1))).toThrow(/expected \d+ bytes, got \d+/)
    const unknown = bytes.slice()
    unknown[24 + 7] = 30
    expect(() => parseBtf(unknown)).toThrow('BTF: int has kind 30, which is not known')
  })

  it('may have no types and no strings', () => {
    expect(parseBtf(raw([]))).toEqual({ types: [] })
  })

  it('hold tags of types and of members, which come back as they were', () => {
    const types: BtfType[] = [
      { kind: 'decl-tag', name: 'of a type', type: 2, component: -1 },
      { kind: 'struct', name: 's', size: 0, members: [] },
      { kind: 'decl-tag', name: 'of a member', type: 2, component: 3 },
    ]
    expect(parseBtf(emitBtf({ types }))).toEqual({ types })
    // A tag is nothing that a value has.
    expect([btfSize({ types }, 1), skipModifiers({ types }, 1)]).toEqual([undefined, types[0]])
  })

  it('hold kinds that no value has', () => {
    const [fwd, func, funcProto, variable, dataSection] = [7, 12, 13, 14, 15]
    const words = [
      [1, info(fwd), 0],
      [1, info(func), 3],
      [0, info(funcProto, 2), 0, 1, 1, 1, 1],
      [1, info(variable), 1, 0],
      [1, info(dataSection, 2), 8, 1, 0, 4, 1, 4, 4],
      INT,
    ].flat()
    const name = 'int'
    const parameter = { name, type: 1 }
    const variables = [0, 4].map((offset) => ({ type: 1, offset, size: 4 }))
    expect(parseBtf(raw(words, NAMES)).types).toMatchObject([
      { kind: 'forward', name, of: 'struct' },
      { kind: 'function', name, type: 3, linkage: 0 },
      { kind: 'prototype', returns: 0, parameters: [parameter, parameter] },
      { kind: 'variable', name, type: 1, linkage: 0 },
      { kind: 'data-section', name, size: 8, variables },
      { kind: 'int', name, bits: 32 },
    ])
  })

  it('have names of at most 511 bytes', () => {
    const named = (length: number) => parseBtf(raw(INT, `\0${'n'.repeat(length)}\0`)).types
    expect(named(511)).toMatchObject([{ name: 'n'.repeat(511) }])
    expect(() => named(512)).toThrow(new TypeError('BTF: expected a name of at most 511 bytes at 1, got 512'))
  })

  it('give a member of a struct without bitfields all 32 bits of its offset', () => {
    const words = [...INT, 0, info(4, 1), 0x400_0000, 0, 1, 0x1800_0000]
    expect(parseBtf(raw(words, NAMES)).types[1]).toMatchObject({
      members: [{ type: 1, bitOffset: 0x1800_0000, bitfieldSize: 0 }],
    })
  })

  it.each<[string, Uint8Array]>([
    ['expected 48 bytes, got 40', raw(INT, '', 24)],
    ['expected 48 bytes, got 45', raw(INT, NAMES, 24)],
    ['expected 45 bytes, got 44', raw(INT, NAMES).subarray(0, 44)],
    ['the last type is cut off', raw([...INT, 1, info(16)], NAMES)],
    ['int is cut off', raw([1, info(1), 4], NAMES)],
    ['a type is cut off', raw([0, info(3), 0, 1, 1], NAMES)],
    ['a type is cut off', raw([...INT, 0, info(4, 2), 8, 0, 1, 0, 0, 1], NAMES)],
    ['int is cut off', raw([1, info(6, 2), 4, 1, 0, 1], NAMES)],
    ['int is cut off', raw([1, info(15, 2), 8, 1, 0, 4, 1, 4], NAMES)],
    ['int is cut off', raw([1, info(14), 8], NAMES)],
    ['a type has kind 30, which is not known', raw([0, info(30), 0], NAMES)],
    ['int has an encoding that is not known', raw([1, info(1), 4, 0x0300_0020], NAMES)],
    ['expected a name at 5, got none there', raw([5, info(1), 4, 32], NAMES)],
    ['expected a name at 4, got none there', raw([4, info(1), 4, 32], '\0int')],
    ['expected a name at 1, got none there', raw(INT, '\0int')],
  ])('are refused: %s', (sentence, bytes) => {
    expect(() => parseBtf(bytes)).toThrow(new TypeError(`BTF: ${sentence}`))
  })

  it('read from any cut or garbled input either parse or throw TypeError', () => {
    const { bytes } = mapBtf(Value as never)
    for (let i = 0; i < bytes.length; i++) {
      const garbled = bytes.slice()
      garbled[i] ^= 0xff
      try {
        parseBtf(garbled)
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
    }
  })
})

describe('the size of a type', () => {
  const int: BtfType = { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' }
  const array = (element: number, length = 3): BtfType => ({ kind: 'array', element, index: 1, length })
  const sizes = (...types: readonly BtfType[]) => types.map((_, i) => btfSize({ types }, i + 1))

  it('is that of its elements together', () => {
    expect(sizes(array(2), array(3, 2), int)).toEqual([24, 8, 4])
  })

  it('is none for void, for what no value is made of, and for arrays of those', () => {
    expect(sizes({ kind: 'function', name: 'f', type: 0, linkage: 0 }, array(1), array(0))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('is none where types go in a circle', () => {
    const typedef = (type: number): BtfType => ({ kind: 'typedef', name: 't', type })
    expect(sizes(typedef(2), typedef(1), array(3), array(5), array(4))).toEqual(Array(5).fill(undefined))
  })
})

describe('the BTF of a map', () => {
  const check = (keyTypeId: number, keySize = 4) =>
    checkMapBtf({ btf: ALL, keyTypeId, valueTypeId: 6 }, sized(keySize, 4))

  it('has a key that is a 32-bit integer, behind typedefs or not', () => {
    const typedef: Btf = { types: [...ALL.types, { kind: 'typedef', name: 'key_t', type: 1 }] }
    expect(check(1)).toBe(-1)
    expect(checkMapBtf({ btf: typedef, keyTypeId: 17, valueTypeId: 6 }, sized(4, 4))).toBe(-1)
    for (const other of [0, 2, 3, 5, 6, 7, 99]) expect(check(other), `${other}`).toBe(-22)
  })

  it('has the sizes that the map has', () => {
    expect(check(1, 8)).toBe(-22)
    expect(checkMapBtf({ btf: ALL, keyTypeId: 1, valueTypeId: 6 }, sized(4, 5))).toBe(-22)
  })
})
