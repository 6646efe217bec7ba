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
import { nextGracePeriod, pushGracePeriod, reached, reportState } from './grace-period.ts'
import { KernelBug } from './kernel-bug.ts'
import { RCU } from './rcu-layout.ts'
import { ringWorkBell } from './work-bell.ts'

/** `struct rcu_head`: what an object needs to be handed to callRcu. */
export const RCU_HEAD = { next: 0, func: 1, SIZE: 2 } as const

/**
 * A CPU looks after its callbacks at the latest when this many new ones have come together. Fewer wait for the next
 * grace period that somebody else begins. Somebody does: the kworker begins one every fiftieth of a second while CPUs
 * are at work, as the kernel's tick would, and a CPU that goes offline leaves it what it has.
 */
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
  const callbacks = words[base + PERCPU.callbacks] + 1
  words[base + PERCPU.callbacks] = callbacks
  if (callbacks >= words[base + PERCPU.callbackLimit]) words[base + PERCPU.attended] = 0
}

/**
 * One to begin a grace period, one to report it and complete it, one to run what waited for it: so that callbacks need
 * no second visit where nobody else is online.
 */
const PASSES = 3

/**
 * A quiescent state of an online CPU: runs the callbacks whose grace period has completed, gives one to those that have
 * none, reports the grace period in progress, and pushes it on.
 */
export function advanceCallbacks(cpu: Cpu): void {
  const { words, base, rcu } = cpu
  if (words[base + PERCPU.inCallback] !== 0) return
  for (let pass = 0; pass < PASSES; pass++) {
    const started = Atomics.load(words, rcu + RCU.started)
    runRipe(cpu)
    stampNext(cpu)
    // Only now: rcuBarrier counts on a CPU having run what is ripe before it reports.
    if (words[base + PERCPU.quiescent] !== started) reportState(cpu, started)
    if (words[base + PERCPU.waitHead] === 0) break
    const laggard = pushGracePeriod(cpu)
    if (laggard !== 0 && laggard !== base + PERCPU.quiescent) break
  }
  words[base + PERCPU.callbackLimit] = words[base + PERCPU.callbacks] + BATCH
  words[base + PERCPU.attended] = words[base + PERCPU.quiescent]
}

/** Runs the `wait` list if its grace period has completed. */
function runRipe(cpu: Cpu): void {
  const { words, base, rcu } = cpu
  const ripe = words[base + PERCPU.waitHead]
  if (ripe === 0 || !reached(Atomics.load(words, rcu + RCU.completed), words[base + PERCPU.waitFor])) return
  words[base + PERCPU.waitHead] = 0
  // Counted first: callbacks may queue callbacks, and `-=` would read the old number before they do.
  const count = invokeCallbacks(cpu, ripe)
  words[base + PERCPU.callbacks] -= count
}

/** Moves `next` to `wait` if that is free, to wait for the first grace period that begins from now on. */
function stampNext(cpu: Cpu): void {
  const { words, base } = cpu
  if (words[base + PERCPU.waitHead] !== 0 || words[base + PERCPU.nextHead] === 0) return
  words[base + PERCPU.waitHead] = words[base + PERCPU.nextHead]
  words[base + PERCPU.waitTail] = words[base + PERCPU.nextTail]
  words[base + PERCPU.nextHead] = 0
  words[base + PERCPU.nextTail] = 0
  // Queued before this load, so unlinked before it.
  words[base + PERCPU.waitFor] = nextGracePeriod(cpu)
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
