/**
 * The shared buffers that instrumented code makes, for an audit: a thread may reach one, through a closure say, that no
 * event has touched.
 */

import { runtime } from './runtime.ts'

/** Of those made outside of any setup, as at the top of a module, the youngest are remembered, if they are small. */
const MOST = 32
const LARGEST = 1 << 16

let outside: WeakRef<SharedArrayBuffer>[] = []
let inside: SharedArrayBuffer[] | undefined

/** Remembers a buffer that has just been made. One that a thread makes is the engine's business. */
export function noteBuffer(buffer: SharedArrayBuffer): SharedArrayBuffer {
  if (runtime.running) runtime.made(buffer)
  else if (inside !== undefined) inside.push(buffer)
  else if (buffer.byteLength <= LARGEST) {
    outside.push(new WeakRef(buffer))
    if (outside.length > MOST) outside = outside.slice(1)
  }
  return buffer
}

/** Does something, and gives what came of it with the buffers made meanwhile and those made at the tops of modules. */
export function collectBuffers<T>(work: () => T): { value: T; buffers: SharedArrayBuffer[] } {
  const before = inside
  const buffers = outside.map((each) => each.deref()).filter((each) => each !== undefined)
  inside = buffers
  try {
    return { value: work(), buffers }
  } finally {
    inside = before
  }
}
