/**
 * What random programs do besides computing: they look values up and change them, update and delete elements, and store
 * to the packet's context. All of it is allowed; what it leaves is compared.
 */

import type { Statement } from '../src/bpf/isa/assemble.ts'
import type { BpfMapDefinition } from '../src/bpf/object.ts'

function map(name: string, type: number, valueSize: number, more: Partial<BpfMapDefinition> = {}): BpfMapDefinition {
  return { name, type, keySize: 4, valueSize, maxEntries: 4, flags: 0, ...more }
}

/** The maps of such programs: every type with keys that there is here. `data` is what global variables lie in. */
export const EFFECT_MAPS: readonly BpfMapDefinition[] = [
  map('array', 2, 16),
  map('hash', 1, 24),
  map('percpu', 6, 8),
  map('data', 2, 32, { maxEntries: 1 }),
]

/** Keys below this one are looked at: elements of the hash, and one behind the last of an array. */
export const KEYS = 6

/** Fields of the context that a test run gives back, with the numbers they begin with: name, offset, width. */
export const CONTEXT_FIELDS: readonly (readonly [name: string, offset: number, width: 'w' | 'dw'])[] = [
  ['mark', 8, 'w'],
  ['priority', 32, 'w'],
  ['cb0', 48, 'w'],
  ['cb1', 52, 'w'],
  ['cb2', 56, 'w'],
  ['cb3', 60, 'w'],
  ['cb4', 64, 'w'],
  ['tstamp', 152, 'dw'],
]

/** Who writes a program down. */
export interface Draft {
  below(n: number): number
  put(...statement: Statement): void
  label(): string
  mark(label: string): void
}

/** Registers that keep their numbers over a call. */
const KEPT = ['r6', 'r7', 'r8']
const PLAIN = ['lock_add', 'lock_or', 'lock_and', 'lock_xor']
const FETCHING = ['lock_fetch_add', 'lock_fetch_or', 'lock_fetch_and', 'lock_fetch_xor', 'lock_xchg', 'lock_cmpxchg']
const WIDTHS = ['b', 'h', 'w', 'dw']
/** Bytes of the stack, all below what the rest of a program uses: the context, a key, a value. */
const CONTEXT = -80
const KEY = -84
const VALUE = -112

/** Puts the context away before anything else happens. */
export function keepContext({ put }: Draft): void {
  put('stxdw', ['r10', CONTEXT], 'r1')
}

/** One effect. What was in r0 to r5 is gone after it, and numbers are there. */
export function effect(draft: Draft): void {
  switch (draft.below(6)) {
    case 0:
    case 1:
      lookup(draft)
      return
    case 2:
      change(draft, 'bpf_map_update_elem')
      return
    case 3:
      change(draft, 'bpf_map_delete_elem')
      return
    case 4:
      globals(draft)
      return
    default:
      context(draft)
  }
}

function of<T>({ below }: Draft, list: readonly T[]): T {
  return list[below(list.length)]
}

function numbersAgain({ put, below }: Draft, from: number): void {
  for (let n = from; n <= 5; n++) put('mov', `r${n}`, `${below(1 << 16)}`)
}

function keyed(draft: Draft, name: string): void {
  const { put, below } = draft
  if (below(3) === 0) {
    put('mov', 'r3', of(draft, KEPT))
    put('and', 'r3', '7')
    put('stxw', ['r10', KEY], 'r3')
  } else put('stw', ['r10', KEY], `${below(KEYS)}`)
  put('mov', 'r2', 'r10')
  put('add', 'r2', `${KEY}`)
  put('lddw', 'r1', 'map', name)
}

function lookup(draft: Draft): void {
  const { put, below, label, mark } = draft
  const { name, valueSize } = of(draft, EFFECT_MAPS)
  keyed(draft, name)
  put('call', 'bpf_map_lookup_elem')
  numbersAgain(draft, 2)
  const none = label()
  put('mov', 'r1', 'r0')
  put('mov', 'r0', '3')
  put('jeq', 'r1', '0', none)
  for (let i = below(4); i >= 0; i--) access(draft, valueSize)
  mark(none)
  put('mov', 'r1', `${below(9)}`)
}

/** An access through the value in r1. */
function access(draft: Draft, valueSize: number): void {
  const { put, below } = draft
  const width = below(4)
  const bytes = 1 << width
  const off = bytes * below(valueSize / bytes)
  if (below(3) === 0) {
    const size = of(draft, [4, 8])
    atomic(draft, size, size * below(valueSize / size))
    return
  }
  if (below(4) === 0) {
    // At an index that only the run knows.
    put('mov', 'r2', of(draft, KEPT))
    put('and', 'r2', `${8 - bytes}`)
    put('add', 'r2', 'r1')
    put(`stx${WIDTHS[width]}`, ['r2', 0], of(draft, KEPT))
    put('mov', 'r2', '2')
    return
  }
  const number = of(draft, [...KEPT, 'r0', 'r3', 'r4'])
  if (below(2) === 0) put(`${below(3) === 0 && width < 3 ? 'ldxs' : 'ldx'}${WIDTHS[width]}`, number, ['r1', off])
  else if (below(3) === 0) put(`st${WIDTHS[width]}`, ['r1', off], `${below(1 << 16) - 9}`)
  else put(`stx${WIDTHS[width]}`, ['r1', off], number)
}

function atomic(draft: Draft, size: number, off: number): void {
  const { put, below } = draft
  const narrow = size === 4 ? '32' : ''
  const number = of(draft, [...KEPT, 'r3', 'r4'])
  const kind = below(4)
  if (kind === 0) put(`load_acquire${size * 8}`, number, ['r1', off])
  else if (kind === 1) put(`store_release${size * 8}`, ['r1', off], number)
  else {
    const name = of(draft, kind === 2 ? PLAIN : FETCHING)
    // See random-bytecode.ts.
    if (name === 'lock_cmpxchg' && size === 4) put('mov32', 'r0', 'r0')
    put(`${name}${narrow}`, ['r1', off], number)
  }
}

/** Puts an element or takes one away; what the helper says goes into a number that stays. */
function change(draft: Draft, helper: 'bpf_map_update_elem' | 'bpf_map_delete_elem'): void {
  const { put, below } = draft
  const { name, valueSize } = of(draft, EFFECT_MAPS)
  keyed(draft, name)
  if (helper === 'bpf_map_update_elem') {
    for (let at = 0; at < valueSize; at += 8) put('stxdw', ['r10', VALUE + at], of(draft, KEPT))
    put('mov', 'r3', 'r10')
    put('add', 'r3', `${VALUE}`)
    put('mov', 'r4', of(draft, ['0', '0', '0', '1', '2', '3', '4']))
  }
  put('call', helper)
  put('mul', 'r7', '5')
  put('add', 'r7', 'r0')
  numbersAgain(draft, below(2))
}

/** A global variable. */
function globals(draft: Draft): void {
  const { put, below } = draft
  put('lddw', 'r1', 'map', 'data', `${8 * below(2)}`)
  for (let i = below(3); i >= 0; i--) access(draft, 16)
  put('mov', 'r1', `${below(9)}`)
}

function context(draft: Draft): void {
  const { put, below } = draft
  const [, offset, width] = of(draft, CONTEXT_FIELDS)
  put('ldxdw', 'r1', ['r10', CONTEXT])
  const number = of(draft, [...KEPT, 'r0'])
  if (below(2) === 0) put(`stx${width}`, ['r1', offset], number)
  else put(`ldx${width}`, number, ['r1', offset])
  put('mov', 'r1', `${below(9)}`)
}
