/**
 * Critical sections of lists of waiters, for the oracle: ECMA-262, "WaiterList Objects". Nobody is in two at once, a
 * waiter joins at the end, a notify takes from the front, and each leaving synchronizes with the next entering.
 */
import type { Candidate, Event, Path, Section, Statement } from './candidates.ts'
import { orders, product, relation, union } from './relations.ts'

/** To a machine the list of a word is a word so far behind it. */
export const LIST = 1000

/** Ends the id of what a waiter finds in its word. */
export const LOOK = ':look'

type Waits = Extract<Statement, { op: 'wait' | 'notify' }>

/** The ways on from a wait or a notify. */
export function waitsOf(path: Path, base: Pick<Event, 'thread' | 'at'>, s: Waits): Path[] {
  const sync = { ...base, reads: false, writes: false, sc: false, kind: 'i32', size: 0, id: '', syncs: true } as const
  const at = (k: number) => path.events.length + k
  const inList = (k: number): Event => ({ ...sync, order: at(k), statement: s })
  const one = (k: number, does: Section['does']): Section => ({ at: s.at, first: at(k), last: at(k), does })
  if (s.op === 'notify')
    return Array.from({ length: s.count + 1 }, (_, wakes) => ({
      ...path,
      events: [...path.events, inList(0)],
      sections: [...path.sections, one(0, { wakes, most: s.count })],
      results: [...path.results, [s.id, wakes]],
    }))
  const id = `${s.id}${LOOK}`
  const look: Event = { ...sync, syncs: false, reads: true, sc: true, size: 4, id, order: at(1), statement: s }
  const looked = (isExpected: boolean): Path => ({
    ...path,
    events: [...path.events, inList(0), look, inList(2)],
    sections: [...path.sections, { at: s.at, first: at(0), last: at(2), does: isExpected ? 'joins' : 'looks' }],
    conditions: [...path.conditions, (seen) => (seen.get(id) === s.value) === isExpected],
  })
  const other = looked(false)
  const joined = looked(true)
  const goesOn = (does: 'ok' | 'timed-out', result: number): Path => ({
    ...joined,
    events: [...joined.events, inList(3)],
    sections: [...joined.sections, one(3, does)],
    results: [...joined.results, [s.id, result]],
  })
  return [
    { ...other, results: [...other.results, [s.id, 2]] },
    goesOn('ok', 1),
    s.timed ? goesOn('timed-out', 3) : { ...joined, stuck: s },
  ]
}

/** Who waits at the end, if threads may do that in this order; else undefined. */
function waitingAfter(all: readonly { t: number; does: Section['does'] }[]): number[] | undefined {
  const queue: number[] = []
  for (const { t, does } of all) {
    if (does === 'joins') queue.push(t)
    else if (does === 'ok' && queue.includes(t)) return undefined
    else if (does === 'timed-out') {
      if (!queue.includes(t)) return undefined
      queue.splice(queue.indexOf(t), 1)
    } else if (typeof does === 'object') {
      if (queue.splice(0, does.most).length !== does.wakes) return undefined
    }
  }
  return queue
}

/** The events of a path in all. */
const placeOf = (events: readonly Event[], thread: number, order: number) =>
  events.findIndex((e) => e.thread === thread && e.order === order)

const firstOf = (events: readonly Event[], at: number): number => events.findIndex((e) => e.thread < 0 && e.at === at)

/**
 * The orders of the sections of each list, as pairs of a section's last event, or the list's first, and the next's
 * first.
 */
export function ordersOfSections(events: readonly Event[], paths: readonly Path[]): [number, number][][] {
  const all = paths.flatMap(({ sections }, t) => sections.map((section) => ({ ...section, t })))
  const lists = [...new Set(all.map(({ at }) => at))].map((at) => {
    const its = all.filter((section) => section.at === at)
    const stuck = paths.flatMap((path, t) => (path.stuck?.op === 'wait' && path.stuck.at === at ? [t] : []))
    return [...orders(its, (a, b) => a.t === b.t && a.first < b.first)].flatMap((order) => {
      const waiting = waitingAfter(order)
      if (waiting === undefined || stuck.some((t) => !waiting.includes(t))) return []
      return [
        order.map(({ t, first }, k): [number, number] => [
          k === 0 ? firstOf(events, LIST + at) : placeOf(events, order[k - 1].t, order[k - 1].last),
          placeOf(events, t, first),
        ]),
      ]
    })
  })
  return product(lists).map((each) => each.flat())
}

/** The events of a word's list that store to it, for a machine. */
export function sectionsInTurn({ events, turns, paths }: Candidate, at: number): number[] {
  const lastOf = (i: number) => {
    const { thread, order } = events[i]
    return placeOf(events, thread, paths[thread].sections.find(({ first }) => first === order)!.last)
  }
  return turns
    .filter(([, first]) => events[first].at === at)
    .flatMap(([, first]) => [...new Set([first, lastOf(first)])])
}

/** The same candidate with accesses to the lists: a section is a read-modify-write, or one and a store at its end. */
export function asAccesses(candidate: Candidate): Candidate {
  const { rf, turns } = candidate
  const reads = new Set(turns.map(([, first]) => first))
  const events = candidate.events.map((e, i) =>
    e.syncs === true ? { ...e, at: LIST + e.at, size: 4, sc: true, writes: true, reads: reads.has(i) } : e,
  )
  const inTurn = relation(events.length, (i, j) => turns.some(([a, b]) => a === i && b === j))
  return { ...candidate, events, rf: union(rf, inTurn) }
}
