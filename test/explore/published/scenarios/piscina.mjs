import { listeners } from './pool-world.cjs'
import '../node_modules/piscina/dist/worker.js'

const port = { start() {}, on() {}, postMessage() {} }

/** The worker waits for a request, and somebody makes one. */
export const waitLoop = {
  setup: () => ({ sharedBuffer: new Int32Array(new SharedArrayBuffer(8)) }),
  threads: [
    ({ sharedBuffer }) => {
      listeners[0]({ port, sharedBuffer, useAtomics: true, filename: null, niceIncrement: 0 })
    },
    ({ sharedBuffer }) => {
      Atomics.add(sharedBuffer, 0, 1)
      Atomics.notify(sharedBuffer, 0, 1)
    },
  ],
  daemons: [0],
}
