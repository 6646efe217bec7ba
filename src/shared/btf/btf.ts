/**
 * Value types, as BTF describes them: sizes, alignment, padding and offsets as in C on x86-64.
 *
 *     const Counter = struct('counter', { cnt: u32, lock: bpfSpinLock })
 *     const init = Counter.encode({ cnt: 1 })       // Int32Array [1, 0]
 *     Counter.decode(cpu.words, value)              // { cnt: 1 }
 *     const counter = Counter.view(cpu.words)       // once per worker
 *     counter.at(value).cnt++                       // per packet
 *
 * Source: Documentation/bpf/btf.rst and btf_find_spin_lock, Linux 5.2.
 */

import { readValue, writeValue } from './codec.ts'
import type {
  AnyStruct,
  ArrayType,
  CharArrayType,
  ElementType,
  Fields,
  FieldType,
  IntType,
  SpinLockType,
  StructType,
  ValueType,
  View,
} from './type.ts'
import { viewBuilder } from './view.ts'

export type {
  ArrayAccess,
  ArrayType,
  CharArrayAccess,
  CharArrayType,
  ElementType,
  Fields,
  FieldType,
  Given,
  IntAccess,
  IntType,
  SpinLockType,
  StructAccess,
  StructType,
  StructValue,
  ValueOf,
  ValueType,
  View,
} from './type.ts'

/** `__u8`: 0 to 255. */
export const u8: IntType<number> = int('u8', 8)
/** `__s8`: -128 to 127. */
export const i8: IntType<number> = int('i8', 8)
/** `__u16`: 0 to 65535. */
export const u16: IntType<number> = int('u16', 16)
/** `__s16`: -32768 to 32767. */
export const i16: IntType<number> = int('i16', 16)
/** `__u32`: 0 to 4294967295. */
export const u32: IntType<number> = int('u32', 32)
/** `__s32`: -2147483648 to 2147483647. */
export const i32: IntType<number> = int('i32', 32)
/** `__u64`: a bigint from 0 to 2**64 - 1. */
export const u64: IntType<bigint> = wideInt('u64')
/** `__s64`: a bigint from -(2**63) to 2**63 - 1. */
export const i64: IntType<bigint> = wideInt('i64')

/**
 * `struct bpf_spin_lock`: 4 bytes, 4-byte aligned, at most one in a value, and a field of the value's own struct.
 * A view of the value gives its address, where a program takes it:
 *
 *     const { lock } = counter.at(value)
 *     bpfSpinLockAcquire(cpu, lock)
 *     counter.at(value).cnt++
 *     bpfSpinLockRelease(cpu, lock)
 */
export const bpfSpinLock: SpinLockType = Object.freeze({ kind: 'spin-lock', name: 'bpf_spin_lock', size: 4, align: 4 })

/**
 * `char[length]`: a string of at most `length` bytes of UTF-8, padded with NULs. As in C, a string that fills the array
 * has no NUL behind it. Throws RangeError when `length` is not a whole number above 0.
 */
export function char(length: number): CharArrayType {
  checkLength(length, 1, 'char')
  const name = `char[${length}]`
  return complete({ kind: 'char-array', name, size: length, align: 1, lockOffset: -1, length })
}

/**
 * `element[length]`. Throws RangeError when `length` is not a whole number above 0 or the array would pass 2**32 - 1
 * bytes, and TypeError when the element holds a bpf_spin_lock.
 */
export function array<E extends ElementType>(element: E, length: number): ArrayType<E> {
  // Wider than E, which keeps locks out only for those who check their types.
  const given = element as FieldType
  checkLength(length, given.size, given.name)
  // The length of an outer array comes first, as in C: array(array(u32, 4), 2) is u32[2][4].
  const bracket = given.kind === 'array' || given.kind === 'char-array' ? given.name.indexOf('[') : given.name.length
  const name = `${given.name.slice(0, bracket)}[${length}]${given.name.slice(bracket)}`
  if (given.kind === 'spin-lock' || given.lockOffset >= 0) throw nestedLock(name)
  const { size, align } = given
  return complete({ kind: 'array', name, size: size * length, align, lockOffset: -1, element, length })
}

/**
 * `struct name { fields }`, in the order in which they are written. `name` and the fields are C identifiers.
 *
 * Throws TypeError for another name, no fields at all, a second bpf_spin_lock, or one inside a field.
 */
export function struct<const F extends Fields>(name: string, fields: F): StructType<F> {
  checkIdentifier(name, 'the name of a struct')
  const offsets: Record<string, number> = {}
  let end = 0
  let align = 1
  let lock: string | undefined
  for (const [field, type] of Object.entries(fields)) {
    checkIdentifier(field, `struct ${name}: the name of a field`)
    const offset = roundUp(end, type.align)
    if (type.kind === 'spin-lock') {
      if (lock !== undefined) {
        throw new TypeError(`struct ${name}: a value holds at most one bpf_spin_lock, got '${lock}' and '${field}'`)
      }
      lock = field
    } else if (type.lockOffset >= 0) {
      throw nestedLock(`struct ${name}: ${field}`)
    }
    offsets[field] = offset
    end = offset + type.size
    align = Math.max(align, type.align)
  }
  if (end === 0) throw new TypeError(`struct ${name}: expected at least one field, got none`)
  const laidOut: Data<AnyStruct> = {
    kind: 'struct',
    name,
    size: roundUp(end, align),
    align,
    lockOffset: lock === undefined ? -1 : offsets[lock],
    fields: Object.freeze({ ...fields }),
    offsets: Object.freeze(offsets),
  }
  return complete<AnyStruct>(laidOut) as unknown as StructType<F>
}

function int(name: string, bits: 8 | 16 | 32): IntType<number> {
  const signed = name.startsWith('i')
  const min = signed ? -(2 ** (bits - 1)) : 0
  const encoding = signed ? 'signed' : 'unsigned'
  const size = bits / 8
  return complete({
    kind: 'int',
    name,
    size,
    align: size,
    lockOffset: -1,
    bits,
    encoding,
    min,
    max: min + 2 ** bits - 1,
  })
}

function wideInt(name: string): IntType<bigint> {
  const signed = name.startsWith('i')
  const min = signed ? -(2n ** 63n) : 0n
  const encoding = signed ? 'signed' : 'unsigned'
  return complete({
    kind: 'int',
    name,
    size: 8,
    align: 8,
    lockOffset: -1,
    bits: 64,
    encoding,
    min,
    max: min + 2n ** 64n - 1n,
  })
}

/** Gives the data of a type what every type can do. */
function complete<T extends ElementType>(data: Data<T>): T {
  const { name, size, lockOffset } = data as unknown as ValueType
  const words = Math.ceil(size / 4)
  const lockWord = lockOffset < 0 ? -1 : lockOffset / 4
  // One set of accessors per memory. A worker knows one memory; tests come and go with many.
  const builders = new WeakMap<Int32Array, () => View<unknown>>()
  const methods: Methods = {
    encode(value) {
      const encoded = new Int32Array(words)
      writeValue(new DataView(encoded.buffer), 0, type, value, name)
      return encoded
    },
    decode(from, at) {
      if (!Number.isInteger(at) || at < 0 || at + words > from.length) {
        throw new RangeError(`${name}: expected ${words} words at ${at}, got an array of ${from.length}`)
      }
      const copy = new Int32Array(words)
      for (let i = 0; i < words; i++) if (i !== lockWord) copy[i] = from[at + i]
      return readValue(new DataView(copy.buffer), 0, type)
    },
    view(over, check) {
      if (check !== undefined) return viewBuilder(type, over, check)()
      const known = builders.get(over)
      if (known !== undefined) return known()
      const build = viewBuilder(type, over, undefined)
      builders.set(over, build)
      return build()
    },
  }
  const type = Object.freeze({ ...data, ...methods }) as unknown as T
  return type
}

type Methods = Pick<ValueType, 'encode' | 'decode' | 'view'>
type Data<T> = Omit<T, keyof Methods>

/** The one sentence for a lock that is not where btf_find_spin_lock looks. */
function nestedLock(where: string): TypeError {
  return new TypeError(
    `${where}: a bpf_spin_lock must be a field of the value's own struct, not of a nested struct or an array`,
  )
}

function checkLength(length: number, elementSize: number, name: string): void {
  if (!Number.isInteger(length) || length < 1) {
    throw new RangeError(`${name}[]: expected a length of 1 or more, got ${length}`)
  }
  if (length * elementSize > 0xffff_ffff) {
    throw new RangeError(`${name}[]: expected at most 4294967295 bytes, got ${length} times ${elementSize}`)
  }
}

function checkIdentifier(name: string, what: string): void {
  // __proto__ is an identifier in C, but no ordinary field of a JavaScript object.
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== '__proto__') return
  throw new TypeError(`${what}: expected a C identifier, got ${JSON.stringify(name)}`)
}

/** `align` is a power of two. Exact beyond 31 bits, unlike the trick with a mask. */
function roundUp(size: number, align: number): number {
  return Math.ceil(size / align) * align
}
