/**
 * Chance from `crypto` in threads: like `Math.random` it draws from the thread's own sequence, the same in each
 * execution. The original is called first, for the errors that it throws.
 */

import { fraction, nextBits } from '../../random/random.ts'
import { runtime } from '../runtime/runtime.ts'
import { isSharedMemory } from '../runtime/shared-view.ts'
import { ordinary } from './calls.ts'
import { type Answer, inThreads, sequence } from './chance-and-clocks.ts'
import { handlers, type Native } from './native-table.ts'

/** Fills a view with bytes of the sequence. */
function fill<T>(view: T): T {
  if (!ArrayBuffer.isView(view)) return view
  const random = sequence()
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let i = 0; i < bytes.length; i++) bytes[i] = nextBits(random) & 255
  return view
}

function uuid(): string {
  const bytes = fill(new Uint8Array(16))
  // Version 4 of RFC 9562, and its variant.
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  randomUUID(_, native) {
    native()
    return uuid()
  },
  getRandomValues: (_, native) => fill(native()),
  randomBytes: (_, native) => fill(native()),
  randomFillSync([view, offset = 0, size], native) {
    native()
    const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: bytes = 1 } = view as Uint8Array
    const from = Number(offset) * bytes
    fill(
      new Uint8Array(buffer, (byteOffset ?? 0) + from, size === undefined ? byteLength - from : Number(size) * bytes),
    )
    return view
  },
  randomInt([min, max], native) {
    native()
    const [from, to] = typeof max === 'number' ? [Number(min), max] : [0, Number(min)]
    return from + Math.floor(fraction(sequence()) * (to - from))
  },
}

const { process, crypto } = globalThis as { process?: NodeJS.Process; crypto?: object }
const prototype = Object.getPrototypeOf(crypto ?? {}) as object
for (const key of ['randomUUID', 'getRandomValues']) inThreads(prototype, key, `crypto.${key}`, ANSWERS[key])

// Modules import these by name. What is handed a function is left to who refuses that.
const nodes = (process?.getBuiltinModule?.('node:crypto') ?? {}) as Record<string, Native | undefined>
for (const [key, answer] of Object.entries(ANSWERS)) {
  const native = nodes[key]
  if (typeof native !== 'function') continue
  handlers.set(native, function* (site, fn, self, args) {
    if (args.some((each) => typeof each === 'function' || isSharedMemory(each)))
      return yield* ordinary(site, fn, self, args)
    runtime.drawn.add(`crypto.${key}`)
    return answer(args, () => Reflect.apply(fn, self, args))
  })
}
