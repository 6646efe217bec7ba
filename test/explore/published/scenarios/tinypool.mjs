import { MessageChannel } from 'node:worker_threads'
import { listeners } from './pool-world.cjs'
import '../node_modules/tinypool/dist/entry/worker.js'

/** The worker waits for a request, and is woken without one. */
export const waitLoop = {
  setup: () => ({ port: new MessageChannel().port2, sharedBuffer: new Int32Array(new SharedArrayBuffer(8)) }),
  threads: [
    ({ port, sharedBuffer }) => {
      listeners[0]({ port, sharedBuffer, useAtomics: true, filename: null, niceIncrement: 0 })
    },
    ({ sharedBuffer }) => {
      Atomics.add(sharedBuffer, 0, 1)
      Atomics.notify(sharedBuffer, 0, 1)
    },
  ],
  daemons: [0],
}
