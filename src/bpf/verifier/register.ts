/**
 * What is known of a register: nothing, a number, or a pointer and what it points to.
 *
 * Immutable, so that states can share them.
 */

import type { BpfMapDefinition } from '../object.ts'
import { ANY, constant, contains, type Scalar } from './scalar.ts'

/** Never written, or no longer to be read. */
export interface Uninitialised {
  readonly kind: 'uninitialised'
}

export interface Numeric {
  readonly kind: 'scalar'
  readonly scalar: Scalar
  /** Copies of one number share it: what is learned of one holds for all. 0: nobody's copy. */
  readonly id: number
}

/** What a pointer may point to. */
export type Region = 'context' | 'stack' | 'value' | 'memory' | 'map' | 'sock_common' | 'sock' | 'tcp_sock'

export interface Pointer {
  readonly kind: 'pointer'
  readonly region: Region
  /** It may be NULL as well; it is so with all others of its `id`. */
  readonly nullable: boolean
  /** Pointers of one origin share it. */
  readonly id: number
  /** The known part of the offset, in bytes. From the frame's end, of the stack. */
  readonly off: number
  /** The rest of it, in bytes; undefined is 0. */
  readonly varies: Scalar | undefined
  /** Which map: of `map` and `value`. */
  readonly map?: BpfMapDefinition
  /** Which function's frame: of `stack`. */
  readonly frame?: number
  /** Which memory, and its bytes: of `memory`. */
  readonly memory?: { readonly name: string; readonly size: number; readonly readonly?: boolean }
}

export type Register = Uninitialised | Numeric | Pointer

export const UNINITIALISED: Uninitialised = { kind: 'uninitialised' }
export const ANY_NUMBER: Numeric = { kind: 'scalar', scalar: ANY, id: 0 }

export function number(scalar: Scalar, id = 0): Numeric {
  return { kind: 'scalar', scalar, id }
}

export const ZERO: Numeric = number(constant(0n))

/** A pointer to the beginning. */
export function pointer(region: Region, more: Partial<Pointer> = {}): Pointer {
  return { kind: 'pointer', region, nullable: false, id: 0, off: 0, varies: undefined, ...more }
}

const NAMES: Readonly<Record<Region, string>> = {
  context: 'ctx',
  stack: 'fp',
  value: 'map_value',
  memory: 'mem',
  map: 'map_ptr',
  sock_common: 'sock_common',
  sock: 'sock',
  tcp_sock: 'tcp_sock',
}

/** The type as the kernel prints it: `scalar`, `map_value_or_null`. */
export function typeName(register: Register): string {
  if (register.kind === 'uninitialised') return '?'
  if (register.kind === 'scalar') return 'scalar'
  return `${NAMES[register.region]}${register.nullable ? '_or_null' : ''}`
}

/** How numbers of an older state are named in a newer one. */
export type Names = Map<number, number>

/** Whether whatever `b` may be, `a` may be as well: then what was proved of `a` holds for `b`. */
export function covers(a: Register, b: Register, names: Names): boolean {
  if (a.kind === 'uninitialised') return true
  if (a.kind === 'scalar')
    return b.kind === 'scalar' && contains(a.scalar, b.scalar) && (a.id === 0 || namesSame(a.id, b.id, names))
  if (b.kind !== 'pointer') return false
  if (a.region !== b.region || a.nullable !== b.nullable || a.off !== b.off) return false
  if (a.map !== b.map || a.frame !== b.frame || a.memory !== b.memory) return false
  if (!namesSame(a.id, b.id, names)) return false
  if (a.varies === undefined || b.varies === undefined) return a.varies === b.varies
  return contains(a.varies, b.varies)
}

/** One name of the old state stands for one of the new one, and the other way round. */
function namesSame(a: number, b: number, names: Names): boolean {
  const known = names.get(a)
  if (known !== undefined) return known === b
  if (b === 0 && a !== 0) return false
  for (const other of names.values()) if (other === b && b !== 0) return false
  names.set(a, b)
  return true
}
