/**
 * Coverage of interleavings: which conflicts of visible operations an exploration has seen, and in which orders.
 *
 * Two steps of different threads are in conflict if they depend on each other: their bytes overlap and one of them
 * writes, or they are about the same lock, wait queue or read section. To say that a pair was seen in both orders, a
 * step must be known again in another execution: it is the nth time that its thread comes to its site.
 *
 * All orders of a conflict follow from one execution of each trace, since the executions of a trace agree about the
 * order of what depends on each other.
 */
import { CONFLICTS, NONE, PASSES, PICKS } from '../engine/access.ts'
import { answer } from '../engine/announce.ts'
import { isBeside } from '../engine/dependence.ts'
import type { Execution } from '../engine/state.ts'
import type { Trace } from '../engine/trace.ts'
import { beginTurn } from '../engine/turns.ts'
import { EXIT } from '../runtime/kinds.ts'

/** What is known of a site, as bits. */
export const PRIVATE = 1
export const EXECUTED = 2
export const MET = 4
export const BOTH = 8

/** Orders of a pair of steps, as bits: the one with the lower number came first, or last. */
const FORTH = 1
const BACK = 2

/** Steps told apart: a pair is a whole number below 2^52. */
const MOST = 2 ** 26

/** A step by its thread's label, its site, and how often its thread had been there. */
export interface Step {
  readonly thread: string
  readonly site: number
  readonly nth: number
}

export interface Seen {
  /** By site, the bits. */
  readonly sites: readonly number[]
  /** By number. */
  readonly steps: readonly Step[]
  /** By pair, the orders. */
  readonly pairs: ReadonlyMap<number, number>
  /** The latest execution that had something new. */
  readonly newest: number
}

/** The first step of a pair that was seen in that one order, and the other. */
export const orderOf = (pair: number, orders: number): readonly [first: number, second: number] => {
  const low = Math.floor(pair / MOST)
  const high = pair % MOST
  return orders === FORTH ? [low, high] : [high, low]
}

/** Whether it was seen in one order alone. */
export const isHalf = (orders: number): boolean => orders !== (FORTH | BACK)

/** Numbers steps as they are met. */
function createSteps() {
  const steps: Step[] = []
  const numbers = new Map<string, Map<number, number>[]>()

  function numberOf(thread: string, site: number, nth: number): number {
    let ofThread = numbers.get(thread)
    if (ofThread === undefined) numbers.set(thread, (ofThread = []))
    const ofSite = (ofThread[site] ??= new Map<number, number>())
    let number = ofSite.get(nth)
    if (number === undefined) {
      number = steps.push({ thread, site, nth }) - 1
      ofSite.set(nth, number)
    }
    return number
  }

  return { steps, numberOf }
}

/** The end of a helper thread and the passing of time stand nowhere in the text. */
const standsSomewhere = (trace: Trace, i: number): boolean =>
  trace.site[i] >= 0 && trace.kind[i] !== EXIT && trace.class[i] !== PASSES

/** Whether event `i`, which stands in the text, depends on `j` of another thread, which came before it. */
function inConflict(trace: Trace, j: number, i: number): boolean {
  if (trace.thread[j] === trace.thread[i] || !standsSomewhere(trace, j)) return false
  if (((CONFLICTS[trace.class[i]] >> trace.class[j]) & 1) === 0) return false
  if (trace.address[j] >= trace.limit[i] || trace.address[i] >= trace.limit[j]) return false
  return (PICKS[trace.kind[i]] !== 1 && PICKS[trace.kind[j]] !== 1) || !isBeside(trace, i, j)
}

/** Hangs a collector into an execution, which has its detectors. `end` takes it out, and gives what it has seen. */
export function collectCoverage(x: Execution): { end(): Seen } {
  const { trace, hooks, program, totals } = x
  const sites: number[] = []
  const { steps, numberOf } = createSteps()
  const pairs = new Map<number, number>()
  /** By event: how often its thread had been at its site before, and its step's number. */
  const nth: number[] = []
  const stepOf: number[] = []
  let newest = 0

  const note = (site: number, bits: number) => {
    sites[site] = (sites[site] ?? 0) | bits
  }

  /** `j` came before `i`, and they are in conflict. */
  function meet(j: number, i: number): void {
    const first = stepOf[j]
    const second = stepOf[i]
    note(trace.site[j], MET)
    note(trace.site[i], MET)
    const pair = Math.min(first, second) * MOST + Math.max(first, second)
    const before = pairs.get(pair) ?? 0
    const orders = before | (first < second ? FORTH : BACK)
    if (orders === before) return
    pairs.set(pair, orders)
    newest = totals.executions
    if (isHalf(orders)) return
    note(trace.site[j], BOTH)
    note(trace.site[i], BOTH)
  }

  function look(i: number): void {
    if (!standsSomewhere(trace, i)) return
    const site = trace.site[i]
    let same = trace.past[i]
    while (same >= 0 && trace.site[same] !== site) same = trace.past[same]
    nth[i] = same < 0 ? 0 : nth[same] + 1
    note(site, EXECUTED)
    if (trace.class[i] === NONE) return
    stepOf[i] = numberOf(program.labels[trace.thread[i]], site, nth[i])
    const wide = trace.place[i] === 0
    // All earlier events on its word, and those on several words; of one on several words, all.
    if (wide) for (let j = i - 1; j >= 0; j--) compare(j, i)
    else {
      for (let j = trace.back[i]; j >= 0; j = trace.back[j]) compare(j, i)
      for (let j = trace.head[0]; j >= 0; j = trace.back[j]) compare(j, i)
    }
  }

  function compare(j: number, i: number): void {
    if (inConflict(trace, j, i)) meet(j, i)
  }

  const { detect, between } = hooks
  hooks.detect = (i) => {
    look(i)
    detect?.(i)
  }
  hooks.between = {
    op(kind, site, view, index, a, b) {
      const { current, step } = x.position
      const goesOn = answer(x, kind, site, view, index, a, b)
      // No step, and nobody was asked who is next: there is nothing that others could see.
      if (goesOn && current >= 0 && site >= 0 && x.position.step === step) note(site, PRIVATE)
      return goesOn
    },
    turn: (loop, left, values) => beginTurn(x, loop, left, values),
  }
  return {
    end() {
      hooks.detect = detect
      hooks.between = between
      return { sites, steps, pairs, newest }
    },
  }
}
