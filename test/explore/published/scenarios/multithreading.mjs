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
const addLater = async ({ mutex }) => holding(await mutex.lock(), (words) => words[0]++)
const both = (...threads) => ({ ...mutexOfTwo, threads })
export const asyncMutex = both(add, addLater)
export const asyncMutexOfTwo = both(addLater, addLater)
export const asyncRwLock = {
  setup: rwLock.setup,
  threads: [
    async ({ lock }) => holding(await lock.write(), (words) => words[0]++),
    async ({ lock }) => holding(await lock.read(), (words) => words[0]),
  ],
}
export const asyncCondvar = {
  setup: condvar.setup,
  threads: [
    async ({ mutex, changed }) => {
      const guard = await mutex.lock()
      while (guard.value[0] === 0) await changed.wait(guard)
      drop(guard)
    },
    condvar.threads[1],
  ],
}
const arriveLater = async ({ barrier }) => (await barrier.wait()).isLeader
export const asyncBarrier = { ...barrier, threads: [arriveLater, arriveLater] }
export const asyncSemaphore = {
  ...semaphore,
  threads: [
    enter,
    async ({ semaphore, inside }) => {
      const guard = await semaphore.acquire()
      const others = Atomics.add(inside, 0, 1)
      Atomics.sub(inside, 0, 1)
      drop(guard)
      return others
    },
  ],
}
export const asyncChannelOfOne = {
  ...channelOfOne,
  threads: [async ({ sender }) => (await sender.send(7)).ok, async ({ receiver }) => (await receiver.recv()).value],
}
