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

/** Bytes behind the record of a kind that no value has: so many, and so many for each of its entries. */
const OTHERS: Readonly<Record<number, readonly [number, number]>> = {
  [BTF_KIND.fwd]: [0, 0],
  [BTF_KIND.func]: [0, 0],
  [BTF_KIND.funcProto]: [0, 8],
  [BTF_KIND.var]: [4, 0],
  [BTF_KIND.dataSection]: [0, 12],
}

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
  return String.fromCharCode(...strings.subarray(offset, end))
}

function readType(reader: Reader, end: number): BtfType {
  if (reader.at + 12 > end) throw new TypeError('BTF: the last type is cut off')
  const name = text(reader, word(reader))
  const info = word(reader)
  const sizeOrType = word(reader)
  const kind = (info >>> 24) & 31
  const count = info & 0xffff
  const tail = tailOf(kind, count)
  if (tail === undefined) throw new TypeError(`BTF: ${name || 'a type'} has kind ${kind}, which is not known`)
  if (reader.at + tail > end) throw new TypeError(`BTF: ${name || 'a type'} is cut off`)
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
      reader.at += tail
      return { kind: 'other', name }
  }
}

/** Bytes behind the three words that every type begins with. */
function tailOf(kind: number, count: number): number | undefined {
  if (kind in REFERENCES || kind === BTF_KIND.float) return 0
  if (kind === BTF_KIND.int || kind === BTF_KIND.declTag) return 4
  if (kind === BTF_KIND.array) return 12
  if (kind === BTF_KIND.struct || kind === BTF_KIND.union || kind === BTF_KIND.enum64) return 12 * count
  if (kind === BTF_KIND.enum) return 8 * count
  const other = OTHERS[kind]
  return other === undefined ? undefined : other[0] + other[1] * count
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
