/**
 * All executions that ECMA-262 allows and in which no load reads from its own future, each once.
 *
 * An execution can be made in many orders of its events: any in which each stands behind those of its thread and behind
 * the stores it reads. Of these the walk takes one: at each step the lowest thread whose event can come already. So a
 * thread is passed over only if it is about to load what is stored later; then it waits for that store. For one event
 * behind another this says: it may come if all behind what it needs (its thread's event before, the stores it reads)
 * are of lower threads, since otherwise it would have come before them.
 *
 * Which threads store to a word, and how often, is learned on the way. A load waits only for stores that are known; as
 * soon as one shows up that was not, the walk begins again. (docs/memory.md says why nothing is missed by that.)
 */
import type { Access, Thread, Value } from './access.ts'
import { seenFrom, sourcesFor } from './bytes.ts'
import { endsOf, isOrdered, mayRead } from './ecma.ts'
import {
  addEvent,
  addStore,
  atomicStoresTo,
  cellsOf,
  createGraph,
  type Graph,
  INIT,
  placeStore,
  removeEvent,
  type Sources,
  storesTo,
  unplaceStore,
} from './graph.ts'

export interface Walk {
  readonly threads: readonly Thread[]
  /** What a word holds before all threads. */
  readonly initial: (place: number) => Value
  /** Events that an execution may have. */
  readonly maxSteps: number
  /** All that was visited so far is to be forgotten: the walk begins again. */
  readonly begin: () => void
  /**
   * An execution that has ended, with the threads that are stuck in it and where they wait. False: no more of them.
   */
  readonly visit: (g: Graph, stuck: readonly Stuck[]) => boolean
  /** Asked at each event. False: the budget is spent. */
  readonly goOn: () => boolean
  /**
   * Which beginnings of executions are asked for; not there: all. What is left out with one is all that continues it,
   * and each that is not can be continued to its end.
   */
  readonly isAskedFor?: ((g: Graph) => boolean) | undefined
}

export interface Stuck {
  readonly thread: number
  readonly access: Access
}

/** Why a walk ended: all was visited, the visitor or the budget ended it, or an execution came to too many events. */
export type WalkEnd = 'all' | 'stopped' | 'steps'

interface State extends Walk {
  readonly g: Graph
  /** By cell, and by thread: the most stores of an execution that was seen. */
  readonly known: Map<number, Int32Array>
  /** A store came up that was not known. */
  learned: boolean
  end: WalkEnd
}

/** Visits all executions. Leaves the threads where they were. */
export function walk(what: Walk): WalkEnd {
  const s: State = { ...what, g: createGraph(what.threads.length), known: new Map(), learned: false, end: 'all' }
  do {
    s.learned = false
    s.begin()
    extend(s)
  } while (s.learned && s.end === 'all')
  return s.end
}

/** Goes on in all ways. False: the walk is over, or begins again. */
function extend(s: State): boolean {
  const { g, threads } = s
  if (g.thread.length >= s.maxSteps) s.end = 'steps'
  else if (!s.goOn()) s.end = 'stopped'
  if (s.end !== 'all') return false
  const stuck: Stuck[] = []
  for (let t = 0; t < threads.length; t++) {
    const access = threads[t].pending()
    if (access === undefined) continue
    if (!access.reads) return comesHere(s, t, NOTHING) ? add(s, t, access, NOTHING) : !s.learned
    for (const from of sourcesFor(g, t, access)) {
      if (!comesHere(s, t, from)) continue
      if (access.goesOn !== undefined && !access.goesOn(seenFrom(g, access, from, s.initial))) continue
      if (!add(s, t, access, from)) return false
    }
    if (access.goesOn !== undefined) stuck.push({ thread: t, access })
    else if (!cellsOf(access).some((cell) => isAwaited(s, t, cell))) return !s.learned
  }
  if (threads.every((thread, t) => thread.pending() === undefined || stuck.some(({ thread: u }) => u === t))) {
    if (endsFor(s, stuck) && !s.visit(g, stuck)) s.end = 'stopped'
  }
  return !s.learned && s.end === 'all'
}

const NOTHING: Sources = [INIT]

/** Whether the lowest thread that can go on would not have come here before. */
function comesHere({ g }: State, t: number, from: Sources): boolean {
  const own = g.events[t]
  const needed = Math.max(...from, own.length === 0 ? -1 : own[own.length - 1])
  for (let i = g.thread.length - 1; i > needed; i--) if (g.thread[i] >= t) return false
  return true
}

/** Whether another thread may yet store there. */
function isAwaited({ g, known }: State, t: number, cell: number): boolean {
  const most = known.get(cell)
  if (most === undefined) return false
  const so = new Int32Array(most.length)
  for (const w of storesTo(g, cell)) so[g.thread[w]]++
  return most.some((count, u) => u !== t && count > so[u])
}

/** Adds the pending access of a thread, and goes on from there. False: the walk is over, or begins again. */
function add(s: State, t: number, access: Access, from: Sources): boolean {
  const { g } = s
  const { place } = access
  const thread = s.threads[t]
  const count = g.events[t].length
  const seen = access.reads ? seenFrom(g, access, from, s.initial) : 0
  addEvent(g, t, access, from, seen)
  let goesOn = true
  if (!access.reads || mayRead(g)) {
    const stored = thread.take(seen)
    if (stored !== undefined) {
      addStore(g, stored)
      for (const cell of cellsOf(access)) learn(s, t, cell)
    }
    if (!access.atomic) goesOn = !isAskedFor(s) || extend(s)
    else if (stored === undefined) goesOn = !isOrdered(g) || !isAskedFor(s) || extend(s)
    else {
      for (let at = atomicStoresTo(g, place).length; at >= 0 && goesOn; at--) {
        placeStore(g, at)
        if (isOrdered(g) && isAskedFor(s)) goesOn = extend(s)
        unplaceStore(g, at)
      }
    }
    thread.cut(count)
  }
  removeEvent(g)
  return goesOn
}

/** Whether what the latest event makes of it is asked for: a plain store can come behind all others of its cells. */
const isAskedFor = ({ g, isAskedFor: asks }: State): boolean => {
  if (asks === undefined) return true
  const i = g.thread.length - 1
  const access = g.access[i]
  if (!access.atomic && !access.reads) return true
  return cellsOf(access).every((cell, k) => storesTo(g, cell).every((w) => w === i || g.from[i][k] === w)) || asks(g)
}

function learn(s: State, t: number, cell: number): void {
  let most = s.known.get(cell)
  if (most === undefined) s.known.set(cell, (most = new Int32Array(s.threads.length)))
  const count = storesTo(s.g, cell).filter((w) => s.g.thread[w] === t).length
  if (count <= most[t]) return
  most[t] = count
  s.learned = true
}

/** Whether all that wait may wait for ever: for each word there is an end that lets none of them go on. */
function endsFor(s: State, stuck: readonly Stuck[]): boolean {
  return stuck.every(({ access: { place } }) => lastingEnds(s.g, place, stuck, s.initial).length > 0)
}

/** What a cell may hold at the end without letting anybody go on who waits there: nobody waits for single bytes. */
export function lastingEnds(
  g: Graph,
  place: number,
  stuck: readonly Stuck[],
  initial: (place: number) => Value,
): readonly number[] {
  const waits = stuck.filter(({ access }) => access.place === place)
  if (waits.length === 0) return endsOf(g, place)
  return endsOf(g, place).filter((w) => {
    const value = w === INIT ? initial(place) : g.stored[w]!
    return !waits.some(({ access }) => access.goesOn!(value))
  })
}
