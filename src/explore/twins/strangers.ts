/**
 * Functions that are neither instrumented nor the engine's own, and views that hide inside what they are handed.
 *
 * A package that nobody instrumented has methods that look harmless: `queue.push(1)` hands over no view, but the queue
 * holds one. So what such a function is handed is looked through before it runs.
 */

import { isProxy, proxied } from '../runtime/proxies.ts'
import { bufferOf, isSharedMemory } from '../runtime/shared-view.ts'

/** Is this written in JavaScript, by somebody else? Asked of functions without a twin only. */
export const isStranger = (fn: object): boolean => !Function.prototype.toString.call(fn).includes('[native code]')

/** Levels of objects that are looked through. Beyond lies what a test runner hangs on its objects. */
const LEVELS = 4
/** Objects that are looked through. */
const MOST = 1000

/** Is there a view of shared memory among these values, or in the fields of objects they hold? Getters aren't run. */
export function carriesShared(values: readonly unknown[]): boolean {
  const seen = new Set<unknown>()
  let level = [...values]
  for (let depth = 0; depth < LEVELS && level.length > 0; depth++) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null || seen.has(value) || seen.size >= MOST) continue
      if (isProxy(value)) {
        seen.add(value)
        const parts = proxied(value)
        // What somebody else's proxy reaches, nobody can tell.
        if (parts === undefined) return true
        next.push(parts.target, parts.handler)
        continue
      }
      if (isSharedMemory(value) || isSharedWasmMemory(value)) return true
      seen.add(value)
      if (ArrayBuffer.isView(value)) continue
      if (value instanceof Map) for (const pair of value) next.push(...pair)
      else if (value instanceof Set) for (const each of value) next.push(each)
      for (const key of Reflect.ownKeys(value)) next.push(Object.getOwnPropertyDescriptor(value, key)?.value)
    }
    level = next
  }
  return false
}

/** Objects that are looked through for all shared memory in them. */
const ALL = 10_000

/**
 * The shared buffers that a structured clone of these values would hand over, however deep they lie. `tooMany`: there
 * are more objects than are looked through.
 */
export function sharedInside(values: readonly unknown[]): { buffers: object[]; tooMany: boolean } {
  const seen = new Set<unknown>(values)
  const buffers: object[] = []
  for (const value of seen) {
    if (seen.size > ALL) return { buffers, tooMany: true }
    // A proxy can't be cloned.
    if (typeof value !== 'object' || value === null || isProxy(value)) continue
    if (isSharedMemory(value)) buffers.push(ArrayBuffer.isView(value) ? bufferOf(value) : value)
    else if (isSharedWasmMemory(value)) buffers.push(value.buffer)
    else if (value instanceof Map) for (const pair of value) for (const part of pair) seen.add(part)
    else if (value instanceof Set) for (const part of value) seen.add(part)
    else if (!ArrayBuffer.isView(value))
      for (const each of Object.values(Object.getOwnPropertyDescriptors(value))) seen.add(each.value)
  }
  return { buffers, tooMany: false }
}

/** A memory of WebAssembly. */
interface WasmMemory {
  readonly buffer: ArrayBufferLike
}
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly?: { Memory: new () => WasmMemory } }

/** Is this a memory of WebAssembly that agents may share? */
export function isSharedWasmMemory(value: unknown): value is WasmMemory {
  return wasm !== undefined && value instanceof wasm.Memory && isSharedMemory(value.buffer)
}
