/**
 * In place of a worker and its ports: the messages are kept, and `posted` says that the arguments have come. All
 * threads have the same memory for it, though each has a module of its own.
 */
export const posts = []
globalThis.postedToWorker ??= new Int32Array(new SharedArrayBuffer(4))
export const posted = globalThis.postedToWorker

globalThis.Worker = class {
  postMessage(message) {
    posts.push(message)
  }
}
globalThis.MessageChannel = class {
  port1 = {
    postMessage() {
      Atomics.store(posted, 0, 1)
      Atomics.notify(posted, 0)
    },
  }
  port2 = {}
}
