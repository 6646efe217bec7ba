import sleep from 'atomic-sleep'

const add = ({ lock, count }) => {
  while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) sleep(10)
  count[0]++
  Atomics.store(lock, 0, 0)
}
const words = () => new Int32Array(new SharedArrayBuffer(4))
const setup = () => ({ lock: words(), count: words() })

export const backOff = { setup, threads: [add, add], after: ({ count }) => count[0] === 2 }
export const threeBackOff = { setup, threads: [add, add, add], after: ({ count }) => count[0] === 3 }
