/**
 * The state outside of shared memory that can be reached from what setup returned. Nothing puts it back before the next
 * execution, so a thread may not change it.
 */

import { fieldsOf } from '../runtime/private-fields.ts'
import { isProxy, proxied } from '../runtime/proxies.ts'
import { bufferOf } from '../runtime/shared-view.ts'

/** What stands where: `queue.list[0]` -> its value, as text. */
export type PrivateState = ReadonlyMap<string, string>

/** How deep what setup returned is looked through, and how many bytes of a buffer. */
export const DEEPEST = 6
export const MOST_BYTES = 65_536

export function privateState(value: unknown): PrivateState {
  const state = new Map<string, string>()
  const seen = new Set<unknown>()
  const visit = (it: unknown, path: string, depth: number): void => {
    if (typeof it !== 'object' || it === null) {
      state.set(
        path,
        typeof it === 'function' ? 'a function' : typeof it === 'string' ? JSON.stringify(it) : String(it),
      )
      return
    }
    if (seen.has(it) || depth > DEEPEST) return
    seen.add(it)
    if (isProxy(it)) {
      visit(proxied(it)?.target, path, depth + 1)
      return
    }
    if (it instanceof SharedArrayBuffer) return
    if (it instanceof ArrayBuffer) {
      state.set(path, `the bytes ${new Uint8Array(it, 0, Math.min(it.byteLength, MOST_BYTES)).join()}`)
      return
    }
    if (ArrayBuffer.isView(it)) {
      if (it.buffer instanceof SharedArrayBuffer) return
      const bytes = new Uint8Array(it.buffer, it.byteOffset, Math.min(it.byteLength, MOST_BYTES))
      state.set(path, `the bytes ${bytes.join()}`)
      return
    }
    const size = it instanceof Map || it instanceof Set ? it.size : Array.isArray(it) ? it.length : undefined
    if (size !== undefined)
      state.set(`${path}.${it instanceof Map || it instanceof Set ? 'size' : 'length'}`, `${size}`)
    const entries = it instanceof Set ? [...it].entries() : it instanceof Map ? it.entries() : fieldsOf(it)
    for (const [key, inner] of entries) {
      const inside = typeof key === 'string' && !Array.isArray(it) && !(it instanceof Map)
      visit(inner, inside ? (path === '' ? key : `${path}.${key}`) : `${path}[${String(key)}]`, depth + 1)
    }
  }
  visit(value, '', 0)
  return state
}

/** The shared buffers that can be reached from a value, themselves or as views. */
export function buffersIn(value: unknown): Set<SharedArrayBuffer> {
  const buffers = new Set<SharedArrayBuffer>()
  const seen = new Set<unknown>()
  const visit = (it: unknown, depth: number): void => {
    if (typeof it !== 'object' || it === null || seen.has(it) || depth > DEEPEST) return
    seen.add(it)
    if (isProxy(it)) {
      visit(proxied(it)?.target, depth + 1)
      visit(proxied(it)?.handler, depth + 1)
      return
    }
    const buffer = ArrayBuffer.isView(it) ? bufferOf(it) : it
    if (buffer instanceof SharedArrayBuffer) buffers.add(buffer)
    if (ArrayBuffer.isView(it) || it instanceof SharedArrayBuffer) return
    const inner = it instanceof Map ? [...it].flat() : it instanceof Set ? it : fieldsOf(it).map(([, each]) => each)
    for (const each of inner) visit(each, depth + 1)
  }
  visit(value, 0)
  return buffers
}

/** Where the two first differ, and how: `count (0 -> 1)`; undefined: nowhere. */
export function changedPlace(before: PrivateState, after: PrivateState): string | undefined {
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(path)
    const is = after.get(path)
    if (was === is) continue
    const shown = (text = 'nothing') => (text.length > 40 ? `${text.slice(0, 39)}~` : text)
    return `${path === '' ? 'what setup returned' : path} (${shown(was)} -> ${shown(is)})`
  }
  return undefined
}
