/**
 * Values to bytes and back, in private memory.
 *
 * Bytes are little-endian, as on x86-64 and on every machine this is tested on; views rely on the same order.
 */

import type { AnyStruct, CharArrayType, ElementType, IntType } from './type.ts'

const utf8 = new TextEncoder()
// A byte order mark is three bytes like any others here.
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Writes `value` at byte `at`. `path` names it in errors. Bytes that no field covers are left as they are. */
export function writeValue(bytes: DataView, at: number, type: ElementType, value: unknown, path: string): void {
  switch (type.kind) {
    case 'int':
      writeInt(bytes, at, type, checkInt(type, value, path))
      return
    case 'char-array':
      new Uint8Array(bytes.buffer).set(charsOf(type, value, path), at)
      return
    case 'array': {
      if (!Array.isArray(value)) throw new TypeError(`${path}: expected an array (${type.name}), got ${show(value)}`)
      if (value.length !== type.length) {
        throw new RangeError(`${path}: expected ${type.length} elements (${type.name}), got ${value.length}`)
      }
      const { element } = type
      // By index, not forEach: a hole is an element that is missing.
      for (let i = 0; i < type.length; i++) writeValue(bytes, at + i * element.size, element, value[i], `${path}[${i}]`)
      return
    }
    case 'struct':
      writeStruct(bytes, at, type, value, path)
      return
  }
}

function writeStruct(bytes: DataView, at: number, type: AnyStruct, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${path}: expected an object (struct ${type.name}), got ${show(value)}`)
  }
  for (const name of Object.keys(value)) {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    if (field === undefined) throw new TypeError(`${path}: unknown field '${name}' (struct ${type.name})`)
    if (field.kind === 'spin-lock') throw new TypeError(`${path}.${name}: a bpf_spin_lock is never given`)
  }
  const given = value as Record<string, unknown>
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind === 'spin-lock') continue
    if (!Object.hasOwn(given, name)) throw new TypeError(`${path}: missing field '${name}' (struct ${type.name})`)
    writeValue(bytes, at + type.offsets[name], field, given[name], `${path}.${name}`)
  }
}

function checkInt(type: IntType, value: unknown, path: string): number | bigint {
  const wanted = type.bits === 64 ? typeof value === 'bigint' : Number.isInteger(value)
  const fits = wanted && (value as number) >= type.min && (value as number) <= type.max
  if (fits) return value as number | bigint
  const kind = type.bits === 64 ? 'a bigint' : 'an integer'
  const sentence = `${path}: expected ${kind} from ${type.min} to ${type.max} (${type.name}), got ${show(value)}`
  if (wanted || typeof value === 'number') throw new RangeError(sentence)
  throw new TypeError(sentence)
}

function writeInt(bytes: DataView, at: number, { bits }: IntType, value: number | bigint): void {
  // Setters of a DataView truncate, so that one serves both signs.
  if (bits === 8) bytes.setUint8(at, value as number)
  else if (bits === 16) bytes.setUint16(at, value as number, true)
  else if (bits === 32) bytes.setUint32(at, value as number, true)
  else bytes.setBigUint64(at, value as bigint, true)
}

/** The bytes of a string for a char array, not padded. Throws for what would not come back the same. */
export function charsOf(type: CharArrayType, value: unknown, path: string): Uint8Array {
  if (typeof value !== 'string') throw new TypeError(`${path}: expected a string (${type.name}), got ${show(value)}`)
  if (value.includes('\0'))
    throw new RangeError(`${path}: expected a string without NUL (${type.name}), got one with NUL`)
  if (!value.isWellFormed()) {
    throw new RangeError(`${path}: expected well-formed Unicode (${type.name}), got a lone surrogate`)
  }
  const chars = utf8.encode(value)
  if (chars.length > type.length) {
    throw new RangeError(`${path}: expected at most ${type.length} bytes of UTF-8 (${type.name}), got ${chars.length}`)
  }
  return chars
}

/** Reads a value that begins at byte `at`. */
export function readValue(bytes: DataView, at: number, type: ElementType): unknown {
  switch (type.kind) {
    case 'int':
      return readInt(bytes, at, type)
    case 'char-array':
      return stringOf(new Uint8Array(bytes.buffer, at, type.length))
    case 'array': {
      const { element } = type
      return Array.from({ length: type.length }, (_, i) => readValue(bytes, at + i * element.size, element))
    }
    case 'struct': {
      const value: Record<string, unknown> = {}
      for (const [name, field] of Object.entries(type.fields)) {
        if (field.kind !== 'spin-lock') value[name] = readValue(bytes, at + type.offsets[name], field)
      }
      return value
    }
  }
}

function readInt(bytes: DataView, at: number, { bits, encoding }: IntType): number | bigint {
  const signed = encoding === 'signed'
  if (bits === 8) return signed ? bytes.getInt8(at) : bytes.getUint8(at)
  if (bits === 16) return signed ? bytes.getInt16(at, true) : bytes.getUint16(at, true)
  if (bits === 32) return signed ? bytes.getInt32(at, true) : bytes.getUint32(at, true)
  return signed ? bytes.getBigInt64(at, true) : bytes.getBigUint64(at, true)
}

/** The string in front of the first NUL, or all of it. The bytes must be private. */
export function stringOf(chars: Uint8Array): string {
  const end = chars.indexOf(0)
  return fromUtf8.decode(end < 0 ? chars : chars.subarray(0, end))
}

/** What was got, short enough for one line. */
function show(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
