/**
 * What "here" means: the CPU that runs the code.
 *
 * A CPU is a thread together with its own corner of the shared memory. It is the first argument of whatever
 * needs to know where it runs: which lock owner it is, whose read section it opens, whose magazine it allocates from.
 */

import { KernelBug } from './kernel-bug.ts'

/**
 * A deferred function: run after a grace period or by the kworker. Functions can't be shared between threads, so a
 * head in shared memory names one by its number in `Cpu.callbacks`. `func` is the word that stands behind the head's
 * link; its low CALLBACK_BITS bits are that number, the rest belongs to the callback.
 */
export type Callback = (cpu: Cpu, head: number, func: number) => void

/** How many low bits of a head's func word name the callback. */
export const CALLBACK_BITS = 5
export const CALLBACK_MASK = (1 << CALLBACK_BITS) - 1

/** The CPU that runs the code: a thread, with its corner of the shared memory. */
export interface Cpu {
  /** 0 .. cpus - 1. Lock words hold id + 1. */
  readonly id: number
  /** The whole shared memory as 32-bit words; a pointer is an index into it. */
  readonly words: Int32Array
  /** The same memory as bytes. */
  readonly bytes: Uint8Array
  /** Word index of this CPU's own corner, laid out by PERCPU. */
  readonly base: number
  /** Word index of what all CPUs share for RCU and deferred work, laid out by RCU in grace-period.ts. */
  readonly rcu: number
  /** Deferred functions by number; the same list on every CPU. */
  readonly callbacks: Readonly<Record<number, Callback>>
  /** False on the main thread, which must see workers die and therefore never blocks. */
  readonly mayPark: boolean
}

/** A CPU's own corner. The first line is read by others, the second is private, the third is read by the watchdog. */
export const PERCPU = {
  /** Grace-period number this CPU last reported, 0 while offline. Written by the owner, scanned by everybody. */
  quiescent: 0,

  /** Depth of nested read sections; negative while offline, so that entering one there is noticed. */
  nesting: 16,
  /** Spin locks held, bpf_spin_lock included. */
  locksHeld: 17,
  /** The bpf_spin_lock held, or 0: a program may hold one at a time. */
  bpfLock: 18,
  /** Non-zero while callbacks run: they may not sleep. */
  inCallback: 19,
  /** Callbacks queued and not yet given a grace period: first and last head. */
  nextHead: 20,
  nextTail: 21,
  /** Callbacks that wait for the grace period `waitFor`. */
  waitHead: 22,
  waitTail: 23,
  waitFor: 24,
  /** Callbacks in both lists, and the count at which the next quiescent state looks after them. */
  callbacks: 25,
  callbackLimit: 26,
  /**
   * The grace-period number this CPU has looked after, 0 when it has to look at its next quiescent state in any case.
   */
  attended: 27,
  /** Deferred work that goes on after a grace period, newest first; see deferred-work.ts. */
  laterWork: 28,

  /** What this CPU waits for: a WAITING_* and the word it waits on. Written around the slow path only. */
  waitingKind: 32,
  waitingAt: 33,
  /** Goes up with each wait, so that the watchdog can tell one long wait from many short ones. */
  waits: 34,

  /** Where the allocator keeps this CPU's magazines and counts; laid out in src/shared/slab.ts. */
  allocator: 48,
  SIZE: 256,
} as const

export const WAITING_NOTHING = 0
export const WAITING_LOCK = 1
export const WAITING_GRACE_PERIOD = 2
export const WAITING_MUTEX = 3

/** Tells the watchdog what this CPU is about to wait for. */
export function beginWait(cpu: Cpu, kind: number, at: number): void {
  Atomics.store(cpu.words, cpu.base + PERCPU.waitingAt, at)
  Atomics.store(cpu.words, cpu.base + PERCPU.waitingKind, kind)
  Atomics.add(cpu.words, cpu.base + PERCPU.waits, 1)
}

/** The wait is over. */
export function endWait(cpu: Cpu): void {
  Atomics.store(cpu.words, cpu.base + PERCPU.waitingKind, WAITING_NOTHING)
}

/**
 * Marks a place that may sleep. Throws KernelBug where sleeping would stop others for ever: inside a read section (a
 * grace period would wait for the sleeper), under a spin lock, in a callback, on the main thread. Model: might_sleep().
 */
export function mightSleep(cpu: Cpu, what: string): void {
  const { words, base, id } = cpu
  if (words[base + PERCPU.nesting] > 0) {
    throw new KernelBug(
      'sleep-in-read-section',
      `${what} inside an RCU read section on CPU ${id}: it would wait for itself`,
    )
  }
  if (words[base + PERCPU.locksHeld] !== 0) {
    const held = words[base + PERCPU.locksHeld]
    throw new KernelBug(
      'sleep-under-lock',
      `${what} with ${held} spin lock${held === 1 ? '' : 's'} held on CPU ${id}: release before sleeping`,
    )
  }
  if (words[base + PERCPU.inCallback] !== 0) {
    throw new KernelBug('sleep-in-callback', `${what} inside an RCU callback on CPU ${id}: callbacks may not sleep`)
  }
  if (!cpu.mayPark) {
    throw new KernelBug('may-not-wait', `${what} on CPU ${id}, which may not wait: call it on a worker CPU`)
  }
}
