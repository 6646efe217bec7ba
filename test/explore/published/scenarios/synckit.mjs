import { createSyncFn } from 'synckit'

/** It starts a worker, and waits for its message. */
export const call = {
  setup: () => ({ words: new Int32Array(new SharedArrayBuffer(4)) }),
  threads: [() => createSyncFn(import.meta.filename)(1), ({ words }) => Atomics.load(words, 0)],
}
