/**
 * The order in which an execution is told: one of all its steps in which as much as can be looks like an interleaving.
 */
import { type Edges, ordered } from './acyclic.ts'
import { type Graph, INIT } from './graph.ts'
import { communication, inThreads, type Machine } from './hardware.ts'

/** An execution in that order. */
export interface Told {
  /** The events. */
  readonly events: readonly number[]
  /** By event, its number among the steps, from 1 on. */
  readonly step: ReadonlyMap<number, number>
  /** By event: it reads another store than the latest before it, which is this. */
  readonly missed: ReadonlyMap<number, number>
}

/** An execution, and the order in which it is told. */
export interface Shown {
  readonly g: Graph
  readonly told: Told
  /** By thread, how schedules call it. */
  readonly labels: readonly string[]
}

/** The execution as that machine has it; undefined: none has. */
export function toldOf(g: Graph, machine: Machine | undefined): Told {
  const n = g.thread.length
  const po = inThreads(g)
  const { rf, co, fr } = communication(g, machine?.coherence ?? g.atomicStores)
  const isAtomic = (edges: Edges): Edges => edges.filter(([a, b]) => g.access[a].atomic && g.access[b].atomic)
  const events =
    ordered(n, [po, rf, co, fr]) ?? ordered(n, [po, rf, isAtomic(co), isAtomic(fr)]) ?? ordered(n, [po, rf])!
  const missed = new Map<number, number>()
  const latest = new Map<number, number>()
  for (const i of events) {
    const { place, reads } = g.access[i]
    const before = latest.get(place) ?? INIT
    if (reads && before !== g.from[i]) missed.set(i, before)
    if (g.stored[i] !== undefined) latest.set(place, i)
  }
  return { events, step: new Map(events.map((i, k) => [i, k + 1])), missed }
}

/**
 * `S0-S1r0-S0`: who takes each step; and, where a load reads another store than the latest, the step of that; 0: none.
 */
export function witnessOf({ g, labels, told: { events, step, missed } }: Shown): string {
  return events
    .map((i) => `S${labels[g.thread[i]]}${missed.has(i) ? `r${g.from[i] === INIT ? 0 : step.get(g.from[i])}` : ''}`)
    .join('-')
}
