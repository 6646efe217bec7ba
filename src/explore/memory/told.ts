/**
 * The order in which an execution is told: one of all its steps in which as much as can be looks like an interleaving.
 */
import type { EndStore, Schedule } from '../schedule/schedule.ts'
import { type Edges, orderedBy } from './acyclic.ts'
import { atomicStoresTo, cellsOf, type Graph, INIT } from './graph.ts'
import { communication, inThreads, type Machine } from './hardware.ts'

/** An execution in that order. */
export interface Told {
  /** The events. */
  readonly events: readonly number[]
  /** By event, its number among the steps, from 1 on. */
  readonly step: ReadonlyMap<number, number>
  /** By event: it reads another store than the latest before it, which is this; of several bytes that of the first. */
  readonly missed: ReadonlyMap<number, number>
  /** By event, a SeqCst store: it stands before that one, which is told before it. */
  readonly behind: ReadonlyMap<number, number>
  /** Stores that are there at the end, in a cell, though later ones to that are told. */
  readonly ends: readonly { readonly w: number; readonly cell: number }[]
  /** By step: the thread before could have gone on. */
  readonly preempted: readonly boolean[]
}

/** An execution, and the order in which it is told. */
export interface Shown {
  readonly g: Graph
  readonly told: Told
  /** By thread, how schedules call it. */
  readonly labels: readonly string[]
  /** Threads that wait at its end. */
  readonly stuck: readonly number[]
}

/** How many switches and other stores than the latest a reader has to follow. */
export const intricacy = ({ missed, behind, ends, preempted, events }: Told): readonly number[] => [
  missed.size + behind.size + ends.length,
  preempted.filter(Boolean).length,
  events.length,
]

/** Whether an execution so told is simpler than one of that intricacy. */
export function isSimpler(told: Told, than: readonly number[]): boolean {
  const its = intricacy(told)
  const differs = its.findIndex((each, k) => each !== than[k])
  return differs >= 0 && its[differs] < than[differs]
}

/** The execution as that machine has it, if one has, with those last stores. */
export function toldOf(g: Graph, machine: Machine | undefined, end: ReadonlyMap<number, number>): Told {
  const n = g.thread.length
  const po = inThreads(g)
  const { rf, co, fr } = communication(g, machine?.coherence ?? g.atomicStores)
  const isAtomic = (edges: Edges): Edges => edges.filter(([a, b]) => g.access[a].atomic && g.access[b].atomic)
  const inOrder = (relations: readonly Edges[]) => inStretches(g, n, relations)
  const events = inOrder([po, rf, co, fr]) ?? inOrder([po, rf, isAtomic(co), isAtomic(fr)]) ?? inOrder([po, rf])!
  return toldIn(g, events, end)
}

/** The execution in that order of its events. */
export function toldIn(g: Graph, events: readonly number[], end: ReadonlyMap<number, number>): Told {
  const missed = new Map<number, number>()
  const behind = new Map<number, number>()
  const latest = new Map<number, number>()
  const met = new Set<number>()
  for (const i of events) {
    const { place, reads, atomic } = g.access[i]
    const cells = cellsOf(g.access[i])
    const before = cells.map((cell) => latest.get(cell) ?? INIT)
    const other = reads ? before.find((w, k) => w !== g.from[i][k]) : undefined
    if (other !== undefined) missed.set(i, other)
    if (g.stored[i] === undefined) continue
    for (const cell of cells) latest.set(cell, i)
    if (!atomic) continue
    const order = atomicStoresTo(g, place)
    const next = order.slice(order.indexOf(i) + 1).find((other) => met.has(other))
    if (next !== undefined) behind.set(i, next)
    met.add(i)
  }
  const ends = [...end].flatMap(([cell, w]) => (w === INIT || latest.get(cell) === w ? [] : [{ w, cell }]))
  return {
    events,
    step: new Map(events.map((i, k) => [i, k + 1])),
    missed,
    behind,
    ends,
    preempted: preemptedIn(g, events),
  }
}

/**
 * In stretches of one thread that are as long as can be. Of the orders in which another thread is the first to be
 * asked, that with the fewest preemptions. Undefined: there is a circle.
 */
function inStretches(g: Graph, n: number, relations: readonly Edges[]): number[] | undefined {
  let best: number[] | undefined
  let least = Number.POSITIVE_INFINITY
  for (let first = 0; first < g.threads && least > 0; first++) {
    const events = beginningWith(first, g, n, relations)
    if (events === undefined) return undefined
    const preemptions = preemptedIn(g, events).filter(Boolean).length
    if (preemptions >= least) continue
    best = events
    least = preemptions
  }
  return best
}

function beginningWith(first: number, g: Graph, n: number, relations: readonly Edges[]): number[] | undefined {
  let last = first
  const rank = (i: number) => (g.thread[i] - last + g.threads) % g.threads
  return orderedBy(n, relations, (free) => {
    const chosen = free.reduce((best, i, k) => (rank(i) < rank(free[best]) ? k : best), 0)
    last = g.thread[free[chosen]]
    return chosen
  })
}

/** Whether the thread before goes on later, and not only when somebody has stored what it waits for. */
function preemptedIn(g: Graph, events: readonly number[]): boolean[] {
  const met = new Set<number>()
  const done = new Int32Array(g.threads)
  return events.map((i, k) => {
    const last = k === 0 ? g.thread[i] : g.thread[events[k - 1]]
    const next = g.events[last][done[last]]
    const waits = next !== undefined && g.access[next].goesOn !== undefined && g.from[next][0] !== INIT
    const isPreempted = last !== g.thread[i] && next !== undefined && !(waits && !met.has(g.from[next][0]))
    done[g.thread[i]]++
    met.add(i)
    return isPreempted
  })
}

/** The execution as a schedule. */
export function scheduleOf({ g, labels, told }: Shown): Schedule {
  const { events, step, missed, behind, ends, preempted } = told
  const threads = events.map((i) => {
    const from = missed.has(i) ? `r${readBy(g, step, i).join('_')}` : ''
    const before = behind.has(i) ? `b${step.get(behind.get(i)!)}` : ''
    return `${labels[g.thread[i]]}${from}${before}`
  })
  const last = ends.map(({ w, cell }) => {
    const { bytes } = g.access[w]
    return { step: step.get(w)!, byte: bytes?.cells.indexOf(cell) }
  })
  last.sort((a, b) => a.step - b.step || (a.byte ?? 0) - (b.byte ?? 0))
  const stores = last.map((each): EndStore => (each.byte === undefined ? each.step : `${each.step}_${each.byte}`))
  return { threads, preempted, ...(stores.length > 0 && { ends: stores }) }
}

/** The steps whose stores an event reads, 0 for what was there before: one, or where they differ one for each byte. */
export function readBy(g: Graph, step: Told['step'], i: number): number[] {
  const steps = g.from[i].map((w) => (w === INIT ? 0 : step.get(w)!))
  return steps.every((each) => each === steps[0]) ? [steps[0]] : steps
}
