/**
 * BTF bytes, as BPF_BTF_LOAD takes them: of records, and of the value types that `struct` makes.
 *
 * Integers are written as C code for BPF has them: `u32` as the typedef `__u32` of `unsigned int`.
 */

import {
  BTF_HEADER_SIZE,
  BTF_INT_ENCODING,
  BTF_KIND,
  BTF_MAGIC,
  type Btf,
  type BtfInt,
  type BtfMember,
  type BtfType,
} from './record.ts'
import type { AnyStruct, FieldType, IntType } from './type.ts'

/** A map's BTF: the bytes, and which types in them its key and its value have. */
export interface MapBtf {
  readonly bytes: Uint8Array
  readonly keyTypeId: number
  readonly valueTypeId: number
}

/** The C type behind each typedef of the kernel's. */
const C_INTS: Readonly<Record<string, string>> = {
  u8: 'unsigned char',
  i8: 'signed char',
  u16: 'unsigned short',
  i16: 'short',
  u32: 'unsigned int',
  i32: 'int',
  u64: 'unsigned long long',
  i64: 'long long',
}

/** The BTF of a map whose key is an `int`, as sk storage wants it, and whose values are of a struct type. */
export function mapBtf(value: AnyStruct): MapBtf {
  const types: BtfType[] = []
  const keyTypeId = idOf(types, intRecord('int', 4, 'signed'))
  const valueTypeId = idOfField(types, value)
  return { bytes: emitBtf({ types }), keyTypeId, valueTypeId }
}

function intRecord(name: string, size: number, encoding: BtfInt['encoding']): BtfInt {
  return { kind: 'int', name, size, bits: size * 8, offset: 0, encoding }
}

/** The id of a record, which is added unless there is one like it. */
function idOf(types: BtfType[], record: BtfType): number {
  const text = JSON.stringify(record)
  const known = types.findIndex((type) => JSON.stringify(type) === text)
  return known >= 0 ? known + 1 : types.push(record)
}

function idOfInt(types: BtfType[], { name, size, encoding }: IntType): number {
  const type = idOf(types, intRecord(C_INTS[name], size, encoding))
  return idOf(types, { kind: 'typedef', name: `__${name.replace('i', 's')}`, type })
}

/** The id of a value type, whose own parts come in front of it. */
function idOfField(types: BtfType[], field: FieldType): number {
  switch (field.kind) {
    case 'int':
      return idOfInt(types, field)
    case 'spin-lock': {
      const type = idOf(types, {
        kind: 'typedef',
        name: '__u32',
        type: idOf(types, intRecord('unsigned int', 4, 'unsigned')),
      })
      const members = [{ name: 'val', type, bitOffset: 0, bitfieldSize: 0 }]
      return idOf(types, { kind: 'struct', name: 'bpf_spin_lock', size: 4, members })
    }
    case 'char-array':
      return idOfArray(types, idOf(types, intRecord('char', 1, 'signed')), field.length)
    case 'array':
      return idOfArray(types, idOfField(types, field.element), field.length)
    case 'struct': {
      const members = Object.entries(field.fields).map(([name, member]): BtfMember => {
        return { name, type: idOfField(types, member), bitOffset: field.offsets[name] * 8, bitfieldSize: 0 }
      })
      return idOf(types, { kind: 'struct', name: field.name, size: field.size, members })
    }
  }
}

function idOfArray(types: BtfType[], element: number, length: number): number {
  const index = idOf(types, intRecord('__ARRAY_SIZE_TYPE__', 4, 'unsigned'))
  return idOf(types, { kind: 'array', element, index, length })
}

/**
 * The bytes of a BTF object. Throws RangeError for more than 65 535 members or values of one type, and for a member
 * beyond 512 MiB.
 */
export function emitBtf({ types }: Btf): Uint8Array {
  const words: number[] = []
  const strings = new Strings()
  for (const type of types) emitType(words, strings, type)
  const text = strings.bytes()
  const bytes = new Uint8Array(BTF_HEADER_SIZE + words.length * 4 + text.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, BTF_MAGIC, true)
  view.setUint8(2, 1)
  const sizes = [BTF_HEADER_SIZE, 0, words.length * 4, words.length * 4, text.length]
  for (const [i, size] of sizes.entries()) view.setUint32(4 + i * 4, size, true)
  for (const [i, word] of words.entries()) view.setUint32(BTF_HEADER_SIZE + i * 4, word, true)
  bytes.set(text, BTF_HEADER_SIZE + words.length * 4)
  return bytes
}

function emitType(words: number[], strings: Strings, type: BtfType): void {
  const head = (kind: number, count: number, flag: boolean, sizeOrType: number) => {
    if (count > 0xffff) throw new RangeError(`BTF: expected at most 65535 members, got ${count}`)
    words.push(strings.offset('name' in type ? type.name : ''), (kind << 24) | count | (flag ? 1 << 31 : 0), sizeOrType)
  }
  switch (type.kind) {
    case 'int':
      head(BTF_KIND.int, 0, false, type.size)
      words.push((BTF_INT_ENCODING[type.encoding] << 24) | (type.offset << 16) | type.bits)
      return
    case 'array':
      head(BTF_KIND.array, 0, false, 0)
      words.push(type.element, type.index, type.length)
      return
    case 'struct':
    case 'union': {
      const bitfields = type.members.some((member) => member.bitfieldSize > 0)
      head(BTF_KIND[type.kind], type.members.length, bitfields, type.size)
      for (const { name, type: of, bitOffset, bitfieldSize } of type.members) {
        const limit = bitfields ? 0xff_ffff : 0xffff_ffff
        if (bitOffset > limit) throw new RangeError(`BTF: expected a member at or below bit ${limit}, got ${bitOffset}`)
        words.push(strings.offset(name), of, bitfields ? (bitfieldSize << 24) | bitOffset : bitOffset)
      }
      return
    }
    case 'enum': {
      const wide = type.size > 4
      head(wide ? BTF_KIND.enum64 : BTF_KIND.enum, type.values.length, type.signed, type.size)
      for (const { name, value } of type.values) {
        words.push(strings.offset(name), Number(BigInt.asUintN(32, value)))
        if (wide) words.push(Number(BigInt.asUintN(32, value >> 32n)))
      }
      return
    }
    case 'float':
      head(BTF_KIND.float, 0, false, type.size)
      return
    case 'decl-tag':
      head(BTF_KIND.declTag, 0, false, type.type)
      words.push(type.component)
      return
    case 'forward':
      head(BTF_KIND.fwd, 0, type.of === 'union', 0)
      return
    case 'function':
      head(BTF_KIND.func, type.linkage, false, type.type)
      return
    case 'prototype':
      head(BTF_KIND.funcProto, type.parameters.length, false, type.returns)
      for (const { name, type: of } of type.parameters) words.push(strings.offset(name), of)
      return
    case 'variable':
      head(BTF_KIND.var, 0, false, type.type)
      words.push(type.linkage)
      return
    case 'data-section':
      head(BTF_KIND.dataSection, type.variables.length, false, type.size)
      for (const { type: of, offset, size } of type.variables) words.push(of, offset, size)
      return
    default:
      head(type.kind === 'type-tag' ? BTF_KIND.typeTag : BTF_KIND[type.kind], 0, false, type.type)
  }
}

/** The string section: NUL-terminated names, the empty one first. */
class Strings {
  readonly #offsets = new Map([['', 0]])
  #text = '\0'

  offset(name: string): number {
    const known = this.#offsets.get(name)
    if (known !== undefined) return known
    const offset = this.#text.length
    this.#offsets.set(name, offset)
    this.#text += `${name}\0`
    return offset
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#text, (char) => char.charCodeAt(0))
  }
}
