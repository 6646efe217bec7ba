/**
 * Which natives are the language's own.
 *
 * They are handed objects all day, and of these read elements only where they say so: what they do to a view inside of
 * such an object is watched (native-guards.ts) or stands in the table. A function of the host, as of Node or a browser,
 * may do anything to it: send it away, write it to a file, fill it.
 */

const names = (
  'Object Function Array Number Boolean String Symbol Date Promise RegExp Error AggregateError EvalError RangeError ReferenceError ' +
  'SyntaxError TypeError URIError SuppressedError JSON Math Intl ArrayBuffer SharedArrayBuffer Atomics DataView Int8Array Uint8Array ' +
  'Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array ' +
  'Map Set WeakMap WeakSet WeakRef FinalizationRegistry BigInt Iterator Proxy Reflect DisposableStack AsyncDisposableStack parseFloat ' +
  'parseInt isNaN isFinite decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval'
).split(' ')

const own = new Set<unknown>()

/** Notes all functions that can be reached from a value through properties and prototypes. */
function note(value: unknown): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || own.has(value)) return
  own.add(value)
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    note(descriptor?.value)
    note(descriptor?.get)
    note(descriptor?.set)
  }
  note(Object.getPrototypeOf(value))
}

for (const name of names) note((globalThis as Record<string, unknown>)[name])
for (const made of [
  [][Symbol.iterator](),
  ''[Symbol.iterator](),
  new Map()[Symbol.iterator](),
  new Set()[Symbol.iterator](),
  'a'.matchAll(/a/g),
  (function* () {})(),
  (async function* () {})(),
  async () => {},
])
  note(made)

/** From now on this function counts as the language's own: it stands in the place of a native and does no more. */
export function standIn(fn: object): void {
  own.add(fn)
}

/** Is this function the language's own? As it was when this module was loaded. */
export const isLanguage = (fn: unknown): boolean => own.has(fn)
