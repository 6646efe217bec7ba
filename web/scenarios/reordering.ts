/**
 * What a machine may do with accesses that nothing orders. The reader is not only the scheduler here, but also says
 * what a load reads: the last store, or one before it that this CPU may still see.
 */

import { rcuAssignPointer, rcuDereference } from '../../src/sync/rcu.ts'

interface Shared {
  readonly words: Int32Array
  readonly names: readonly string[]
}

const shared =
  (...names: readonly string[]) =>
  (): Shared => ({ words: new Int32Array(new SharedArrayBuffer(4 * names.length)), names })

const X = 0
const Y = 1

/** Says that it is here, and looks whether the other one is. */
const sayAndLook =
  (mine: number, other: number) =>
  ({ words }: Shared): number => {
    Atomics.store(words, mine, 1)
    return Atomics.load(words, other)
  }

/** Whoever looks last sees the other. */
export const storeBuffering = {
  setup: shared('x', 'y'),
  threads: [sayAndLook(X, Y), sayAndLook(Y, X)],
  placeName: (index: number) => (index === X ? 'x' : 'y'),
  outcome: (_: Shared, [first, second]: readonly unknown[]) => `CPU 0 reads y=${first}, CPU 1 reads x=${second}`,
}

const POINTER = 0
const OBJECT = 1

function fillAndPublish({ words }: Shared): void {
  words[OBJECT] = 42
  rcuAssignPointer(words, POINTER, OBJECT)
}

function follow({ words }: Shared): number {
  const object = rcuDereference(words, POINTER)
  return object === 0 ? -1 : words[object]
}

/** The reader finds nothing, or 42. */
export const publication = {
  setup: shared('pointer', 'value'),
  threads: [fillAndPublish, follow],
  placeName: (index: number) => (index === POINTER ? 'pointer' : 'value'),
  outcome: (_: Shared, [, found]: readonly unknown[]) =>
    found === -1 ? 'the reader found nothing' : `the reader read ${found}`,
  after(_: Shared, [, found]: readonly unknown[]) {
    if (found !== -1 && found !== 42) throw new Error(`the reader followed the pointer and read ${found}`)
  },
}
