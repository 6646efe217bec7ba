/** In place of a worker and its ports: the messages are kept, and `posted` says that the arguments have come. */
export const posts = []
export const posted = new Int32Array(new SharedArrayBuffer(4))

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
