/**
 * Natives that may be handed a view and never look inside.
 */

import type { Native } from './native-table.ts'

const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<PropertyKey, Native | undefined>

export const harmlessNatives: readonly (Native | undefined)[] = [
  elements.subarray,
  elements.keys,
  Array.isArray,
  ArrayBuffer.isView,
  Object,
  Boolean,
  Object.is,
  Object.keys,
  Object.freeze,
  Object.getPrototypeOf,
  Object.hasOwn,
  Object.getOwnPropertyNames,
  Object.prototype.hasOwnProperty,
  Object.prototype.valueOf,
  Object.prototype.toString,
  Object.prototype.isPrototypeOf,
  Reflect.getPrototypeOf,
  Reflect.has,
  Reflect.ownKeys,
  Array.of,
  Array.prototype.push,
  Array.prototype.unshift,
  Array.prototype.concat,
  Map.prototype.get,
  Map.prototype.set,
  Map.prototype.has,
  Map.prototype.delete,
  Set.prototype.add,
  Set.prototype.has,
  Set.prototype.delete,
  WeakMap.prototype.get,
  WeakMap.prototype.set,
  WeakMap.prototype.has,
  WeakMap.prototype.delete,
  WeakSet.prototype.add,
  WeakSet.prototype.has,
  DataView,
  Symbol.prototype.toString,
  Object.getOwnPropertyDescriptor(elements, 'length')?.get,
  SharedArrayBuffer,
  // The clone is the same memory under another name, which the engine knows again.
  globalThis.structuredClone,
  Object.getOwnPropertyDescriptor(elements, 'byteLength')?.get,
  Object.getOwnPropertyDescriptor(elements, 'byteOffset')?.get,
  Object.getOwnPropertyDescriptor(elements, 'buffer')?.get,
  Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, 'byteLength')?.get,
  Atomics.isLockFree,
  Function.prototype[Symbol.hasInstance],
]
