/**
 * BTF as records: what the bytes of a BTF object say, one object per type, numbered from 1.
 *
 * Type 0 is void. Source: Documentation/bpf/btf.rst.
 */

/** An integer, `char` and `_Bool` included. */
export interface BtfInt {
  readonly kind: 'int'
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly bits: number
  /** Where in its bytes the integer begins, in bits; 0 but for old compilers' bitfields. */
  readonly offset: number
  readonly encoding: 'unsigned' | 'signed' | 'char' | 'bool'
}

/** `type name[length]`. */
export interface BtfArray {
  readonly kind: 'array'
  readonly element: number
  readonly index: number
  readonly length: number
}

export interface BtfMember {
  readonly name: string
  readonly type: number
  /** Bits from the beginning. */
  readonly bitOffset: number
  /** Bits of a bitfield; 0 for any other member. */
  readonly bitfieldSize: number
}

export interface BtfComposite {
  readonly kind: 'struct' | 'union'
  readonly name: string
  readonly size: number
  readonly members: readonly BtfMember[]
}

/** An enum of 1 to 8 bytes (ENUM and ENUM64). */
export interface BtfEnum {
  readonly kind: 'enum'
  readonly name: string
  readonly size: number
  readonly signed: boolean
  readonly values: readonly { readonly name: string; readonly value: bigint }[]
}

/** Another name, or a qualifier, for a type; or a pointer to one. */
export interface BtfReference {
  readonly kind: 'typedef' | 'const' | 'volatile' | 'restrict' | 'type-tag' | 'pointer'
  readonly name: string
  readonly type: number
}

export interface BtfFloat {
  readonly kind: 'float'
  readonly name: string
  readonly size: number
}

/** `__attribute__((btf_decl_tag(name)))` of a type, or of one member of it. */
export interface BtfDeclTag {
  readonly kind: 'decl-tag'
  readonly name: string
  readonly type: number
  /** Which member, from 0; -1 for the type itself. */
  readonly component: number
}

/** `struct name;` or `union name;` and no more. */
export interface BtfForward {
  readonly kind: 'forward'
  readonly name: string
  readonly of: 'struct' | 'union'
}

/** A function: its name, and the id of its prototype. */
export interface BtfFunction {
  readonly kind: 'function'
  readonly name: string
  readonly type: number
  /** 0 static, 1 global, 2 extern. */
  readonly linkage: number
}

/** What a function returns, and its parameters. */
export interface BtfPrototype {
  readonly kind: 'prototype'
  readonly returns: number
  readonly parameters: readonly { readonly name: string; readonly type: number }[]
}

/** A global or static variable. */
export interface BtfVariable {
  readonly kind: 'variable'
  readonly name: string
  readonly type: number
  /** 0 static, 1 global, 2 extern. */
  readonly linkage: number
}

/**
 * A section of data and the variables in it. Compilers leave sizes and offsets 0; whoever loads the file fills them.
 */
export interface BtfDataSection {
  readonly kind: 'data-section'
  readonly name: string
  readonly size: number
  readonly variables: readonly { readonly type: number; readonly offset: number; readonly size: number }[]
}

export type BtfType =
  | BtfInt
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfReference
  | BtfFloat
  | BtfDeclTag
  | BtfForward
  | BtfFunction
  | BtfPrototype
  | BtfVariable
  | BtfDataSection

/** A BTF object: `types[id - 1]` is the type `id`. */
export interface Btf {
  readonly types: readonly BtfType[]
}

/** First two bytes of a BTF object, and of every one that is little-endian. */
export const BTF_MAGIC = 0xeb9f
/** Bytes of struct btf_header. */
export const BTF_HEADER_SIZE = 24

export const BTF_KIND = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  var: 14,
  dataSection: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const

/** Bits of an INT's encoding. */
export const BTF_INT_ENCODING = { unsigned: 0, signed: 1, char: 2, bool: 4 } as const

const MODIFIERS: ReadonlySet<string> = new Set(['typedef', 'const', 'volatile', 'restrict', 'type-tag'])

/** The type with this id; undefined for 0, which is void, and for one that is not there. */
export function btfType(btf: Btf, id: number): BtfType | undefined {
  return btf.types[id - 1]
}

/** The type behind typedefs and qualifiers. Undefined for void. */
export function skipModifiers(btf: Btf, id: number): BtfType | undefined {
  let type = btfType(btf, id)
  // A chain longer than the table is a circle.
  for (let left = btf.types.length; type !== undefined && left >= 0; left--) {
    if (!isModifier(type)) return type
    type = btfType(btf, type.type)
  }
  return undefined
}

function isModifier(type: BtfType): type is BtfReference {
  return MODIFIERS.has(type.kind)
}

/** Bytes of a value of this type, or undefined where it has no size. */
export function btfSize(btf: Btf, id: number, depth = 0): number | undefined {
  const type = skipModifiers(btf, id)
  if (type === undefined || depth > btf.types.length) return undefined
  if (type.kind === 'pointer') return 8
  if (type.kind !== 'array') return 'size' in type ? type.size : undefined
  const element = btfSize(btf, type.element, depth + 1)
  return element === undefined ? undefined : element * type.length
}
