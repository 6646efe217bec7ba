import './browser.mjs'
import { Barrier, Condvar, channel, drop, Mutex, RwLock, Semaphore } from 'multithreading'

const cell = () => new Int32Array(new SharedArrayBuffer(4))
const holding = (guard, work) => {
  const answer = work(guard.value)
  drop(guard)
  return answer
}
const add = ({ mutex }) => holding(mutex.blockingLock(), (words) => words[0]++)
const mutexes = (n) => ({
  setup: () => {
    const words = cell()
    return { words, mutex: new Mutex(words) }
  },
  threads: Array(n).fill(add),
  after: ({ words }) => words[0] === n,
})

export const mutexOfTwo = mutexes(2)
export const mutexOfThree = mutexes(3)
export const rwLock = {
  setup: () => ({ lock: new RwLock(cell()) }),
  threads: [
    ({ lock }) => holding(lock.blockingWrite(), (words) => words[0]++),
    ({ lock }) => holding(lock.blockingRead(), (words) => words[0]),
  ],
}
export const rwLockOfTwoWriters = {
  setup: rwLock.setup,
  threads: [rwLock.threads[0], rwLock.threads[0]],
  after: (_, seen) => seen[0] !== seen[1],
}
export const condvar = {
  setup: () => ({ mutex: new Mutex(cell()), changed: new Condvar() }),
  threads: [
    ({ mutex, changed }) => {
      const guard = mutex.blockingLock()
      while (guard.value[0] === 0) changed.blockingWait(guard)
      drop(guard)
    },
    ({ mutex, changed }) => {
      holding(mutex.blockingLock(), (words) => {
        words[0] = 1
      })
      changed.notifyOne()
    },
  ],
}
const arrive = ({ barrier }) => barrier.blockingWait().isLeader
export const barrier = {
  setup: () => ({ barrier: new Barrier(2) }),
  threads: [arrive, arrive],
  after: (_, leads) => leads[0] !== leads[1],
}
const enter = ({ semaphore, inside }) => {
  const guard = semaphore.blockingAcquire()
  const others = Atomics.add(inside, 0, 1)
  Atomics.sub(inside, 0, 1)
  drop(guard)
  return others
}
export const semaphore = {
  setup: () => ({ semaphore: new Semaphore(1), inside: cell() }),
  threads: [enter, enter],
  after: (_, seen) => seen[0] === 0 && seen[1] === 0,
}
export const channelOfOne = {
  setup: () => {
    const [sender, receiver] = channel(1)
    return { sender, receiver }
  },
  threads: [({ sender }) => sender.blockingSend(7).ok, ({ receiver }) => receiver.blockingRecv().value],
  after: (_, seen) => seen[0] && seen[1] === 7,
}
export const asyncMutex = {
  setup: mutexOfTwo.setup,
  threads: [
    add,
    ({ mutex }) => {
      mutex.lock()
    },
  ],
}
