/**
 * What every test here begins with: words, CPUs and callbacks that note what ran, and nothing of the floors above.
 *
 * Several CPUs live on the test's one thread. Where two race, `interrupt` runs the second from inside the first, at the
 * `Atomics` call where a real one would have come between; where one would park, `whileParked` lets the others act.
 * Real threads are in threads.ts.
 */

import { expect, onTestFinished } from 'vitest'
import type { Callback, Cpu } from '../../src/sync/cpu.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { KernelBug, type KernelBugCode } from '../../src/sync/kernel-bug.ts'
import { RCU_HEAD } from '../../src/sync/rcu-callback.ts'
import { cpuBase, GRACE_PERIOD_STEP, initRcu, RCU } from '../../src/sync/rcu-layout.ts'

/** Where the shared RCU state lies; the words before it are nobody's. */
const RCU_AT = 16
/** Words for locks, heads and values. */
const HEAP_WORDS = 0x8000

export interface Setting {
  readonly words: Int32Array
  readonly rcu: number
  readonly cpus: readonly Cpu[]
  /** Heads handed to callback 0, in the order in which it ran. */
  readonly ran: number[]
  /** Takes `size` fresh words, zero, on a cache line. */
  take(size?: number): number
}

/**
 * `count` CPUs, all offline. Callback 0 notes its head in `ran`; the given ones follow it. No wait may park, unless
 * whileParked says what then.
 */
export function setting(count: number, callbacks: readonly Callback[] = []): Setting {
  const heap = cpuBase(RCU_AT, count)
  const words = new Int32Array(new SharedArrayBuffer(4 * (heap + HEAP_WORDS)))
  const ran: number[] = []
  const table: Callback[] = [(_, head) => ran.push(head), ...callbacks]
  initRcu(words, RCU_AT, count)
  const cpus = Array.from({ length: count }, (_, id) => cpuAt(words, id, table))
  let free = heap
  const take = (size = 1) => {
    const at = free
    free += (size + 15) & -16
    expect(free).toBeLessThanOrEqual(words.length)
    return at
  }
  replaceAtomics('wait', () => (view, at, value) => {
    if (view[at] === value) throw new Error(`would park on word ${at}`)
    return 'not-equal'
  })
  return { words, rcu: RCU_AT, cpus, ran, take }
}

function cpuAt(words: Int32Array, id: number, callbacks: readonly Callback[]): Cpu {
  const bytes = new Uint8Array(words.buffer)
  return { id, words, bytes, base: cpuBase(RCU_AT, id), rcu: RCU_AT, callbacks, mayPark: true }
}

/** The same CPU, forbidden to park. */
export function neverParking(cpu: Cpu): Cpu {
  return { ...cpu, mayPark: false }
}

/** A word of the CPU's own corner. */
export function own(cpu: Cpu, field: keyof typeof PERCPU): number {
  return cpu.words[cpu.base + PERCPU[field]]
}

/** The word itself. */
export function ownAt(cpu: Cpu, field: keyof typeof PERCPU): number {
  return cpu.base + PERCPU[field]
}

/** The grace-period numbers. */
export function numbers({ words, rcu }: { words: Int32Array; rcu: number }): { started: number; completed: number } {
  return { started: words[rcu + RCU.started], completed: words[rcu + RCU.completed] }
}

/** Lets grace periods begin at `number`, with none in progress. Before any CPU is online. */
export function setNumbers({ words, rcu }: Setting, number: number): void {
  words[rcu + RCU.started] = number
  words[rcu + RCU.completed] = number
}

/** How many grace periods complete while `body` runs. */
export function gracePeriodsIn(house: Setting, body: () => void): number {
  const before = numbers(house).completed
  body()
  return ((numbers(house).completed - before) | 0) / GRACE_PERIOD_STEP
}

/** A fresh callback head. */
export function newHead(house: Setting): number {
  return house.take(RCU_HEAD.SIZE)
}

/** The heads of a chain. */
export function chain(words: Int32Array, first: number): number[] {
  const heads: number[] = []
  for (let head = first; head !== 0; head = words[head + RCU_HEAD.next]) heads.push(head)
  return heads
}

/** Expects exactly this KernelBug. */
export function expectBug(code: KernelBugCode, message: string, body: () => void): void {
  let caught: unknown
  try {
    body()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(KernelBug)
  const { name, code: got, message: said } = caught as KernelBug
  expect({ name, code: got, message: said }).toEqual({ name: 'KernelBug', code, message })
}

/** Expects the KernelBug and that not one word of the memory changed. */
export function expectBugUntouched(house: Setting, code: KernelBugCode, message: string, body: () => void): void {
  expect(changesIn(house, () => expectBug(code, message, body))).toEqual([])
}

/** The words that `body` changes, as [word, before, after]. */
export function changesIn({ words }: Setting, body: () => void): [number, number, number][] {
  const before = words.slice()
  body()
  const found: [number, number, number][] = []
  for (let at = 0; at < before.length; at++) if (before[at] !== words[at]) found.push([at, before[at], words[at]])
  return found
}

type Step = 'add' | 'compareExchange' | 'exchange' | 'load' | 'notify' | 'store' | 'sub' | 'wait'
type Operation = (view: Int32Array, at: number, ...rest: number[]) => number | string

/**
 * Runs `act` just before the first `Atomics.<step>` that `when` picks: another CPU's step between two of ours. A test
 * that never gets there fails.
 */
export function interrupt(step: Step, when: (at: number, ...rest: number[]) => boolean, act: () => void): void {
  let met = false
  replaceAtomics(step, (original) => (view, at, ...rest) => {
    if (!met && when(at, ...rest)) {
      met = true
      act()
    }
    return original(view, at, ...rest)
  })
  onTestFinished(() => expect(met, 'the moment to interrupt came').toBe(true))
}

/** Notes each atomic step from here on, as "store 17" with the word's index. */
export function recordAtomics(): string[] {
  const steps: string[] = []
  for (const step of ['add', 'compareExchange', 'exchange', 'load', 'notify', 'store', 'sub', 'wait'] as const) {
    replaceAtomics(step, (original) => (view, at, ...rest) => {
      steps.push(`${step} ${at}`)
      return original(view, at, ...rest)
    })
  }
  return steps
}

/**
 * Says what the other CPUs do while one is parked on word `at`: `act` runs, again and again, until somebody notifies
 * that word. A changed value alone wakes nobody, as in reality; a waiter whom a hundred turns of the others don't wake
 * sleeps for ever.
 */
export function whileParked(act: (at: number) => void): void {
  const woken = new Set<number>()
  replaceAtomics('notify', (original) => (view, at, ...rest) => {
    woken.add(at)
    return original(view, at, ...rest)
  })
  replaceAtomics('wait', () => (view, at, value) => {
    if (view[at] !== value) return 'not-equal'
    woken.delete(at)
    for (let turn = 0; !woken.has(at); turn++) {
      if (turn === 100) throw new Error(`parked on word ${at} for ever: it holds ${view[at]}, and nobody notifies it`)
      act(at)
    }
    return 'ok'
  })
}

function replaceAtomics(step: Step, replacement: (original: Operation) => Operation): void {
  const atomics = Atomics as unknown as Record<string, Operation>
  const original = atomics[step]
  atomics[step] = replacement(original)
  onTestFinished(() => {
    atomics[step] = original
  })
}
