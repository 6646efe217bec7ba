/** In place of the main thread: the worker's listeners are kept. */
const workers = require('node:worker_threads')

exports.listeners = []
workers.parentPort = { on: (_, listener) => exports.listeners.push(listener), postMessage() {} }
workers.workerData = [{ workerId: 1 }, null]
require('node:module').syncBuiltinESMExports()
