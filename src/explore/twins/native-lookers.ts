/**
 * Natives that change nothing: called twice, they do the same twice.
 *
 * A turn of a loop that called any other native may have changed something, so that it need not do the same again.
 * Clocks stand here because an execution takes no time: none of the turns of a loop sees another moment than the one
 * before.
 */

// First, so that the clocks are those that stand still.
import './chance-and-clocks.ts'
import type { Native } from './native-table.ts'
import { threads } from './watched-ports.ts'

type Holder = Record<string, unknown>

function* namesOf(holder: unknown, but: readonly string[] = []): Generator<unknown> {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder)))
    if (typeof value === 'function' && !but.includes(name)) yield value
}

function* pick(holder: unknown, names: string): Generator<unknown> {
  for (const name of names.split(' ')) yield (holder as Holder)[name]
}

const look =
  'at concat entries every filter find findIndex findLast findLastIndex flat flatMap forEach includes indexOf join keys ' +
  'lastIndexOf map reduce reduceRight slice some subarray toLocaleString toReversed toSorted toString values with'
const Elements = Object.getPrototypeOf(Int32Array) as typeof Int32Array

/** They leave in a pattern, in its `lastIndex`, how far they came. */
const matching = ['match', 'matchAll', 'replace', 'replaceAll', 'search', 'split']

function* lookers(): Generator<unknown> {
  yield* namesOf(Math, ['random'])
  yield* namesOf(Number)
  yield* namesOf(BigInt)
  for (const { prototype } of [Number, String, Boolean, BigInt, Symbol]) yield* namesOf(prototype, matching)
  yield* pick(Array.prototype, look)
  yield* pick(Elements.prototype, look)
  yield* pick(
    DataView.prototype,
    'getInt8 getUint8 getInt16 getUint16 getInt32 getUint32 getFloat32 getFloat64 getBigInt64',
  )
  yield* pick(DataView.prototype, 'getBigUint64')
  yield* pick(Map.prototype, 'get has keys values entries forEach')
  yield* pick(Set.prototype, 'has keys values entries forEach')
  yield* pick(WeakMap.prototype, 'get has')
  yield* pick(WeakSet.prototype, 'has')
  yield* pick(Object, 'is keys values entries hasOwn getPrototypeOf getOwnPropertyNames fromEntries')
  yield* pick(Object.prototype, 'hasOwnProperty propertyIsEnumerable isPrototypeOf toString valueOf')
  yield* pick(Reflect, 'has get ownKeys getPrototypeOf apply')
  yield* pick(Function.prototype, 'call apply bind')
  yield Function.prototype[Symbol.hasInstance]
  yield* pick(Array, 'isArray of from')
  yield* pick(String, 'fromCharCode fromCodePoint raw')
  yield* pick(JSON, 'stringify parse')
  yield* pick(ArrayBuffer, 'isView')
  yield* namesOf(Atomics)
  yield* pick(Date, 'now')
  // It counts by itself what it takes.
  yield threads?.receiveMessageOnPort
  yield* pick(globalThis.performance, 'now')
  yield* pick(globalThis, 'parseInt parseFloat isNaN isFinite Number String Boolean BigInt Symbol Object Array')
  yield* pick(globalThis, 'Error TypeError RangeError SyntaxError Map Set ArrayBuffer SharedArrayBuffer DataView')
  yield Elements
  for (const Type of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array])
    yield Type
  for (const Type of [Float32Array, Float64Array, BigInt64Array, BigUint64Array]) yield Type
}

/** The natives that change nothing. */
export const onlyLook: ReadonlySet<unknown> = new Set<unknown>(
  [...lookers()].filter((fn): fn is Native => fn !== undefined),
)

function* steps(): Generator<unknown> {
  yield* pick(Object, 'defineProperty setPrototypeOf preventExtensions create getOwnPropertyDescriptor')
  yield* pick(Object, 'getOwnPropertyDescriptors getOwnPropertySymbols isExtensible isSealed isFrozen')
  yield* pick(Reflect, 'defineProperty deleteProperty getOwnPropertyDescriptor isExtensible preventExtensions')
  yield* pick(Reflect, 'set setPrototypeOf')
  yield* pick(Date.prototype, 'setTime setMilliseconds setSeconds setMinutes setHours setDate setMonth setFullYear')
  yield* pick(globalThis, 'Date RegExp')
}

/** Natives that change something when they have asked for all that they ask for, and only then. */
export const inOneStep: ReadonlySet<unknown> = new Set<unknown>(steps())

function* mutes(): Generator<unknown> {
  yield* pick(Array, 'isArray')
  yield* pick(Object, 'is')
  yield* pick(ArrayBuffer, 'isView')
  for (const { prototype } of [Map, Set, WeakMap, WeakSet]) yield* namesOf(prototype, ['forEach', 'constructor'])
}

/** Natives that ask nothing of the objects that they are handed. */
export const neverAsk: ReadonlySet<unknown> = new Set<unknown>(mutes())
