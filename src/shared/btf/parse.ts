/**
 * BTF bytes read back into records.
 */

import {
  BTF_HEADER_SIZE,
  BTF_KIND,
  BTF_MAGIC,
  type Btf,
  type BtfInt,
  type BtfMember,
  type BtfReference,
  type BtfType,
} from './record.ts'

const ENCODINGS: Readonly<Record<number, BtfInt['encoding']>> = { 0: 'unsigned', 1: 'signed', 2: 'char', 4: 'bool' }

const REFERENCES: Readonly<Record<number, BtfReference['kind']>> = {
  [BTF_KIND.pointer]: 'pointer',
  [BTF_KIND.typedef]: 'typedef',
  [BTF_KIND.volatile]: 'volatile',
  [BTF_KIND.const]: 'const',
  [BTF_KIND.restrict]: 'restrict',
  [BTF_KIND.typeTag]: 'type-tag',
}

/** Bytes behind the three words that every type begins with: so many, and so many for each of its entries. */
const TAILS: Readonly<Record<number, readonly [number, number]>> = Object.freeze({
  [BTF_KIND.int]: Object.freeze([4, 0] as const),
  [BTF_KIND.pointer]: Object.freeze([0, 0] as const),
  [BTF_KIND.array]: Object.freeze([12, 0] as const),
  [BTF_KIND.struct]: Object.freeze([0, 12] as const),
  [BTF_KIND.union]: Object.freeze([0, 12] as const),
  [BTF_KIND.enum]: Object.freeze([0, 8] as const),
  [BTF_KIND.fwd]: Object.freeze([0, 0] as const),
  [BTF_KIND.typedef]: Object.freeze([0, 0] as const),
  [BTF_KIND.volatile]: Object.freeze([0, 0] as const),
  [BTF_KIND.const]: Object.freeze([0, 0] as const),
  [BTF_KIND.restrict]: Object.freeze([0, 0] as const),
  [BTF_KIND.func]: Object.freeze([0, 0] as const),
  [BTF_KIND.funcProto]: Object.freeze([0, 8] as const),
  [BTF_KIND.var]: Object.freeze([4, 0] as const),
  [BTF_KIND.dataSection]: Object.freeze([0, 12] as const),
  [BTF_KIND.float]: Object.freeze([0, 0] as const),
  [BTF_KIND.declTag]: Object.freeze([4, 0] as const),
  [BTF_KIND.typeTag]: Object.freeze([0, 0] as const),
  [BTF_KIND.enum64]: Object.freeze([0, 12] as const),
})

/** Bytes of the longest name. The kernel's KSYM_NAME_LEN. */
const LONGEST_NAME = 511

/** Where the reading stands. */
interface Reader {
  readonly view: DataView
  readonly strings: Uint8Array
  at: number
}

/** Reads a BTF object. Throws TypeError, one sentence, for bytes that are none. */
export function parseBtf(bytes: Uint8Array): Btf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < BTF_HEADER_SIZE)
    throw new TypeError(`BTF: expected a header of 24 bytes, got ${bytes.length} bytes`)
  const magic = view.getUint16(0, true)
  if (magic !== BTF_MAGIC) throw new TypeError(`BTF: expected the magic number 0xeb9f, got 0x${magic.toString(16)}`)
  const [headerSize, typeOffset, typeSize, stringOffset, stringSize] = [4, 8, 12, 16, 20].map((at) =>
    view.getUint32(at, true),
  ) as [number, number, number, number, number]
  const begin = headerSize + typeOffset
  const end = begin + typeSize
  const stringsAt = headerSize + stringOffset
  if (end > bytes.length || stringsAt + stringSize > bytes.length) {
    throw new TypeError(`BTF: expected ${Math.max(end, stringsAt + stringSize)} bytes, got ${bytes.length}`)
  }
  const types: BtfType[] = []
  const reader: Reader = { view, strings: bytes.subarray(stringsAt, stringsAt + stringSize), at: begin }
  while (reader.at < end) types.push(readType(reader, end))
  return { types }
}

function word(reader: Reader): number {
  const value = reader.view.getUint32(reader.at, true)
  reader.at += 4
  return value
}

function text({ strings }: Reader, offset: number): string {
  const end = strings.indexOf(0, offset)
  if (offset >= strings.length || end < 0) throw new TypeError(`BTF: expected a name at ${offset}, got none there`)
  if (end - offset > LONGEST_NAME)
    throw new TypeError(`BTF: expected a name of at most ${LONGEST_NAME} bytes at ${offset}, got ${end - offset}`)
  return String.fromCharCode(...strings.subarray(offset, end))
}

function readType(reader: Reader, end: number): BtfType {
  if (reader.at + 12 > end) throw new TypeError('BTF: the last type is cut off')
  const name = text(reader, word(reader))
  const info = word(reader)
  const sizeOrType = word(reader)
  const kind = (info >>> 24) & 31
  const count = info & 0xffff
  const tail = TAILS[kind]
  if (tail === undefined) throw new TypeError(`BTF: ${name || 'a type'} has kind ${kind}, which is not known`)
  if (reader.at + tail[0] + tail[1] * count > end) throw new TypeError(`BTF: ${name || 'a type'} is cut off`)
  const reference = REFERENCES[kind]
  if (reference !== undefined) return { kind: reference, name, type: sizeOrType }
  switch (kind) {
    case BTF_KIND.int: {
      const data = word(reader)
      const encoding = ENCODINGS[(data >>> 24) & 15]
      if (encoding === undefined) throw new TypeError(`BTF: ${name} has an encoding that is not known`)
      return { kind: 'int', name, size: sizeOrType, bits: data & 255, offset: (data >>> 16) & 255, encoding }
    }
    case BTF_KIND.array:
      return { kind: 'array', element: word(reader), index: word(reader), length: word(reader) }
    case BTF_KIND.struct:
    case BTF_KIND.union:
      return {
        kind: kind === BTF_KIND.struct ? 'struct' : 'union',
        name,
        size: sizeOrType,
        members: Array.from({ length: count }, () => readMember(reader, info >>> 31 === 1)),
      }
    case BTF_KIND.enum:
    case BTF_KIND.enum64: {
      const wide = kind === BTF_KIND.enum64
      const signed = info >>> 31 === 1
      const values = Array.from({ length: count }, () => readEnumerator(reader, wide, signed))
      return { kind: 'enum', name, size: sizeOrType, signed, values }
    }
    case BTF_KIND.declTag:
      return { kind: 'decl-tag', name, type: sizeOrType, component: word(reader) | 0 }
    case BTF_KIND.float:
      return { kind: 'float', name, size: sizeOrType }
    default:
      return readSymbol(reader, kind, { name, count, flag: info >>> 31 === 1, sizeOrType })
  }
}

/** A kind that no value is made of: what a program file says of its functions and variables. */
function readSymbol(
  reader: Reader,
  kind: number,
  { name, count, flag, sizeOrType }: { name: string; count: number; flag: boolean; sizeOrType: number },
): BtfType {
  switch (kind) {
    case BTF_KIND.fwd:
      return { kind: 'forward', name, of: flag ? 'union' : 'struct' }
    case BTF_KIND.func:
      return { kind: 'function', name, type: sizeOrType, linkage: count }
    case BTF_KIND.funcProto: {
      const parameters = Array.from({ length: count }, () => ({ name: text(reader, word(reader)), type: word(reader) }))
      return { kind: 'prototype', returns: sizeOrType, parameters }
    }
    case BTF_KIND.var:
      return { kind: 'variable', name, type: sizeOrType, linkage: word(reader) }
    default: {
      const entry = () => ({ type: word(reader), offset: word(reader), size: word(reader) })
      return { kind: 'data-section', name, size: sizeOrType, variables: Array.from({ length: count }, entry) }
    }
  }
}

function readMember(reader: Reader, bitfields: boolean): BtfMember {
  const name = text(reader, word(reader))
  const type = word(reader)
  const offset = word(reader)
  return bitfields
    ? { name, type, bitOffset: offset & 0xff_ffff, bitfieldSize: offset >>> 24 }
    : { name, type, bitOffset: offset, bitfieldSize: 0 }
}

function readEnumerator(reader: Reader, wide: boolean, signed: boolean): { name: string; value: bigint } {
  const name = text(reader, word(reader))
  const low = BigInt(word(reader))
  const bits = wide ? low | (BigInt(word(reader)) << 32n) : low
  return { name, value: signed ? BigInt.asIntN(wide ? 64 : 32, bits) : bits }
}
