/** In place of a worker: what it would have been given is kept. */
const workers = require('node:worker_threads')
const { EventEmitter } = require('node:events')

workers.Worker = class extends EventEmitter {
  constructor(_, { workerData }) {
    super()
    this.given = workerData
  }
  postMessage() {}
}
require('node:module').syncBuiltinESMExports()
