/**
 * Work that must not be done where it arises: freeing a map sleeps for two grace periods, and the last reference to it may be
 * dropped inside a read section. It is queued here and done by the kworker. Model: schedule_work().
 */

import { CALLBACK_MASK, type Cpu, mightSleep } from './cpu.ts'
import { RCU_HEAD } from './rcu-callback.ts'
import { RCU } from './rcu-layout.ts'
import { runOrphans } from './synchronize-rcu.ts'
import { ringWorkBell } from './work-bell.ts'

/** Queues `head` (two words, as for callRcu) to be handed to callback `func` on the kworker. Never waits. */
export function queueWork(cpu: Cpu, head: number, func: number): void {
  const { words, rcu } = cpu
  words[head + RCU_HEAD.func] = func
  Atomics.add(words, rcu + RCU.workPending, 1)
  let seen = Atomics.load(words, rcu + RCU.work)
  for (;;) {
    words[head + RCU_HEAD.next] = seen
    // Publishes the head's two words: pairs with the exchange in runDeferredWork.
    const was = Atomics.compareExchange(words, rcu + RCU.work, seen, head)
    if (was === seen) break
    seen = was
  }
  ringWorkBell(cpu)
}

/** Does what is queued, oldest first, and runs orphaned callbacks. Returns how many of both there were. Sleeps: the work may wait for grace periods. */
export function runDeferredWork(cpu: Cpu): number {
  const { words, rcu } = cpu
  mightSleep(cpu, 'runDeferredWork')
  let count = 0
  let head = oldestFirst(words, Atomics.exchange(words, rcu + RCU.work, 0))
  while (head !== 0) {
    const next = words[head + RCU_HEAD.next]
    const func = words[head + RCU_HEAD.func]
    cpu.callbacks[func & CALLBACK_MASK](cpu, head, func)
    Atomics.sub(words, rcu + RCU.workPending, 1)
    head = next
    count++
  }
  return count + runOrphans(cpu)
}

/** Work queued and not yet finished, on whatever CPU. */
export function deferredWorkPending(cpu: Cpu): number {
  return Atomics.load(cpu.words, cpu.rcu + RCU.workPending)
}

function oldestFirst(words: Int32Array, newest: number): number {
  let reversed = 0
  for (let head = newest; head !== 0; ) {
    const next = words[head + RCU_HEAD.next]
    words[head + RCU_HEAD.next] = reversed
    reversed = head
    head = next
  }
  return reversed
}
