/**
 * Operators that meet an object, in twins: what it stands for, whether it has a member, whose instance it is.
 *
 * A twin asks `simple` first, and comes here with what isn't.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { valueOfMember } from './members.ts'
import { type Hint, primitive } from './primitive.ts'
import { restarting } from './restarts.ts'
import { simple } from './simple.ts'

type Operate = (left: never, right: never) => unknown

/** On primitives. */
const OPERATE: Readonly<Record<string, Operate>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  // biome-ignore lint/suspicious/noDoubleEquals: it is what the author wrote
  '==': (a, b) => a == b,
}

/** Those that compare, or may join strings, ask both operands first; the others make a number of each in turn. */
const ASKS_BOTH = /^[+<>]=?$/

/** `left operator right` */
export function* operate(operator: string, site: number, left: unknown, right: unknown): Twin {
  if (operator === '==') return yield* equals(site, left, right)
  if (operator === '!=') return !(yield* equals(site, left, right))
  const hint: Hint = operator === '+' ? 'default' : 'number'
  let a = yield* primitive(left, hint, site)
  if (!ASKS_BOTH.test(operator)) a = number(a)
  const b = yield* primitive(right, hint, site)
  return OPERATE[operator](a as never, b as never)
}

/** A primitive as a number or a BigInt. */
const number = (value: unknown): unknown => (typeof value === 'bigint' ? value : +(value as number))

/** Two objects are compared as they are, and null and undefined ask nothing. */
function* equals(site: number, left: unknown, right: unknown): Twin<boolean> {
  const equal = OPERATE['=='] as (left: unknown, right: unknown) => boolean
  if (simple(left) === simple(right) || isMissing(left) || isMissing(right)) return equal(left, right)
  return equal(yield* primitive(left, 'default', site), yield* primitive(right, 'default', site))
}

const isMissing = (value: unknown): boolean => value === null || value === undefined

/** What an object stands for as the operand of a unary operator. */
export function* numeric(site: number, value: unknown): Twin {
  return number(yield* primitive(value, 'number', site))
}

/** As a part of a template. */
export function* text(site: number, value: unknown): Twin {
  return yield* primitive(value, 'string', site)
}

/** As the name of a property. Nobody is asked for a name in null or undefined. */
export function* keyIn(site: number, object: unknown, key: unknown): Twin {
  if (object === undefined || object === null) return key
  return yield* keyOf(site, key)
}

/** The same where it is a name whatever happens. */
export function* keyOf(site: number, key: unknown): Twin<PropertyKey> {
  const name = yield* primitive(key, 'string', site)
  return typeof name === 'symbol' ? name : `${name as string}`
}

/** Whether this engine makes a name of the key twice in `o[key] += 1`: once to read and once to store. */
const NAMED_TWICE = (() => {
  let times = 0
  const key = { toString: () => `${times++}` }
  ;(({}) as Record<string, number>)[key as unknown as string] += 1
  return times > 1
})()

/** The name to store under, where `name` was read. */
export function* keyAgain(site: number, key: unknown, name: unknown): Twin {
  return NAMED_TWICE ? yield* keyOf(site, key) : name
}

/** `key in object` */
export function* isIn(site: number, key: unknown, object: object): Twin<boolean> {
  if (simple(object)) return (key as string) in object
  const name = yield* keyOf(site, key)
  return yield* restarting(() => name in object)
}

/** `value instanceof type` */
export function* instanceOf(site: number, value: unknown, type: unknown): Twin<boolean> {
  if (simple(type)) return value instanceof (type as never)
  const method = (yield* valueOfMember(type as object, Symbol.hasInstance, type)) ?? undefined
  if (method === undefined && typeof type !== 'function')
    throw new TypeError("Right-hand side of 'instanceof' is not callable")
  return Boolean(yield* call(site, method ?? Function.prototype[Symbol.hasInstance], type, [value]))
}

/** What changes nothing before its end, as `delete proxy.x`. */
export function* again<T>(work: () => T): Twin<T> {
  return yield* restarting(work)
}

/** The own enumerable properties of a value, but for those taken before: what `{ ...value }` has. */
export function* copied(value: unknown, taken: readonly PropertyKey[] = []): Twin<object> {
  const copy: Record<PropertyKey, unknown> = {}
  if (value === undefined || value === null) return copy
  const from = Object(value) as object
  const without = new Set(taken.map((key) => (typeof key === 'symbol' ? key : String(key))))
  for (const key of yield* restarting(() => Reflect.ownKeys(from))) {
    if (without.has(key)) continue
    const own = yield* restarting(() => Reflect.getOwnPropertyDescriptor(from, key))
    if (own?.enumerable !== true) continue
    const member = yield* valueOfMember(from, key, from)
    Object.defineProperty(copy, key, { value: member, writable: true, enumerable: true, configurable: true })
  }
  return runtime.did(copy)
}
