/** What a worker thread that loads the author's code is to that code. */

import { syncBuiltinESMExports } from 'node:module'
import workerThreads from 'node:worker_threads'

/**
 * To the author's code this thread is the main one from now on, as it is where the same file runs by itself. What it
 * posted to a parent would be taken for the explorer's, and a listener at that port would keep the thread.
 */
export function actAsMain(): void {
  Object.assign(workerThreads, { isMainThread: true, threadId: 0, parentPort: null, workerData: null })
  syncBuiltinESMExports()
}
