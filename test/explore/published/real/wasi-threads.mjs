/**
 * On real threads: how many of so many failing loads are told to the spawning thread without a name or text. The
 * argument is how many. One worker fails to load again and again; the main thread waits as `threadSpawn` does.
 */
import { Worker } from 'node:worker_threads'

const loads = Number(process.argv[2] ?? 20_000)
const sab = new Int32Array(new SharedArrayBuffer(16 + 4096))
const turn = new Int32Array(new SharedArrayBuffer(4))
const code = `import { workerData } from 'node:worker_threads'
import { ThreadMessageHandler } from ${JSON.stringify(import.meta.resolve('@emnapi/wasi-threads'))}
const { sab, turn, loads } = workerData
const onLoad = () => { throw new Error('boom') }
const handler = new ThreadMessageHandler({ postMessage() {}, onLoad, onError() {} })
for (let n = 0; n < loads; n++) {
  while (Atomics.load(turn, 0) === n) Atomics.wait(turn, 0, n)
  handler.handle({ data: { __emnapi__: { type: 'load', payload: { sab } } } })
}`
const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
  workerData: { sab, turn, loads },
})
await new Promise((ready) => worker.once('online', ready))
let empty = 0
for (let n = 1; n <= loads; n++) {
  sab.fill(0)
  Atomics.store(turn, 0, n)
  Atomics.notify(turn, 0)
  Atomics.wait(sab, 0, 0)
  if (Atomics.load(sab, 1) !== 5 || Atomics.load(sab, 2) !== 4) empty++
  // The rest of the error, so that it is not taken for that of the next load.
  while (Atomics.load(sab, 3) === 0);
}
console.log(`${empty} of ${loads} errors came without their name and text`)
await worker.terminate()
