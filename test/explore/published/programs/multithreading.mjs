/** For a page: two tasks of a pool of two workers add to a number that a mutex holds. */
import { initRuntime, Mutex, move, spawn } from 'multithreading'

initRuntime({ maxWorkers: 2 })
const mutex = new Mutex(new Int32Array(new SharedArrayBuffer(4)))
const add = async (mutex) => {
  const guard = await mutex.lock()
  guard.value[0]++
  guard[Symbol.dispose]()
}
const tasks = [spawn(move(mutex), add), spawn(move(mutex), add)]
const ends = await Promise.all(tasks.map((task) => task.join()))
const guard = await mutex.lock()
console.log(ends.map(({ ok }) => ok).join(), guard.value[0])
