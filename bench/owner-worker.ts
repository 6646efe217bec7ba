/**
 * The thread that owns the table, for who shares nothing: others send it a message for each packet, and it adds one.
 */

import { parentPort } from 'node:worker_threads'

const counters = new Map<number, { count: number }>()
let handled = 0

// A socket's pointer is a packet. 0 asks how many were handled.
parentPort!.on('message', (sk: number) => {
  if (sk === 0) {
    parentPort!.postMessage(handled)
    return
  }
  const counter = counters.get(sk)
  if (counter === undefined) counters.set(sk, { count: 1 })
  else counter.count++
  handled++
})
