/**
 * What the walk leaves out: executions in which a load takes a value from its own future. Where may there be any?
 *
 * Such a load stands in a circle: a load, a store behind it in its thread, a load in another thread that reads it, a
 * store behind that, and so on. Two of these loads at least do not synchronize with the store they read: with one
 * alone, its store would come behind it in happens-before, which coherence forbids. Noted is, over all executions,
 * which words a thread loads and what it stores behind.
 */
import type { MemoryModel } from '../result.ts'
import type { Graph } from './graph.ts'

/** All loads of a word by a thread. */
interface Loads {
  readonly thread: number
  readonly place: number
  /** The sites of the plain ones. */
  readonly plain: Set<number>
  /** Words that the thread stores to behind one of them, or with it. */
  readonly stores: Set<number>
  /** Other words that it stores to by a plain store behind a plain one. */
  readonly loose: Set<number>
}

export interface Buffering {
  note(g: Graph): void
  forget(): void
  /** Sites of plain loads that may stand in a circle which the model allows. */
  sites(model: MemoryModel): number[]
}

/** Who may read what is stored there behind them. */
const readers = (all: readonly Loads[], from: Loads, stored: ReadonlySet<number>): Loads[] =>
  all.filter((next) => next.thread !== from.thread && stored.has(next.place))

/**
 * Whether a circle leads back there, its first step by one of those stores, past another load that need not
 * synchronize.
 */
function leadsBack(
  all: readonly Loads[],
  start: Loads,
  first: ReadonlySet<number>,
  needNotSynchronize: (from: Loads, to: Loads) => boolean,
): boolean {
  const met = [new Set<Loads>(), new Set<Loads>()]
  const left: (readonly [Loads, 0 | 1])[] = [[start, 0]]
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const [from, passed] = at
    for (const next of readers(all, from, from === start ? first : from.stores)) {
      if (next === start) {
        if (passed === 1 && needNotSynchronize(from, next)) return true
        continue
      }
      const now = passed === 1 || needNotSynchronize(from, next) ? 1 : 0
      if (met[now].has(next)) continue
      met[now].add(next)
      left.push([next, now])
    }
  }
  return false
}

export function createBuffering(): Buffering {
  const loads = new Map<string, Loads>()
  /** `thread place`, of plain stores. */
  const plainStores = new Set<string>()

  const loadsOf = (thread: number, place: number): Loads => {
    const key = `${thread} ${place}`
    let known = loads.get(key)
    if (known === undefined) {
      known = { thread, place, plain: new Set(), stores: new Set(), loose: new Set() }
      loads.set(key, known)
    }
    return known
  }
  return {
    note(g) {
      g.events.forEach((own, t) => {
        const before = new Set<Loads>()
        const loose = new Set<Loads>()
        for (const i of own) {
          const { place, reads, atomic, site } = g.access[i]
          if (reads) {
            const its = loadsOf(t, place)
            if (!atomic) {
              its.plain.add(site)
              loose.add(its)
            }
            before.add(its)
          }
          if (g.stored[i] === undefined) continue
          if (!atomic) plainStores.add(`${t} ${place}`)
          for (const each of before) each.stores.add(place)
          if (!atomic) for (const each of loose) if (each.place !== place) each.loose.add(place)
        }
      })
    },
    forget() {
      loads.clear()
      plainStores.clear()
    },
    sites(model) {
      // A store of x86 waits for the loads before it, an atomic one of arm as well.
      if (model === 'x86') return []
      const all = [...loads.values()]
      const needNotSynchronize = (from: Loads, to: Loads) =>
        to.plain.size > 0 || plainStores.has(`${from.thread} ${to.place}`)
      const found = all.filter((each) => {
        const first = model === 'arm' ? each.loose : each.stores
        return each.plain.size > 0 && leadsBack(all, each, first, needNotSynchronize)
      })
      return [...new Set(found.flatMap(({ plain }) => [...plain]))]
    },
  }
}
