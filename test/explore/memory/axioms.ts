/**
 * Memory models by brute force: all candidate executions of a small program, held against the axioms as they are
 * written. Shares nothing with what it judges.
 *
 * ECMA-262, clause "Memory Model": for each byte of each read every write to that byte is tried, and for those
 * executions in which program order and reads-from have no cycle, every order of the SeqCst events. Of critical
 * sections of a list of waiters every order, each of which synchronizes with the next. What was there before all
 * threads counts as a write to just the bytes of any read: integers are not torn with it.
 */

import {
  bytesOf,
  type Candidate,
  decode,
  type Event,
  encode,
  type Path,
  type Program,
  type Seen,
  SIZE,
  type Statement,
} from './candidates.ts'
import { modelOf } from './machines.ts'
import { closure, isAcyclic, orders, product, type Relation, relation, union } from './relations.ts'
import { asAccesses, LIST, LOOK, ordersOfSections, sectionsInTurn, waitsOf } from './sections.ts'

export interface Found {
  /** What reads gave, by id, and the value of each word at the end. */
  seen: Record<string, number>
  ends: Record<number, number>
  /** Whose writes these are, where they are of bytes. */
  last?: string
  stuck: string[]
  /** Which execution it is: reads-from, and the order of SeqCst writes by place. */
  execution: string
  model: 'sc' | 'x86' | 'arm' | 'ecma'
}

function pathsOf(thread: readonly Statement[], t: number): Path[] {
  const go = (statements: readonly Statement[], path: Path): Path[] => {
    const [first, ...rest] = statements
    if (first === undefined) return [path]
    if (first.op === '?') {
      return [true, false].flatMap((taken) =>
        go([...(taken ? first.yes : first.no), ...rest], {
          ...path,
          conditions: [...path.conditions, (seen) => first.holds(seen) === taken],
        }),
      )
    }
    const base = { thread: t, order: path.events.length, at: first.at, statement: first }
    if (first.op === 'wait' || first.op === 'notify')
      return waitsOf(path, base, first).flatMap((next) => (next.stuck === null ? go(rest, next) : [next]))
    if (first.op === 'W') {
      const { sc, kind } = first
      const event = { ...base, reads: false, writes: true, sc, kind, size: SIZE[kind], id: '' }
      return go(rest, { ...path, events: [...path.events, event] })
    }
    const { id, waits } = first
    const conditions = [...path.conditions, (seen: Seen) => waits === undefined || waits(seen.get(id)!)]
    const stuck = waits === undefined ? [] : [{ ...path, stuck: first }]
    if (first.op === 'R') {
      const { sc, kind } = first
      const event = { ...base, reads: true, writes: false, sc, kind, size: SIZE[kind], id }
      return [...stuck, ...go(rest, { ...path, conditions, events: [...path.events, event] })]
    }
    return [
      ...stuck,
      ...[true, false].flatMap((writes) => {
        const { kind = 'i32' } = first
        const event = { ...base, reads: true, writes, sc: true, kind, size: SIZE[kind], id }
        const did = (seen: Seen) => (first.makes(seen.get(id)!) !== undefined) === writes
        return go(rest, { ...path, conditions: [...conditions, did], events: [...path.events, event] })
      }),
    ]
  }
  return go(thread, { events: [], sections: [], results: [], conditions: [], stuck: null })
}

const sameRange = (a: Event, b: { at: number; size: number }): boolean => a.at === b.at && a.size === b.size
const overlaps = (a: Event, b: Event): boolean => a.at < b.at + b.size && b.at < a.at + a.size

/** The writes before all threads: one for each word, or for all bytes where there are none. */
function initial(words: readonly number[], memory: number, lists: readonly number[]): Event[] {
  const init = { thread: -1, order: -1, reads: false, writes: true, sc: false, id: '', statement: null }
  if (words.length === 0) return [{ ...init, at: 0, size: memory, kind: 'i8' }]
  return [...words, ...lists].map((at) => ({ ...init, at, size: 4, kind: 'i32' }))
}

function* candidates(
  program: Program,
  words: readonly number[],
  memory: number,
  buffering: boolean,
): Generator<Candidate> {
  for (const paths of product(program.map(pathsOf))) {
    const lists = [...new Set(paths.flatMap(({ sections }) => sections.map(({ at }) => LIST + at)))]
    const events = [...initial(words, memory, lists), ...paths.flatMap(({ events }) => events)]
    const n = events.length
    const po = relation(
      n,
      (i, j) => i !== j && events[i].thread === events[j].thread && events[i].order < events[j].order,
    )
    // Where words are all there is, a read that mixes the bytes of two would be torn.
    const parts = (r: Event) => (words.length > 0 ? [bytesOf(r)] : bytesOf(r).map((byte) => [byte]))
    const sources = events.flatMap((r, i) =>
      r.reads
        ? parts(r).map((bytes) =>
            events.flatMap((w, j) =>
              w.writes && j !== i && bytesOf(w).includes(bytes[0]) ? [bytes.map(() => [i, j] as const)] : [],
            ),
          )
        : [],
    )
    for (const chosen of product(sources)) {
      const rbf = new Map<number, number[]>()
      for (const [i, j] of chosen.flat()) rbf.set(i, [...(rbf.get(i) ?? []), j])
      const rf = relation(n, (j, i) => rbf.get(i)?.includes(j) === true)
      for (const turns of ordersOfSections(events, paths)) {
        const inTurn = relation(n, (i, j) => turns.some(([a, b]) => a === i && b === j))
        // The restriction: no load takes a value from its own future. Or they, and no others.
        if (isAcyclic(union(po, rf, inTurn)) !== buffering) yield { events, paths, rbf, po, rf, turns, inTurn }
      }
    }
  }
}

/** The values of all bytes written and read, or undefined where a thread would have gone another way. */
function valuesOf({ events, paths, rbf, po, rf, inTurn }: Candidate) {
  const constant = (e: Event) => e.statement?.op !== 'A'
  const written = events.map((): number[] => [])
  const seen: Map<string, number>[] = paths.map(({ results }) => new Map(results))
  const before = closure(union(po, rf, inTurn))
  // What is stored without a look at what was read needs no value before.
  const depth = events.map((e, i) => (e.reads || !constant(e) ? before.filter((row) => row[i]).length : -1))
  const inOrder = events.map((_, i) => i).sort((a, b) => depth[a] - depth[b])
  for (const i of inOrder) {
    const e = events[i]
    if (e.thread < 0) {
      written[i] = Array(e.size).fill(0)
      continue
    }
    const s = e.statement!
    if (s.op === 'W') written[i] = encode(s.kind, s.value)
    if (!e.reads) continue
    const value = decode(
      e.kind,
      bytesOf(e).map((byte, k) => written[rbf.get(i)![k]][byte - events[rbf.get(i)![k]].at]),
    )
    seen[e.thread].set(e.id, value)
    if (s.op === 'A' && e.writes) written[i] = encode(e.kind, s.makes(value) ?? 0)
  }
  const holds = paths.every(({ conditions }, t) => conditions.every((condition) => condition(seen[t])))
  return holds ? { written, seen } : undefined
}

/** The orders of the SeqCst events that ECMA-262 allows, as `mo`. */
function* memoryOrders({ events, rbf, rf }: Candidate, hb: Relation): Generator<number[]> {
  const sc = events.flatMap((e, i) => (e.sc ? [i] : []))
  const isInts = (e: Event) => e.kind.startsWith('i')
  for (let r = 0; r < events.length; r++) {
    for (const [k, w] of (rbf.get(r) ?? []).entries()) {
      // Coherent reads.
      if (hb[r][w]) return
      const byte = events[r].at + k
      if (events.some((v, j) => v.writes && bytesOf(v).includes(byte) && hb[w][j] && hb[j][r])) return
    }
    // Tear free reads.
    if (!isInts(events[r])) continue
    const isWhole = (w: number) => events[w].thread < 0 || (isInts(events[w]) && sameRange(events[w], events[r]))
    const whole = new Set((rbf.get(r) ?? []).filter(isWhole))
    if (whole.size > 1) return
  }
  const sw = (w: number, r: number) => rf[w][r] && events[w].sc && events[r].sc && sameRange(events[w], events[r])
  for (const mo of orders(sc, (a, b) => hb[a][b])) {
    const at = new Map(mo.map((e, k) => [e, k]))
    // W and R may be plain; then hb says how they stand to V.
    const before = (a: number, b: number) => (at.has(a) && at.has(b) ? at.get(a)! < at.get(b)! : hb[a][b])
    const wrong = events.some((_, r) =>
      events.some(
        (_, w) =>
          rf[w][r] &&
          sc.some(
            (v) =>
              events[v].writes &&
              v !== w &&
              v !== r &&
              ((sw(w, r) && sameRange(events[v], events[r]) && before(w, v) && before(v, r)) ||
                (hb[w][r] && hb[v][r] && events[w].sc && sameRange(events[v], events[w]) && before(w, v)) ||
                (hb[w][r] && hb[w][v] && events[r].sc && sameRange(events[v], events[r]) && before(v, r))),
          ),
      ),
    )
    if (!wrong) yield mo
  }
}

/** The ranges of bytes whose SeqCst writes have an order: words, or all that are written to. */
function rangesOf(events: readonly Event[], words: readonly number[]): { at: number; size: number }[] {
  if (words.length > 0) return words.map((at) => ({ at, size: 4 }))
  const written = events.filter(({ sc, writes }) => sc && writes)
  return [...new Map(written.map(({ at, size }) => [at * 16 + size, { at, size }]))]
    .sort(([a], [b]) => a - b)
    .map(([, range]) => range)
}

const nameOf = (e: Event): string => (e.thread < 0 ? 'init' : `${e.thread}.${e.order}`)

/**
 * All executions with their ends; `words`: at which places there are words, of 4 bytes, and nothing else; none:
 * accesses may be of any bytes of the memory, and ends are of bytes. `buffering`: those in which a load takes a value
 * from its own future, of programs without branches and read-modify-writes.
 */
export function executionsOf(
  program: Program,
  words: readonly number[],
  memory = words.length * 4,
  buffering = false,
): Found[] {
  const found: Found[] = []
  for (const candidate of candidates(program, words, memory, buffering)) {
    const values = valuesOf(candidate)
    if (values === undefined) continue
    const { events, paths, rbf, po, rf, turns, inTurn } = candidate
    const sw = relation(
      events.length,
      (w, r) => rf[w][r] && events[w].sc && events[r].sc && sameRange(events[w], events[r]),
    )
    const first = relation(events.length, (i, j) => events[i].thread < 0 && events[j].thread >= 0)
    const hb = closure(union(po, sw, first, inTurn))
    if (hb.some((row, i) => row[i])) continue
    const seen: Record<string, number> = {}
    for (const each of values.seen) for (const [id, value] of each) if (!id.endsWith(LOOK)) seen[id] = value
    const reads = events
      .flatMap((e, r) => {
        const before = turns.find(([, first]) => first === r)
        if (before !== undefined) return [nameOf(events[before[0]])]
        const its = words.length > 0 ? [...new Set(rbf.get(r))] : rbf.get(r)
        return e.reads ? [its!.map((w) => nameOf(events[w])).join()] : []
      })
      .join(' ')
    const who = paths.map(({ events: its }) => its.length).join()
    const met = new Set<string>()
    for (const mo of memoryOrders(candidate, hb)) {
      const inPlace = rangesOf(events, words).map((range) =>
        mo.filter((e) => events[e].writes && sameRange(events[e], range)),
      )
      const lists = words.map((at) => sectionsInTurn(candidate, at))
      const used = words.flatMap((_, k) => (lists[k].length > 0 ? [k] : []))
      const order = [...inPlace, ...lists].map((es) => es.map((e) => nameOf(events[e])).join()).join(' ')
      const execution = `${who} | ${reads} | ${order}`
      if (met.has(execution)) continue
      met.add(execution)
      const stuck = paths.flatMap(({ stuck }, t) => (stuck === null ? [] : [{ t, stuck }]))
      const cells = words.length > 0 ? words : Array.from({ length: memory }, (_, byte) => byte)
      const size = words.length > 0 ? 4 : 1
      const finals = cells.map((at) =>
        events.flatMap((w, i) => {
          if (!w.writes || !bytesOf(w).includes(at)) return []
          if (events.some((v, j) => v.writes && overlaps(v, { ...w, at, size }) && hb[i][j])) return []
          if (inPlace.some((after) => after.includes(i) && after[after.length - 1] !== i)) return []
          const value = decode(size === 4 ? 'i32' : 'i8', values.written[i].slice(at - w.at, at - w.at + size))
          const goesOn = stuck.some(({ stuck: s }) => s.op !== 'wait' && s.at === at && s.waits!(value))
          return goesOn ? [] : [{ w: i, value }]
        }),
      )
      const isTorn = (w: number, v: number) =>
        w !== v && [w, v].every((e) => events[e].kind.startsWith('i')) && sameRange(events[w], events[v])
      for (const ends of product(finals)) {
        if (ends.some(({ w }) => ends.some(({ w: v }) => isTorn(w, v)))) continue
        found.push({
          seen,
          ends: Object.fromEntries(ends.map(({ value }, k) => [cells[k], value])),
          ...(words.length === 0 && { last: ends.map(({ w }) => nameOf(events[w])).join() }),
          stuck: stuck.map(({ t }) => `${t}`),
          execution,
          model: modelOf(
            asAccesses(candidate),
            [...cells, ...used.map((k) => LIST + words[k])],
            [...inPlace, ...used.map((k) => lists[k])],
            [...ends.map(({ w }) => w), ...used.map((k) => lists[k].at(-1)!)],
          ),
        })
      }
    }
  }
  return found
}
