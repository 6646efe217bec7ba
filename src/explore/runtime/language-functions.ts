/**
 * The functions of the language that the explorer calls, and everything else does. The author's code may put others in
 * their places. Whoever finds that puts them back, since not even a sentence on it can be made without them.
 */

import { ofAllCopies } from './all-copies.ts'

/** Taken now: what the author's code puts in its place must not be what looks for it. */
const { ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect
const { is } = Object

const functions = [
  ...[Array, Object, Function, String, Number, Boolean, BigInt, Symbol, RegExp, Date, Error, TypeError],
  ...[Map, Set, WeakMap, WeakSet, Promise, ArrayBuffer, SharedArrayBuffer, DataView, Int32Array, Uint8Array],
]

/** The objects of the language that all code shares, and what they are called. */
export const languageObjects: readonly [string, object][] = [
  ...functions.flatMap((each): [string, object][] => [
    [each.name, each],
    [`${each.name}.prototype`, each.prototype],
  ]),
  ['%TypedArray%', Object.getPrototypeOf(Int32Array)],
  ['%TypedArray%.prototype', Object.getPrototypeOf(Int32Array.prototype)],
  ['%ArrayIterator%.prototype', Object.getPrototypeOf([][Symbol.iterator]())],
  ['%Generator%.prototype', Object.getPrototypeOf(function* () {}).prototype],
  ['Atomics', Atomics],
  ['Math', Math],
  ['JSON', JSON],
  ['Reflect', Reflect],
]

/** What programs replace with good reason, and what is called here for its own sake alone: clocks, chance, promises. */
const THEIRS = /^(?:(?:Date|Error|TypeError|Promise)(?:\.|$)|Math\.random$|Function\.prototype\.toString$)/
interface Method {
  /** `Array.prototype.push` */
  readonly name: string
  readonly object: object
  readonly key: string | symbol
  readonly value: unknown
  readonly was: PropertyDescriptor
}

/** What the explorer puts something else in the place of, and each copy of it anew. */
const OURS =
  /^(?:Atomics\.wait|Function\.prototype\.bind|%TypedArray%\.prototype(?:\.(?:join|toLocaleString|values|entries)|\[.*))$/

const noted = ofAllCopies('functions of the language', () => ({ methods: undefined as Method[] | undefined }))

/** Notes what stands there: when all that this copy of the explorer puts there itself is in place. */
export function noteFunctions(): void {
  noted.methods = noted.methods?.map((method) => (OURS.test(method.name) ? methodAt(method) : method)) ?? allMethods()
}

function allMethods(): Method[] {
  const methods: Method[] = []
  for (const [owner, object] of languageObjects) {
    for (const key of ownKeys(object)) {
      const name = typeof key === 'string' ? `${owner}.${key}` : `${owner}[${key.description!}]`
      const method = methodAt({ name, object, key })
      if (typeof method.value === 'function' && key !== 'constructor' && !THEIRS.test(name)) methods.push(method)
    }
  }
  return methods
}

function methodAt({ name, object, key }: Pick<Method, 'name' | 'object' | 'key'>): Method {
  const was = getOwnPropertyDescriptor(object, key)!
  return { name, object, key, value: was.value, was }
}

/** Puts back what was replaced since then, and gives the name of the first; undefined: nothing was. */
export function putBackFunctions(): string | undefined {
  if (noted.methods === undefined) noteFunctions()
  let found: string | undefined
  const { length } = noted.methods!
  // Nothing is called but what was taken above, and nothing iterated.
  for (let i = 0; i < length; i++) {
    const { name, object, key, value, was } = noted.methods![i]
    if (is((object as Record<string | symbol, unknown>)[key], value)) continue
    found ??= name
    defineProperty(object, key, was)
  }
  return found
}

/** The sentence on it. */
export const replacedBy = (who: string, name: string): string =>
  `${who} changed ${name}, which everything here relies on`
