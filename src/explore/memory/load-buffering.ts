/**
 * What the walk leaves out: executions in which a load takes a value from its own future. Where may there be any?
 *
 * Such a load stands in a circle: a load, a store behind it in its thread, a load in another thread that reads it, a
 * store behind that, and so on. Each of these loads races with the store it reads, or synchronizes with it: what lies
 * between two that happen in order are such steps. Two at least race: with one alone, its store would come behind it in
 * happens-before, which coherence forbids. And of a circle that comes to a thread twice a part is one, too. On ARMv8
 * one of the loads is a plain one, and a plain store to another word stands behind it. Noted is, over all executions,
 * which words a thread loads, what it stores behind, and which of these race; or bytes, where words overlap.
 */
import type { MemoryModel } from '../result.ts'
import { cellsOf, type Graph } from './graph.ts'
import { forEachRace } from './races.ts'

/** All loads of a word by a thread. */
interface Loads {
  readonly thread: number
  readonly place: number
  readonly sites: Set<number>
  /** One of them is SeqCst. */
  isAtomic: boolean
  /** Words that the thread stores to behind one of them, or with it. */
  readonly stores: Set<number>
  /** Other words that it stores to by a plain store behind a plain one. */
  readonly loose: Set<number>
}

export interface Buffering {
  note(g: Graph): void
  forget(): void
  /** Sites of loads that race, and may stand in a circle which the model allows. */
  sites(model: MemoryModel): number[]
}

/** What has been noted. */
interface Noted {
  /** By `thread place`. */
  readonly loads: Map<string, Loads>
  /** `thread place`, of SeqCst stores. */
  readonly atomicStores: Set<string>
  /** `thread place thread`: a store of the first one raced with a load of the other. */
  readonly races: Set<string>
}

/** How a load may read what a thread stores there. Undefined: not, or by other steps. */
function edge({ races, atomicStores }: Noted, thread: number, to: Loads): 'races' | 'synchronizes' | undefined {
  if (thread === to.thread) return undefined
  if (races.has(`${thread} ${to.place} ${to.thread}`)) return 'races'
  return to.isAtomic && atomicStores.has(`${thread} ${to.place}`) ? 'synchronizes' : undefined
}

/**
 * Whether a circle with two races leads back there, through each thread once, its first step by one of those stores.
 */
function leadsBack(noted: Noted, start: Loads, first: ReadonlySet<number>): boolean {
  const all = [...noted.loads.values()]
  const met = new Set<string>()
  const from = (at: Loads, stores: ReadonlySet<number>, threads: readonly number[], raced: boolean): boolean =>
    all.some((next) => {
      const how = stores.has(next.place) ? edge(noted, at.thread, next) : undefined
      if (how === undefined) return false
      if (next === start) return raced && how === 'races'
      if (threads.includes(next.thread)) return false
      const now = raced || how === 'races'
      const key = `${next.thread} ${next.place} ${now} ${threads}`
      if (met.has(key)) return false
      met.add(key)
      return from(next, next.stores, [...threads, next.thread].sort(), now)
    })
  return from(start, first, [start.thread], false)
}

export function createBuffering(): Buffering {
  const noted: Noted = { loads: new Map(), atomicStores: new Set(), races: new Set() }
  const { loads, atomicStores, races } = noted

  const loadsOf = (thread: number, place: number): Loads => {
    const key = `${thread} ${place}`
    let known = loads.get(key)
    if (known === undefined) {
      known = { thread, place, sites: new Set(), isAtomic: false, stores: new Set(), loose: new Set() }
      loads.set(key, known)
    }
    return known
  }
  const noteThread = (g: Graph, own: readonly number[], t: number): void => {
    const before = new Set<Loads>()
    const loose = new Set<Loads>()
    for (const i of own) {
      const { reads, atomic, site } = g.access[i]
      const cells = cellsOf(g.access[i])
      for (const cell of reads ? cells : []) {
        const its = loadsOf(t, cell)
        its.sites.add(site)
        if (atomic) its.isAtomic = true
        else loose.add(its)
        before.add(its)
      }
      if (g.stored[i] === undefined) continue
      for (const cell of cells) {
        if (atomic) atomicStores.add(`${t} ${cell}`)
        for (const each of before) each.stores.add(cell)
        if (!atomic) for (const each of loose) if (each.place !== cell) each.loose.add(cell)
      }
    }
  }
  const noteRace = (g: Graph, w: number, r: number): void => {
    if (g.stored[w] === undefined || !g.access[r].reads) return
    for (const cell of cellsOf(g.access[w])) races.add(`${g.thread[w]} ${cell} ${g.thread[r]}`)
  }
  return {
    note(g) {
      for (const [t, own] of g.events.entries()) noteThread(g, own, t)
      forEachRace(g, (i, j) => {
        noteRace(g, i, j)
        noteRace(g, j, i)
      })
    },
    forget() {
      for (const each of [loads, atomicStores, races]) each.clear()
    },
    sites(model) {
      // A store of x86 waits for the loads before it, an atomic one of arm as well.
      if (model === 'x86') return []
      const found = [...loads.values()].filter((each) =>
        leadsBack(noted, each, model === 'arm' ? each.loose : each.stores),
      )
      return [...new Set(found.flatMap(({ sites }) => [...sites]))]
    },
  }
}
