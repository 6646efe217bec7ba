/**
 * A thread that is one CPU and does one job. Plain JavaScript on the built files.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { cpuBase } from '../../../dist/src/sync/rcu-layout.js'

const { buffer, rcu, id, gate, gang, file, job, args = {}, mayPark = true } = workerData
const words = new Int32Array(buffer)
const jobs = await import(`./${file}.js`)
const bytes = new Uint8Array(buffer)
const cpu = { id, words, bytes, base: cpuBase(rcu, id), rcu, callbacks: jobs.callbacks ?? [], mayPark }

// The start barrier: whoever comes first sleeps until the last is there.
if (Atomics.add(words, gate, 1) + 1 === gang) Atomics.notify(words, gate)
for (let here = Atomics.load(words, gate); here < gang; here = Atomics.load(words, gate))
  Atomics.wait(words, gate, here)

parentPort.postMessage(await jobs[job](cpu, args))
