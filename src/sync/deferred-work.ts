/**
 * Work that must not be done where it arises: freeing a map sleeps for two grace periods, and the last reference to it
 * may be dropped inside a read section. It is queued here and done by the kworker. Model: schedule_work().
 *
 * Work that waits for a grace period says so and returns instead of waiting: what was queued together then waits once,
 * together.
 */

import { CALLBACK_MASK, type Cpu, mightSleep, PERCPU } from './cpu.ts'
import { RCU_HEAD } from './rcu-callback.ts'
import { RCU } from './rcu-layout.ts'
import { runOrphans, synchronizeRcu } from './synchronize-rcu.ts'
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

/**
 * For deferred work, as the last thing it does: goes on with callback `func` on the same head after a grace period,
 * together with whatever else asks for one in this run. Model: queue_rcu_work().
 */
export function queueRcuWork(cpu: Cpu, head: number, func: number): void {
  const { words, base, rcu } = cpu
  words[head + RCU_HEAD.func] = func
  words[head + RCU_HEAD.next] = words[base + PERCPU.laterWork]
  words[base + PERCPU.laterWork] = head
  Atomics.add(words, rcu + RCU.workPending, 1)
}

/**
 * Does what is queued, oldest first, to its end, and runs orphaned callbacks. Returns how many of both there were.
 * Sleeps: for one grace period after each round of work that asked for one, however much that was.
 */
export function runDeferredWork(cpu: Cpu): number {
  const { words, base, rcu } = cpu
  mightSleep(cpu, 'runDeferredWork')
  const count = runWork(cpu, oldestFirst(words, Atomics.exchange(words, rcu + RCU.work, 0)))
  while (words[base + PERCPU.laterWork] !== 0) {
    const later = oldestFirst(words, words[base + PERCPU.laterWork])
    words[base + PERCPU.laterWork] = 0
    synchronizeRcu(cpu)
    runWork(cpu, later)
  }
  // An idle kworker takes no mutex: whoever checks that nothing is held may look at any moment.
  return Atomics.load(words, rcu + RCU.orphans) === 0 ? count : count + runOrphans(cpu)
}

/** Does the work of a chain and returns how much it was. */
function runWork(cpu: Cpu, first: number): number {
  const { words, rcu } = cpu
  let count = 0
  for (let head = first; head !== 0; count++) {
    // The work may free the head or queue it anew: take what we need first.
    const next = words[head + RCU_HEAD.next]
    const func = words[head + RCU_HEAD.func]
    cpu.callbacks[func & CALLBACK_MASK](cpu, head, func)
    Atomics.sub(words, rcu + RCU.workPending, 1)
    head = next
  }
  return count
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
