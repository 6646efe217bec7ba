// A queue that N threads share, behind a lock: what is measured.
const [LOCK, HEAD, TAIL, FIRST] = [0, 1, 2, 3]
const SIZE = 1024

export const createQueue = () => new Int32Array(new SharedArrayBuffer((FIRST + SIZE) * 4))

export function push(queue, value) {
  while (Atomics.compareExchange(queue, LOCK, 0, 1) !== 0);
  queue[FIRST + (queue[TAIL]++ % SIZE)] = value
  Atomics.store(queue, LOCK, 0)
}

export function shift(queue) {
  while (Atomics.compareExchange(queue, LOCK, 0, 1) !== 0);
  const value = queue[HEAD] === queue[TAIL] ? 0 : queue[FIRST + (queue[HEAD]++ % SIZE)]
  Atomics.store(queue, LOCK, 0)
  return value
}

export const pushed = (queue) => queue[TAIL]
