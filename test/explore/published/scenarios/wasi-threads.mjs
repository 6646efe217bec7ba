import { ThreadMessageHandler } from '@emnapi/wasi-threads'

const fails = () => {
  throw new Error('boom')
}

/** A worker that can't load tells the thread that spawns it; that one's part is in our words. */
export const failedLoad = {
  setup: () => ({ sab: new Int32Array(new SharedArrayBuffer(16 + 4096)) }),
  threads: [
    ({ sab }) => {
      const handler = new ThreadMessageHandler({ postMessage() {}, onLoad: fails, onError() {} })
      handler.handle({ data: { __emnapi__: { type: 'load', payload: { sab } } } })
    },
    ({ sab }) => {
      Atomics.wait(sab, 0, 0)
      return Atomics.load(sab, 0) === 1 ? 'loaded' : [Atomics.load(sab, 1), Atomics.load(sab, 2)]
    },
  ],
  after: (_, [, lengths]) => {
    if (String(lengths) !== '5,4') throw new Error(`the error that is thrown has lengths ${lengths}`)
  },
}
