/**
 * Memory that looks at each access of a generated text: nothing but the bytes of values, and bytes of the stack that
 * were written before they are read.
 */

import type { Run } from '../../../src/bpf/code/compile.ts'

/** An access that no accepted program may make. */
export class WildAccess extends Error {}

/** An array of so many bytes an element, each access of which is looked at. */
type Elements = Int32Array | Uint8Array | Uint16Array | BigInt64Array

/** Runs a text once, on values at these words. */
export function runChecked(
  text: string,
  words: Int32Array,
  values: readonly { readonly word: number; readonly bytes: number }[],
  environment: object,
  context: object,
): number {
  const allowed = new Uint8Array(words.length * 4)
  for (const { word, bytes } of values) allowed.fill(1, word * 4, word * 4 + bytes)
  const { buffer } = words
  const shared = {
    words: watched(words, (from, to) => inValues(allowed, from, to)),
    bytes: watched(new Uint8Array(buffer), (from, to) => inValues(allowed, from, to)),
    shorts: watched(new Uint16Array(buffer), (from, to) => inValues(allowed, from, to)),
    longs: watched(new BigInt64Array(buffer), (from, to) => inValues(allowed, from, to)),
  }
  const written = new Uint8Array(8 * 512)
  const onStack = (from: number, to: number, writes: boolean): void => {
    if (from < 0 || to > 512) throw new WildAccess(`stack bytes ${from} to ${to}`)
    for (let at = from; at < to; at++) {
      if (writes) written[at] = 1
      else if (written[at] === 0) throw new WildAccess(`stack byte ${at} is read before it is written`)
    }
  }
  let stack: ArrayBuffer | undefined
  const viewOf = (Kind: new (buffer: ArrayBuffer) => Elements) =>
    class {
      constructor(of: number | ArrayBuffer) {
        const buffer = typeof of === 'number' ? new ArrayBuffer(of * 4) : of
        // Less is no stack: a number on its way from one array to another.
        if (buffer.byteLength >= 512) stack = buffer
        // biome-ignore lint/correctness/noConstructorReturn: the text asks for an array, and gets one that is watched.
        return (buffer === stack ? watched(new Kind(buffer), onStack) : new Kind(buffer)) as never
      }
    }
  const factory = new Function('Atomics', 'Int32Array', 'Uint8Array', 'Uint16Array', `return ${text}`)
  const make = factory(ATOMICS, viewOf(Int32Array), viewOf(Uint8Array), viewOf(Uint16Array)) as (env: object) => Run
  return make({ cpu: undefined, ...shared, ...environment })(context) as number
}

function inValues(allowed: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++)
    if (allowed[at] !== 1) throw new WildAccess(`byte ${at} of bytes ${from} to ${to} is in no value`)
}

function watched<T extends Elements>(view: T, look: (from: number, to: number, writes: boolean) => void): T {
  const size = view.BYTES_PER_ELEMENT
  const at = (index: string, writes: boolean): number => {
    const element = Number(index)
    if (!Number.isInteger(element)) throw new WildAccess(`element ${index}`)
    look(element * size, element * size + size, writes)
    return element
  }
  return new Proxy(view, {
    get: (_, name) => {
      if (name === 'buffer') return view.buffer
      return view[at(String(name), false)]
    },
    set: (_, name, value) => {
      view[at(String(name), true)] = value
      return true
    },
  })
}

/** On one thread, as plain operations on what is watched. */
const ATOMICS = {
  add: <T extends Elements>(view: T, i: number, by: never) => change(view, i, (old) => (old as never) + by),
  or: <T extends Elements>(view: T, i: number, by: never) => change(view, i, (old) => (old as never) | by),
  exchange: <T extends Elements>(view: T, i: number, by: never) => change(view, i, () => by),
}

function change<T extends Elements>(view: T, i: number, to: (old: T[number]) => number): T[number] {
  const old = view[i]
  view[i] = to(old) as never
  return old
}
