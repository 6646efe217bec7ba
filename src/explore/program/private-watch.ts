/**
 * Whether private state is as it was, without a text of all that it holds: the objects that can be reached, each with
 * what it held. It is asked after many executions, nearly always in vain.
 *
 * What is the same here has the same text (private-state.ts). What is not may have it all the same, as where a list was
 * replaced by one that is equal.
 */

import { readersOf } from '../runtime/private-fields.ts'
import { isProxy, proxied } from '../runtime/proxies.ts'
import { DEEPEST, MOST_BYTES } from './private-state.ts'

/** Whether something still is as it was. */
type Look = () => boolean

/** In the place of the value of an accessor, which is not asked. */
const ACCESSOR: unique symbol = Symbol('accessor')

const { keys, is, getOwnPropertyDescriptor, getPrototypeOf } = Object

/** Notes all that can be reached from a value. What comes back tells whether it is as it was. */
export function watchPrivateState(value: unknown): Look {
  const looks: Look[] = []
  const seen = new Map<unknown, number>()
  const visit = (it: unknown, depth: number): void => {
    if (typeof it !== 'object' || it === null || depth > DEEPEST) return
    // What was met far down is looked at again, as far as it reaches from here.
    if ((seen.get(it) ?? Number.POSITIVE_INFINITY) <= depth) return
    seen.set(it, depth)
    if (isProxy(it)) {
      visit(proxied(it)?.target, depth + 1)
      return
    }
    if (it instanceof SharedArrayBuffer || (ArrayBuffer.isView(it) && it.buffer instanceof SharedArrayBuffer)) return
    if (it instanceof ArrayBuffer || ArrayBuffer.isView(it)) {
      looks.push(bytesOf(it))
      return
    }
    const inner: unknown[] = []
    looks.push(it instanceof Map || it instanceof Set ? entriesOf(it, inner) : propertiesOf(it, inner))
    for (const each of inner) visit(each, depth + 1)
  }
  visit(value, 0)
  return () => {
    for (let i = 0; i < looks.length; i++) if (!looks[i]()) return false
    return true
  }
}

function bytesOf(of: ArrayBuffer | ArrayBufferView): Look {
  const present = () => {
    const [buffer, offset] = of instanceof ArrayBuffer ? [of, 0] : [of.buffer, of.byteOffset]
    return new Uint8Array(buffer, offset, Math.min(of.byteLength, MOST_BYTES))
  }
  const bytes = present().slice()
  return () => {
    const now = present()
    if (now.length !== bytes.length) return false
    for (let i = 0; i < bytes.length; i++) if (now[i] !== bytes[i]) return false
    return true
  }
}

/** Of a map its keys and values, of a set its elements. */
function entriesOf(of: Map<unknown, unknown> | Set<unknown>, inner: unknown[]): Look {
  const flat = (): unknown[] => (of instanceof Map ? [...of.keys(), ...of.values()] : [...of])
  const noted = flat()
  for (const each of noted) inner.push(each)
  return () => {
    const now = flat()
    return now.length === noted.length && now.every((value, i) => is(value, noted[i]))
  }
}

/** Its own properties by name, the private fields of its classes, and which classes these are. */
function propertiesOf(object: object, inner: unknown[]): Look {
  const names = keys(object)
  const values = names.map((name) => heldBy(object, name))
  const chain = prototypesOf(object)
  const privates = readersOf(object).map(({ read }) => ({ read, noted: Object.entries(read(object) ?? {}) }))
  const length = Array.isArray(object) ? object.length : undefined
  // Not as arguments of one call: there may be too many.
  for (const each of values) inner.push(each)
  for (const { noted } of privates) for (const [, each] of noted) inner.push(each)
  return () => {
    const now = keys(object)
    if (now.length !== names.length) return false
    for (let i = 0; i < names.length; i++) {
      if (now[i] !== names[i] || !is(heldBy(object, names[i]), values[i])) return false
    }
    let at: object | null = object
    for (let i = 0; i < chain.length; i++) {
      if (getPrototypeOf(at) !== chain[i]) return false
      at = chain[i]
    }
    return (
      (length === undefined || (object as unknown[]).length === length) &&
      privates.every(({ read, noted }) => isAsNoted(Object.entries(read(object) ?? {}), noted))
    )
  }
}

/** Its prototype, that one's, and so on up to null, or to a proxy, which is asked nothing. */
function prototypesOf(object: object): (object | null)[] {
  const chain: (object | null)[] = []
  let at: object | null = object
  do chain.push((at = getPrototypeOf(at)))
  while (at !== null && !isProxy(at))
  return chain
}

const isAsNoted = (now: readonly [string, unknown][], noted: readonly [string, unknown][]): boolean =>
  now.length === noted.length && now.every(([name, value], i) => name === noted[i][0] && is(value, noted[i][1]))

/** What a property holds. No getter runs. */
function heldBy(object: object, name: string): unknown {
  const { value, get, set } = getOwnPropertyDescriptor(object, name)!
  return get === undefined && set === undefined ? value : ACCESSOR
}
