/** On a real thread: a key that is in a map which is full is set again. Says so if that ends within ten seconds. */
import { Worker } from 'node:worker_threads'

const code = `import SharedMap from ${JSON.stringify(import.meta.resolve('sharedmap'))}
const map = new SharedMap(4, 4, 4)
for (const key of 'abcd') map.set(key, 'v')
map.set('a', 'w')`
const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
let told = false
const given = setTimeout(() => {
  told = true
  console.log('it has not ended after 10 seconds')
  worker.terminate()
}, 10_000)
worker.once('exit', () => {
  if (!told) console.log('the worker has ended')
  clearTimeout(given)
})
