/**
 * Which values are shared memory: buffers, and views of them.
 *
 * By what the engine of the language knows of a view, and not by its properties, which a class of the author's may
 * override.
 */

import { isSharedBuffer } from './proxies.ts'

/** A typed array over shared memory, of any kind. */
export type Elements = Int32Array

const elements = Object.getPrototypeOf(Int32Array.prototype) as object
const getter = (prototype: object, name: PropertyKey): (() => unknown) =>
  Object.getOwnPropertyDescriptor(prototype, name)!.get!

const arrayBuffer = getter(elements, 'buffer')
const arrayType = getter(elements, Symbol.toStringTag)
const dataBuffer = getter(DataView.prototype, 'buffer')
const arrayOffset = getter(elements, 'byteOffset')
const arrayBytes = getter(elements, 'byteLength')
const dataOffset = getter(DataView.prototype, 'byteOffset')
const dataBytes = getter(DataView.prototype, 'byteLength')
// A page that is served without special headers has none, and the name stands for a buffer of the ordinary kind.
const sharedLength = Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, 'byteLength')?.get
const { apply } = Reflect
const { isView } = ArrayBuffer

/** The name of a typed array's kind, `Int32Array`; undefined for a DataView. */
export function typeOf(view: ArrayBufferView): string | undefined {
  return apply(arrayType, view, []) as string | undefined
}

/** The buffer under a view. */
export function bufferOf(view: ArrayBufferView): ArrayBufferLike {
  return apply(typeOf(view) === undefined ? dataBuffer : arrayBuffer, view, []) as ArrayBufferLike
}

/** Where in its buffer a view begins, and how long it is, in bytes. */
export function extentOf(view: ArrayBufferView): { offset: number; bytes: number } {
  const isArray = typeOf(view) !== undefined
  return {
    offset: apply(isArray ? arrayOffset : dataOffset, view, []) as number,
    bytes: apply(isArray ? arrayBytes : dataBytes, view, []) as number,
  }
}

/** Is this a typed array or DataView over a SharedArrayBuffer? Of another realm too. */
export function isShared(value: unknown): value is ArrayBufferView {
  if (typeof value !== 'object' || !isView(value)) return false
  const buffer = bufferOf(value)
  return buffer instanceof SharedArrayBuffer || (!(buffer instanceof ArrayBuffer) && isForeign(buffer))
}

/** A buffer of another realm. */
function isForeign(buffer: object): boolean {
  if (sharedLength === undefined) return false
  try {
    apply(sharedLength, buffer, [])
    return true
  } catch {
    return false
  }
}

/** May threads wait on its elements? */
export function isWaitable(view: ArrayBufferView): boolean {
  const type = typeOf(view)
  return type === 'Int32Array' || type === 'BigInt64Array'
}

export function isSharedArray(value: unknown): value is Elements {
  return isShared(value) && typeOf(value) !== undefined
}

/** Is this shared memory, a buffer or a view? Of a buffer of another realm only its views are known. */
export function isSharedMemory(value: unknown): value is ArrayBufferView | SharedArrayBuffer {
  if (typeof value !== 'object' || value === null) return false
  return isView(value) ? isShared(value) : isSharedBuffer(value)
}
