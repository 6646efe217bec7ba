import SharedMap from 'sharedmap'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

if (isMainThread) {
  const map = new SharedMap(4, 8, 8)
  map.set('a', 'x')
  const worker = new Worker(new URL(import.meta.url), { workerData: map })
  map.set('b', 'y')
  worker.on('exit', () => console.log(map.get('a'), map.get('b')))
} else {
  Object.setPrototypeOf(workerData, SharedMap.prototype)
  console.log(workerData.get('a'))
}
