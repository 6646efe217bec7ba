/**
 * Memory models by brute force: all candidate executions of a small program, held against the axioms as they are
 * written. Shares nothing with what it judges.
 *
 * ECMA-262, clause "Memory Model": for each byte of each read every write to that byte is tried, and for those
 * executions in which program order and reads-from have no cycle, every order of the SeqCst events.
 */

type Kind = 'i8' | 'i16' | 'i32' | 'f32' | 'f64'
export const SIZE: Record<Kind, number> = { i8: 1, i16: 2, i32: 4, f32: 4, f64: 8 }

export type Seen = ReadonlyMap<string, number>

export type Statement =
  | { op: 'W'; at: number; kind: Kind; sc: boolean; value: number; through?: string }
  /** `waits`: goes on only with such a value. `through`: the id of the read that its address comes from. */
  | { op: 'R'; id: string; at: number; kind: Kind; sc: boolean; waits?: (seen: number) => boolean; through?: string }
  /** Stores what `makes` gives; undefined: nothing. */
  | { op: 'A'; id: string; at: number; makes: (seen: number) => number | undefined; waits?: (seen: number) => boolean }
  | { op: '?'; holds: (seen: Seen) => boolean; yes: readonly Statement[]; no: readonly Statement[] }

export type Program = readonly (readonly Statement[])[]

/** An event. */
interface Event {
  thread: number
  /** -1: Init. */
  order: number
  reads: boolean
  writes: boolean
  sc: boolean
  at: number
  size: number
  kind: Kind
  id: string
  statement: Statement | null
}

/** One way through a thread. */
interface Path {
  events: Event[]
  conditions: ((seen: Seen) => boolean)[]
  /** What it waits with at its end. */
  stuck: Extract<Statement, { op: 'R' | 'A' }> | null
}

export interface Found {
  /** What reads gave, by id, and the value of each word at the end. */
  seen: Record<string, number>
  ends: Record<number, number>
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
        const event = { ...base, reads: true, writes, sc: true, kind: 'i32' as const, size: 4, id }
        const did = (seen: Seen) => (first.makes(seen.get(id)!) !== undefined) === writes
        return go(rest, { ...path, conditions: [...conditions, did], events: [...path.events, event] })
      }),
    ]
  }
  return go(thread, { events: [], conditions: [], stuck: null })
}

const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])

type Relation = boolean[][]
const relation = (n: number, holds: (i: number, j: number) => boolean): Relation =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => holds(i, j)))
const union = (...all: Relation[]): Relation => relation(all[0].length, (i, j) => all.some((each) => each[i][j]))
function closure(of: Relation): Relation {
  const all = of.map((row) => [...row])
  for (let k = 0; k < all.length; k++)
    for (let i = 0; i < all.length; i++) if (all[i][k]) for (let j = 0; j < all.length; j++) all[i][j] ||= all[k][j]
  return all
}
/** Takes away what nothing stands before, until all is gone or a circle is left. */
function isAcyclic(of: Relation): boolean {
  let left = of.map((_, i) => i)
  for (;;) {
    const rest = left.filter((i) => left.some((j) => of[j][i]))
    if (rest.length === left.length) return left.length === 0
    left = rest
  }
}

/** All orders of `all` that contain `before`. */
function* orders<T>(all: readonly T[], before: (a: T, b: T) => boolean): Generator<T[]> {
  if (all.length === 0) yield []
  for (const first of all) {
    const rest = all.filter((each) => each !== first)
    if (rest.some((each) => before(each, first))) continue
    for (const others of orders(rest, before)) yield [first, ...others]
  }
}

const bytesOf = (e: { at: number; size: number }): number[] => Array.from({ length: e.size }, (_, k) => e.at + k)
const sameRange = (a: Event, b: Event): boolean => a.at === b.at && a.size === b.size
const overlaps = (a: Event, b: Event): boolean => a.at < b.at + b.size && b.at < a.at + a.size

function encode(kind: Kind, value: number): number[] {
  const view = new DataView(new ArrayBuffer(8))
  if (kind === 'i8') view.setInt8(0, value)
  else if (kind === 'i16') view.setInt16(0, value, true)
  else if (kind === 'i32') view.setInt32(0, value, true)
  else if (kind === 'f32') view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  return Array.from(new Uint8Array(view.buffer, 0, SIZE[kind]))
}

function decode(kind: Kind, bytes: readonly number[]): number {
  const view = new DataView(Uint8Array.from([...bytes, ...Array(8 - bytes.length).fill(0)]).buffer)
  if (kind === 'i8') return view.getInt8(0)
  if (kind === 'i16') return view.getInt16(0, true)
  if (kind === 'i32') return view.getInt32(0, true)
  return kind === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true)
}

/** One candidate: events, and for each event and byte it reads the event that wrote it. */
interface Candidate {
  events: Event[]
  paths: Path[]
  rbf: Map<number, number[]>
  po: Relation
  rf: Relation
}

/** The writes before all threads: one for each word, or for all bytes where there are none. */
function initial(words: readonly number[], memory: number): Event[] {
  const init = { thread: -1, order: -1, reads: false, writes: true, sc: false, id: '', statement: null }
  if (words.length === 0) return [{ ...init, at: 0, size: memory, kind: 'i8' }]
  return words.map((at) => ({ ...init, at, size: 4, kind: 'i32' }))
}

function* candidates(program: Program, words: readonly number[], memory: number): Generator<Candidate> {
  for (const paths of product(program.map(pathsOf))) {
    const events = [...initial(words, memory), ...paths.flatMap(({ events }) => events)]
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
      // The restriction: no load takes a value from its own future.
      if (isAcyclic(union(po, rf))) yield { events, paths, rbf, po, rf }
    }
  }
}

/** The values of all bytes written and read, or undefined where a thread would have gone another way. */
function valuesOf({ events, paths, rbf, po, rf }: Candidate) {
  const written = events.map((): number[] => [])
  const seen: Map<string, number>[] = paths.map(() => new Map())
  const before = closure(union(po, rf))
  const depth = events.map((_, i) => before.filter((row) => row[i]).length)
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
    if (s.op === 'A' && e.writes) written[i] = encode('i32', s.makes(value) ?? 0)
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
    const whole = new Set((rbf.get(r) ?? []).filter((w) => isInts(events[w]) && sameRange(events[w], events[r])))
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

const nameOf = (e: Event): string => (e.thread < 0 ? 'init' : `${e.thread}.${e.order}`)

/** All executions with their ends; `words`: at which places there are words, of 4 bytes. */
export function executionsOf(program: Program, words: readonly number[], memory = words.length * 4): Found[] {
  const found: Found[] = []
  for (const candidate of candidates(program, words, memory)) {
    const values = valuesOf(candidate)
    if (values === undefined) continue
    const { events, paths, rbf, po, rf } = candidate
    const sw = relation(
      events.length,
      (w, r) => rf[w][r] && events[w].sc && events[r].sc && sameRange(events[w], events[r]),
    )
    const first = relation(events.length, (i, j) => events[i].thread < 0 && events[j].thread >= 0)
    const hb = closure(union(po, sw, first))
    if (hb.some((row, i) => row[i])) continue
    const seen: Record<string, number> = {}
    for (const each of values.seen) for (const [id, value] of each) seen[id] = value
    const reads = events
      .flatMap((e, r) => (e.reads ? [[...new Set(rbf.get(r))].map((w) => nameOf(events[w])).join()] : []))
      .join(' ')
    const who = paths.map(({ events: its }) => its.length).join()
    const met = new Set<string>()
    for (const mo of memoryOrders(candidate, hb)) {
      const inPlace = words.map((at) => mo.filter((e) => events[e].writes && events[e].at === at))
      const execution = `${who} | ${reads} | ${inPlace.map((es) => es.map((e) => nameOf(events[e])).join()).join(' ')}`
      if (met.has(execution)) continue
      met.add(execution)
      const stuck = paths.flatMap(({ stuck }, t) => (stuck === null ? [] : [{ t, stuck }]))
      const finals = words.map((at, k) =>
        events.flatMap((w, i) => {
          if (!w.writes || !bytesOf(w).includes(at)) return []
          if (events.some((v, j) => v.writes && overlaps(v, { ...w, at, size: 4 }) && hb[i][j])) return []
          const after = inPlace[k]
          if (after.includes(i) && after[after.length - 1] !== i) return []
          const value = decode('i32', values.written[i].slice(at - w.at, at - w.at + 4))
          const goesOn = stuck.some(({ stuck: s }) => s.at === at && s.waits!(value))
          return goesOn ? [] : [{ w: i, value }]
        }),
      )
      for (const ends of product(finals)) {
        found.push({
          seen,
          ends: Object.fromEntries(ends.map(({ value }, k) => [words[k], value])),
          stuck: stuck.map(({ t }) => `${t}`),
          execution,
          model: modelOf(
            candidate,
            words,
            inPlace,
            ends.map(({ w }) => w),
          ),
        })
      }
    }
  }
  return found
}

/** The strongest model that has an execution with that order of SeqCst writes and these last writes, by word. */
function modelOf(
  { events, po, rf }: Candidate,
  words: readonly number[],
  inPlace: readonly (readonly number[])[],
  ends: readonly number[],
): Found['model'] {
  const n = events.length
  const sameWord = (a: number, b: number) => events[a].at === events[b].at
  const coherent = ends.map((end, k) => {
    const writes = events.flatMap((e, i) => (e.writes && bytesOf(e).includes(words[k]) ? [i] : []))
    const fixed = (a: number, b: number) =>
      events[a].thread < 0 || po[a][b] || (inPlace[k].includes(a) && inPlace[k].indexOf(b) > inPlace[k].indexOf(a))
    return [...orders(writes, fixed)].filter((order) => order[order.length - 1] === end)
  })
  let best = 3
  for (const chosen of product(coherent)) {
    const co = relation(n, (a, b) => chosen.some((order) => order.includes(a) && order.indexOf(b) > order.indexOf(a)))
    const fr = relation(n, (r, v) => r !== v && sameWord(r, v) && events.some((_, w) => rf[w][r] && co[w][v]))
    const poloc = relation(n, (a, b) => po[a][b] && sameWord(a, b))
    if (!isAcyclic(union(poloc, rf, co, fr))) continue
    if (isAcyclic(union(po, rf, co, fr))) best = 0
    else if (best > 1 && isTso(events, po, rf, co, fr)) best = 1
    else if (best > 2 && isArm(events, po, rf, co, fr)) best = 2
  }
  return (['sc', 'x86', 'arm', 'ecma'] as const)[best]
}

const external = (events: readonly Event[], of: Relation): Relation =>
  relation(events.length, (a, b) => of[a][b] && events[a].thread !== events[b].thread)

/** x86-TSO: Owens, Sarkar, Sewell (TPHOLs 2009); as in herd's x86tso.cat. SeqCst stores are xchg. */
function isTso(events: readonly Event[], po: Relation, rf: Relation, co: Relation, fr: Relation): boolean {
  const n = events.length
  const isFence = (e: Event) => e.statement?.op === 'A' || (e.sc && e.writes)
  const ppo = relation(
    n,
    (a, b) =>
      po[a][b] &&
      (!(events[a].writes && !events[b].writes) ||
        events.some((f, k) => isFence(f) && (k === a || po[a][k]) && (k === b || po[k][b]))),
  )
  return isAcyclic(union(ppo, external(events, rf), co, fr))
}

/**
 * ARMv8: Pulte et al. (POPL 2018), as in herd's aarch64.cat. SeqCst loads are ldar, SeqCst stores stlr, and a
 * read-modify-write is a loop of ldaxr and stlxr: here two events, numbered i and n + i.
 */
function isArm(events: readonly Event[], po: Relation, rf: Relation, co: Relation, fr: Relation): boolean {
  const n = events.length
  const has = (i: number, part: 'R' | 'W') => {
    const e = events[i % n]
    return part === 'R' ? i < n && e.reads : e.writes && (e.reads ? i >= n : i < n)
  }
  const exists = (i: number) => i < n || (events[i - n].reads && events[i - n].writes)
  const both = (holds: (i: number, j: number) => boolean) =>
    relation(2 * n, (i, j) => exists(i) && exists(j) && holds(i, j))
  const po2 = both((i, j) => po[i % n][j % n] || i + n === j)
  const ext = (of: Relation, from: 'R' | 'W', to: 'R' | 'W') =>
    both((i, j) => has(i, from) && has(j, to) && of[i % n][j % n] && events[i % n].thread !== events[j % n].thread)
  const obs = union(ext(rf, 'W', 'R'), ext(co, 'W', 'W'), ext(fr, 'R', 'W'))
  const addr = both((i, j) => {
    const s = events[j % n].statement
    return (
      i < n && (s?.op === 'R' || s?.op === 'W') && s.through !== undefined && po[i][j % n] && events[i].id === s.through
    )
  })
  const dob = union(
    addr,
    both((i, j) => has(j, 'W') && events.some((_, k) => addr[i][k] && (po2[k][j] || po2[k][j % n]))),
    both(
      (i, j) => has(j, 'R') && events.some((_, k) => addr[i][k] && rf[k][j] && events[k].thread === events[j].thread),
    ),
  )
  const rmw = both((i, j) => i + n === j)
  const aob = union(
    rmw,
    both((i, j) => i >= n && j < n && rf[i - n][j] && events[i - n].thread === events[j].thread && events[j].sc),
  )
  const isA = (i: number) => has(i, 'R') && events[i % n].sc
  const isL = (i: number) => has(i, 'W') && events[i % n].sc
  const bob = both((i, j) => po2[i][j] && (isA(i) || isL(j) || (isL(i) && isA(j))))
  // Atomicity: nobody stores between the two halves.
  for (let i = 0; i < n; i++)
    if (events[i].reads && events[i].writes && events.some((_, v) => v !== i && fr[i][v] && co[v][i])) return false
  return isAcyclic(union(obs, dob, aob, bob))
}
