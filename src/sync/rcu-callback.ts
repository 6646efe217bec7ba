/**
 * callRcu: run a function after a grace period, without waiting for it.
 *
 * Each CPU keeps its own two lists, touched by nobody else: `next`, queued since it last looked, and `wait`, to run
 * once a certain grace period has completed. It looks after them in its quiescent states. A CPU that goes offline hands
 * its callbacks over as orphans, which the kworker runs.
 *
 * A head is two words inside the object: the link, and `func`, whose low bits name the callback (cpu.ts).
 */

import { CALLBACK_MASK, type Cpu, PERCPU } from './cpu.ts'
import { nextGracePeriod, pushGracePeriod, reached } from './grace-period.ts'
import { KernelBug } from './kernel-bug.ts'
import { RCU } from './rcu-layout.ts'
import { ringWorkBell } from './work-bell.ts'

/** `struct rcu_head`: what an object needs to be handed to callRcu. */
export const RCU_HEAD = { next: 0, func: 1, SIZE: 2 } as const

/** A CPU looks after its callbacks at the latest when this many new ones have come together. */
const BATCH = 64

/**
 * Runs callback `func` on `head` after a grace period. Writes only the head and this CPU's own line.
 * @explore callback cpu.callbacks[func & CALLBACK_MASK](cpu, head, func)
 */
export function callRcu(cpu: Cpu, head: number, func: number): void {
  cpu.words[head + RCU_HEAD.func] = func
  kfreeRcu(cpu, head)
}

/**
 * callRcu for an object whose allocator has left in the head's `func` word how to free it. Model: kfree_rcu().
 * @explore callback cpu.callbacks[cpu.words[head + RCU_HEAD.func] & CALLBACK_MASK](cpu, head, cpu.words[head + RCU_HEAD.func])
 */
export function kfreeRcu(cpu: Cpu, head: number): void {
  const { words, base } = cpu
  if (words[base + PERCPU.nesting] < 0) {
    throw new KernelBug(
      'cpu-offline',
      `callRcu on CPU ${cpu.id}, which is offline: nobody would run the callback; call rcuOnline first`,
    )
  }
  words[head + RCU_HEAD.next] = 0
  const tail = words[base + PERCPU.nextTail]
  if (tail === 0) words[base + PERCPU.nextHead] = head
  else words[tail + RCU_HEAD.next] = head
  words[base + PERCPU.nextTail] = head
  words[base + PERCPU.callbacks]++
}

/**
 * Runs the callbacks whose grace period has completed, gives one to those that have none, and pushes it on. Called in a
 * quiescent state of the CPU.
 */
export function advanceCallbacks(cpu: Cpu): void {
  const { words, base, rcu } = cpu
  if (words[base + PERCPU.inCallback] !== 0) return
  // Twice, so that callbacks need no second visit where nobody is left to wait for.
  for (let pass = 0; pass < 2; pass++) {
    if (
      words[base + PERCPU.waitHead] !== 0 &&
      reached(Atomics.load(words, rcu + RCU.completed), words[base + PERCPU.waitFor])
    ) {
      const ripe = words[base + PERCPU.waitHead]
      words[base + PERCPU.waitHead] = 0
      // Counted first: callbacks may queue callbacks, and `-=` would read the old number before they do.
      const count = invokeCallbacks(cpu, ripe)
      words[base + PERCPU.callbacks] -= count
    }
    if (words[base + PERCPU.waitHead] === 0 && words[base + PERCPU.nextHead] !== 0) {
      words[base + PERCPU.waitHead] = words[base + PERCPU.nextHead]
      words[base + PERCPU.waitTail] = words[base + PERCPU.nextTail]
      words[base + PERCPU.nextHead] = 0
      words[base + PERCPU.nextTail] = 0
      // Queued before this load, so unlinked before it: the grace period after the one we see covers them all.
      words[base + PERCPU.waitFor] = nextGracePeriod(cpu)
    }
    if (words[base + PERCPU.waitHead] === 0 || pushGracePeriod(cpu) !== 0) break
  }
  words[base + PERCPU.callbackLimit] = words[base + PERCPU.callbacks] + BATCH
}

/** Runs a chain of callbacks and returns how many there were. */
export function invokeCallbacks(cpu: Cpu, first: number): number {
  const { words, base } = cpu
  let count = 0
  words[base + PERCPU.inCallback] = 1
  for (let head = first; head !== 0; count++) {
    // The callback frees the head: take what we need first.
    const next = words[head + RCU_HEAD.next]
    const func = words[head + RCU_HEAD.func]
    cpu.callbacks[func & CALLBACK_MASK](cpu, head, func)
    head = next
  }
  words[base + PERCPU.inCallback] = 0
  return count
}

/** Whether callbacks wait on this CPU or as orphans. Other CPUs' own lists are theirs alone. */
export function callbacksPending(cpu: Cpu): boolean {
  return cpu.words[cpu.base + PERCPU.callbacks] !== 0 || Atomics.load(cpu.words, cpu.rcu + RCU.orphans) !== 0
}

/** Leaves this CPU's callbacks to the kworker, before it goes offline. */
export function handOverCallbacks(cpu: Cpu): void {
  const { words, base } = cpu
  if (words[base + PERCPU.waitHead] === 0 && words[base + PERCPU.nextHead] === 0) return
  if (words[base + PERCPU.waitHead] !== 0) adopt(cpu, words[base + PERCPU.waitHead], words[base + PERCPU.waitTail])
  if (words[base + PERCPU.nextHead] !== 0) adopt(cpu, words[base + PERCPU.nextHead], words[base + PERCPU.nextTail])
  words[base + PERCPU.waitHead] = 0
  words[base + PERCPU.nextHead] = 0
  words[base + PERCPU.nextTail] = 0
  words[base + PERCPU.callbacks] = 0
  words[base + PERCPU.callbackLimit] = 0
  ringWorkBell(cpu)
}

/** Puts a chain in front of the orphans. */
function adopt(cpu: Cpu, first: number, last: number): void {
  const { words, rcu } = cpu
  let seen = Atomics.load(words, rcu + RCU.orphans)
  for (;;) {
    words[last + RCU_HEAD.next] = seen
    const was = Atomics.compareExchange(words, rcu + RCU.orphans, seen, first)
    if (was === seen) return
    seen = was
  }
}
