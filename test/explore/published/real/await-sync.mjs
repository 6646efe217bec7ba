/**
 * On real threads: a call whose result has so many bytes, the argument. Says so if it ends within ten seconds. What it
 * needs of a browser stands for Node's own worker.
 */
import { Worker } from 'node:worker_threads'

const size = Number(process.argv[2] ?? 8185)
const calls = Number(process.argv[3] ?? 1)
const end = `
const { parentPort } = process.getBuiltinModule('node:worker_threads')
globalThis.addEventListener = (type, fn) => parentPort.on(type, (data) => fn({ data }))
await import(${JSON.stringify(new URL('./worker.js', import.meta.resolve('await-sync')).href)})
`
const code = `
import { Worker } from 'node:worker_threads'
globalThis.Worker = class extends Worker {
  constructor() { super(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(end)}))) }
}
const { createWorker } = await import(${JSON.stringify(import.meta.resolve('await-sync'))})
const run = createWorker()((size) => new Uint8Array(size).fill(7))
let right = 0
for (let n = 0; n < ${calls}; n++) if (run(${size}).every((byte) => byte === 7)) right++
console.log(right + ' of ${calls} calls were answered rightly')
process.exit()
`
const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
const given = setTimeout(() => {
  console.log('it has not ended after 10 seconds')
  process.exit()
}, 10_000)
worker.once('exit', () => clearTimeout(given))
