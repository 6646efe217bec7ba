import { createWorker } from 'await-sync'

const call = createWorker()((n) => new Uint8Array([n, n + 1]))
console.log(...call(3))
