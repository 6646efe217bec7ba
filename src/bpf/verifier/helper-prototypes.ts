/**
 * What each helper takes and gives.
 */

/**
 * An argument: what it must be. An `owner` of a storage is a socket; the kernel takes other pointers to one, too.
 * `memory` is followed by its `size`.
 */
export type Argument =
  | 'map'
  | 'key'
  | 'map-value'
  | 'map-value-or-null'
  | 'anything'
  | 'context'
  | 'socket'
  | 'owner'
  | 'lock'
  | 'memory'
  | 'size'

/** `number`: of 32 bits with its sign, as errnos are; `unsigned`: of 32 bits without. */
export type Returned =
  | 'number'
  | 'unsigned'
  | 'wide-number'
  | 'nothing'
  | 'map-value-or-null'
  | 'sock-or-null'
  | 'tcp-sock-or-null'

export interface Prototype {
  readonly takes: readonly Argument[]
  readonly gives: Returned
  /** Only for programs whose license is compatible with the GPL. */
  readonly gpl?: boolean
  /** Takes registers behind its arguments as they are: printk. */
  readonly more?: true
}

/** By number. Others are refused by name. */
export const PROTOTYPES: ReadonlyMap<number, Prototype> = new Map<number, Prototype>([
  [1, { takes: ['map', 'key'], gives: 'map-value-or-null' }],
  [2, { takes: ['map', 'key', 'map-value', 'anything'], gives: 'number' }],
  [3, { takes: ['map', 'key'], gives: 'number' }],
  [5, { takes: [], gives: 'wide-number' }],
  [6, { takes: ['memory', 'size'], gives: 'number', gpl: true, more: true }],
  [7, { takes: [], gives: 'unsigned' }],
  [8, { takes: [], gives: 'unsigned' }],
  [14, { takes: [], gives: 'wide-number' }],
  [46, { takes: ['context'], gives: 'wide-number' }],
  [59, { takes: ['context', 'anything'], gives: 'number' }],
  [93, { takes: ['lock'], gives: 'nothing' }],
  [94, { takes: ['lock'], gives: 'nothing' }],
  [95, { takes: ['socket'], gives: 'sock-or-null' }],
  [96, { takes: ['socket'], gives: 'tcp-sock-or-null' }],
  [107, { takes: ['map', 'owner', 'map-value-or-null', 'anything'], gives: 'map-value-or-null' }],
  [108, { takes: ['map', 'owner'], gives: 'number' }],
])

export const SPIN_LOCK = 93
export const SPIN_UNLOCK = 94

/** Licenses that the kernel takes for compatible with the GPL. */
export const GPL_COMPATIBLE: ReadonlySet<string> = new Set([
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
])
