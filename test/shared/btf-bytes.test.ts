import { describe, expect, it } from 'vitest'
import { array, bpfSpinLock, char, i16, struct, u8, u32, u64 } from '../../src/shared/btf.ts'
import { checkMapBtf } from '../../src/shared/btf-check.ts'
import { emitBtf, mapBtf } from '../../src/shared/btf-emit.ts'
import { parseBtf } from '../../src/shared/btf-parse.ts'
import { type Btf, type BtfType, btfSize, btfType } from '../../src/shared/btf-record.ts'

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
  ],
}

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
    expect(checkMapBtf({ btf, keyTypeId, valueTypeId }, 4, Value.size)).toBe(Value.lockOffset)
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

  it('read from any cut or garbled input either parse or throw TypeError', () => {
    const { bytes } = mapBtf(Value as never)
    for (let i = 0; i < bytes.length; i++) {
      const garbled = bytes.slice()
      garbled[i]! ^= 0xff
      try {
        parseBtf(garbled)
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
    }
  })
})

describe('the BTF of a map', () => {
  const check = (keyTypeId: number, keySize = 4) => checkMapBtf({ btf: ALL, keyTypeId, valueTypeId: 6 }, keySize, 4)

  it('has a key that is a 32-bit integer, behind typedefs or not', () => {
    const typedef: Btf = { types: [...ALL.types, { kind: 'typedef', name: 'key_t', type: 1 }] }
    expect(check(1)).toBe(-1)
    expect(checkMapBtf({ btf: typedef, keyTypeId: 13, valueTypeId: 6 }, 4, 4)).toBe(-1)
    for (const other of [0, 2, 3, 5, 6, 7, 99]) expect(check(other), `${other}`).toBe(-22)
  })

  it('has the sizes that the map has', () => {
    expect(check(1, 8)).toBe(-22)
    expect(checkMapBtf({ btf: ALL, keyTypeId: 1, valueTypeId: 6 }, 4, 5)).toBe(-22)
  })
})
