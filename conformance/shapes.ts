/**
 * BTF of many shapes, for maps: those that must be accepted, and those that must not.
 */

import fc from 'fast-check'
import {
  array,
  bpfSpinLock,
  char,
  type Fields,
  i8,
  i16,
  i32,
  i64,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../src/shared/btf/btf.ts'
import { emitBtf, mapBtf } from '../src/shared/btf/emit.ts'
import type { BtfInt, BtfMember, BtfType } from '../src/shared/btf/record.ts'
import { btfSize } from '../src/shared/btf/record.ts'
import type { AnyStruct, ElementType, FieldType } from '../src/shared/btf/type.ts'
import { hexOf } from './hex.ts'

/** What a map is created with. */
export interface Shape {
  readonly btf: string
  readonly keyTypeId: number
  readonly valueTypeId: number
  readonly valueSize: number
  /** Byte offset of the lock, or -1; where the value has one that counts. */
  readonly lockOffset: number
}

function shapeOf(type: AnyStruct): Shape {
  const { bytes, keyTypeId, valueTypeId } = mapBtf(type)
  return { btf: hexOf(bytes), keyTypeId, valueTypeId, valueSize: type.size, lockOffset: type.lockOffset }
}

/** Values as sockets have them: small and large, with the lock first, last and in the middle. */
export const USUAL_SHAPES: readonly Shape[] = [
  struct('counter', { cnt: u32, lock: bpfSpinLock }),
  struct('plain', { a: u32, b: u32 }),
  struct('first', { lock: bpfSpinLock, a: u32, b: u32 }),
  struct('middle', { a: u32, lock: bpfSpinLock, b: u64 }),
  struct('one', { a: u8 }),
  struct('only', { lock: bpfSpinLock }),
  struct('odd', { name: char(13) }),
  struct('wide', { words: array(u32, 150) }),
  struct('large', { head: u64, lock: bpfSpinLock, rest: array(u8, 20000) }),
].map((type) => shapeOf(type as unknown as AnyStruct))

/** At the limit on values, and one byte below. */
export const LARGEST_SHAPES: readonly Shape[] = [65407, 65406].map((size) =>
  shapeOf(struct('largest', { bytes: array(u8, size) }) as never),
)

const scalar: fc.Arbitrary<ElementType> = fc.oneof(
  fc.constantFrom<ElementType>(u8, i8, u16, i16, u32, i32, u64, i64),
  fc.integer({ min: 1, max: 20 }).map((length) => char(length)),
)

function fieldsOf(fields: readonly FieldType[]): Fields {
  return Object.fromEntries(fields.map((field, i) => [`f${i}`, field]))
}

const field: fc.Arbitrary<ElementType> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc.tuple(scalar, fc.integer({ min: 1, max: 5 })).map(([of, n]) => array(of, n) as ElementType),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(scalar, { minLength: 1, maxLength: 4 })
      .map((of) => struct('inner', fieldsOf(of)) as unknown as ElementType),
  },
)

/** A struct of anything, with a lock somewhere or without. */
export const anyShape: fc.Arbitrary<Shape> = fc
  .record({ fields: fc.array(field, { minLength: 1, maxLength: 6 }), lock: fc.option(fc.nat({ max: 6 })) })
  .map(({ fields, lock }) => {
    const all: FieldType[] = [...fields]
    if (lock !== null) all.splice(lock, 0, bpfSpinLock)
    return shapeOf(struct('value', fieldsOf(all)) as unknown as AnyStruct)
  })

const int = (name: string, size: number, more: Partial<BtfInt> = {}): BtfInt => ({
  kind: 'int',
  name,
  size,
  bits: size * 8,
  offset: 0,
  encoding: 'unsigned',
  ...more,
})
const member = (name: string, type: number, byte: number): BtfMember => ({
  name,
  type,
  bitOffset: byte * 8,
  bitfieldSize: 0,
})

/** Types 1 to 4 of every odd shape: an int, a lock, and a value of 8 bytes with and without it. */
const COMMON: readonly BtfType[] = [
  int('int', 4, { encoding: 'signed' }),
  { kind: 'struct', name: 'bpf_spin_lock', size: 4, members: [member('val', 1, 0)] },
  { kind: 'struct', name: 'counter', size: 8, members: [member('cnt', 1, 0), member('lock', 2, 4)] },
  { kind: 'struct', name: 'plain', size: 8, members: [member('a', 1, 0), member('b', 1, 4)] },
]

/** A shape with more types; `valueTypeId` and `keyTypeId` count from 5 for the first of those. */
function odd(more: readonly BtfType[], keyTypeId: number, valueTypeId: number): Shape {
  const btf = { types: [...COMMON, ...more] }
  const valueSize = btfSize(btf, valueTypeId) ?? 8
  return { btf: hexOf(emitBtf(btf)), keyTypeId, valueTypeId, valueSize, lockOffset: -1 }
}

/** Keys of many kinds, most of which must be refused. */
const KEYS: readonly BtfType[] = [
  int('unsigned int', 4),
  int('char', 1, { encoding: 'signed' }),
  int('_Bool', 1, { encoding: 'bool' }),
  int('wchar', 4, { encoding: 'char' }),
  int('long', 8, { encoding: 'signed' }),
  int('bits', 4, { bits: 31 }),
  int('moved', 4, { bits: 16, offset: 16 }),
  { kind: 'typedef', name: 'key_t', type: 1 },
  { kind: 'const', name: '', type: 1 },
  { kind: 'enum', name: 'color', size: 4, signed: false, values: [{ name: 'RED', value: 0n }] },
  { kind: 'array', element: 1, index: 1, length: 1 },
  { kind: 'struct', name: 'key', size: 4, members: [member('k', 1, 0)] },
  { kind: 'union', name: 'ukey', size: 4, members: [member('k', 1, 0)] },
  { kind: 'pointer', name: '', type: 1 },
  { kind: 'float', name: 'float', size: 4 },
]

/** Values of many kinds. */
const VALUES: readonly (readonly BtfType[])[] = [
  [int('long', 8, { encoding: 'signed' })],
  [{ kind: 'typedef', name: 'counter_t', type: 3 }],
  [{ kind: 'const', name: '', type: 3 }],
  [{ kind: 'union', name: 'both', size: 8, members: [member('a', 1, 0), member('b', 4, 0)] }],
  [{ kind: 'union', name: 'locked', size: 8, members: [member('a', 3, 0), member('b', 2, 0)] }],
  [{ kind: 'array', element: 1, index: 1, length: 3 }],
  [{ kind: 'enum', name: 'color', size: 4, signed: true, values: [{ name: 'RED', value: -1n }] }],
  [{ kind: 'enum', name: 'wide', size: 8, signed: false, values: [{ name: 'BIG', value: 2n ** 40n }] }],
  [
    { kind: 'struct', name: 'by_name', size: 8, members: [member('a', 1, 0), member('lock', 6, 4)] },
    { kind: 'typedef', name: 'spin_t', type: 2 },
  ],
  [
    { kind: 'struct', name: 'many', size: 12, members: [member('a', 1, 0), member('locks', 6, 4)] },
    { kind: 'array', element: 2, index: 1, length: 2 },
  ],
  [
    { kind: 'struct', name: 'fake', size: 12, members: [member('a', 1, 0), member('lock', 6, 4)] },
    { kind: 'struct', name: 'bpf_spin_lock', size: 8, members: [member('x', 1, 0), member('y', 1, 4)] },
  ],
]

/**
 * Values whose lock newer kernels see otherwise than 5.2: two, one that is not aligned, one in a nested struct, and an
 * array of one.
 */
const NEWER: readonly (readonly BtfType[])[] = [
  [{ kind: 'struct', name: 'two', size: 8, members: [member('a', 2, 0), member('b', 2, 4)] }],
  [{ kind: 'struct', name: 'bent', size: 12, members: [member('a', 1, 0), member('lock', 2, 6)] }],
  [{ kind: 'struct', name: 'outer', size: 12, members: [member('a', 1, 0), member('inner', 3, 4)] }],
  [
    { kind: 'struct', name: 'single', size: 8, members: [member('a', 1, 0), member('locks', 6, 4)] },
    { kind: 'array', element: 2, index: 1, length: 1 },
  ],
]

export const NEWER_SHAPES: readonly Shape[] = NEWER.map((value) => odd(value, 1, 5))

const pair: BtfType = { kind: 'array', element: 5, index: 1, length: 2 }
const special = (name: string, size: number, of: number): BtfType => {
  return { kind: 'struct', name, size, members: [member('opaque', of, 0)] }
}
/** A value with a field of type 7, alone and inside another struct. */
const around = (field: BtfType): readonly (readonly BtfType[])[] => {
  const size = 8 + (field as { readonly size: number }).size
  const value: BtfType = { kind: 'struct', name: 'special', size, members: [member('n', 5, 0), member('f', 7, 8)] }
  const outer: BtfType = {
    kind: 'struct',
    name: 'outer',
    size: size + 8,
    members: [member('o', 5, 0), member('v', 8, 8)],
  }
  const common = [int('unsigned long', 8), pair, field, value]
  return [common, [...common, outer]]
}

/** Values with fields that no map of sk storage may have, and lists and trees whose tag is missing. */
const SPECIAL: readonly (readonly BtfType[])[] = [
  special('bpf_timer', 16, 6),
  special('bpf_wq', 16, 6),
  special('bpf_task_work', 8, 5),
  special('bpf_list_head', 16, 6),
  special('bpf_rb_root', 16, 6),
].flatMap(around)

/**
 * Each odd key with a plain value, each odd value with a plain key, ids that name nothing, the newer locks, and the
 * special fields.
 */
export const ODD_SHAPES: readonly Shape[] = [
  ...KEYS.map((key) => odd([key], 5, 4)),
  ...VALUES.map((value) => odd(value, 1, 5)),
  odd([], 1, 0),
  odd([], 0, 4),
  odd([], 1, 99),
  odd([], 99, 4),
  odd([], 3, 4),
  odd([], 1, 2),
  ...NEWER_SHAPES,
  ...SPECIAL.map((value) => odd(value, 1, 4 + value.length)),
]
