import { isMainThread } from 'node:worker_threads'
import { createSyncFn, runAsWorker } from 'synckit'

if (isMainThread) {
  const add = createSyncFn(import.meta.url)
  console.log(add(1, 2))
} else runAsWorker(async (a, b) => a + b)
