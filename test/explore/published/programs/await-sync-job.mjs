import { createWorker } from 'await-sync'

const run = createWorker()(async (size) => new Uint8Array(await size).fill(7))
self.onmessage = () => {
  const bytes = run(3)
  if (bytes.some((byte) => byte !== 7)) throw new Error(`got ${bytes}`)
  postMessage(`${bytes.length} bytes`)
}
postMessage('ready')
