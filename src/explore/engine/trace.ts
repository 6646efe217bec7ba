/**
 * The events of one execution, as columns of typed arrays.
 *
 * Beside what it does, each event keeps the clock of its past and the list of earlier events it is in an immediate
 * race with. A replayed prefix keeps them; taking events off the end undoes everything exactly.
 */

export interface Trace {
  /** Events in force. */
  n: number
  /** Threads known so far. */
  threads: number
  /**
   * The threads from the lowest to the highest, and the place of each there. Those that the program has from the start
   * come by their numbers; helpers, which are numbered as they turn up, by their labels: that is the same in every
   * search of the program, wherever it begins.
   */
  readonly order: number[]
  readonly rank: number[]
  /** Clock entries per event: capacity for threads. */
  stride: number
  capacity: number
  thread: Int32Array
  kind: Int32Array
  class: Int32Array
  /** The bytes that decide what depends on it: those it touches, or all of them when an invariant watches stores. */
  start: Int32Array
  end: Int32Array
  /** The bytes it touches. */
  address: Int32Array
  limit: Int32Array
  site: Int32Array
  /** How many events of its own thread came before. */
  nth: Int32Array
  /** The event of its own thread before it, -1 for none. (Who queued a helper thread stands in primitives.parents.) */
  past: Int32Array
  /** The event before it on the same word (or among the wide ones). */
  back: Int32Array
  /** Its word's number; 0 for events that span more than one word. */
  place: Int32Array
  /** The aligned word(s) under the event before and after it; high ones for 8 bytes. */
  oldLow: Int32Array
  oldHigh: Int32Array
  newLow: Int32Array
  newHigh: Int32Array
  clock: Int32Array
  racesFrom: Int32Array
  races: Int32Array
  racesLength: number
  /** The shape of the view it goes through, or null. */
  shape: unknown[]
  /** What its outcome depends on besides memory: a CAS's expected value, an await's predicate. */
  extra: unknown[]
  /** The latest event of each thread, -1 for none. */
  last: Int32Array
  /** The latest event on each place; place 0 holds the wide ones. */
  head: Int32Array
  places: number
  /** word address -> place; open addressing. */
  slots: Int32Array
  slotPlace: Int32Array
  /** Bytes of wide stores, by event: needed to evaluate a word after a part of the execution. */
  wide: Map<number, Uint8Array>
  /** By event that is a `waitAsync`: the helper thread that waits. */
  readonly waiters: number[]
  /** By helper thread: the agent whose task it runs. */
  readonly agents: (number | undefined)[]
  /** By thread: the event that has ended it, while it had more to do. Of this execution alone. */
  readonly cut: (number | undefined)[]
}

const COLUMNS = [
  'thread',
  'kind',
  'class',
  'start',
  'end',
  'site',
  'nth',
  'past',
  'back',
  'place',
  'address',
  'limit',
] as const
const VALUES = ['oldLow', 'oldHigh', 'newLow', 'newHigh', 'racesFrom'] as const

export function createTrace(threads: number): Trace {
  const capacity = 256
  const stride = Math.max(2, threads)
  const column = () => new Int32Array(capacity)
  return {
    n: 0,
    threads,
    order: Array.from({ length: threads }, (_, t) => t),
    rank: Array.from({ length: threads }, (_, t) => t),
    stride,
    capacity,
    thread: column(),
    kind: column(),
    class: column(),
    start: column(),
    end: column(),
    site: column(),
    nth: column(),
    past: column(),
    back: column(),
    place: column(),
    address: column(),
    limit: column(),
    oldLow: column(),
    oldHigh: column(),
    newLow: column(),
    newHigh: column(),
    racesFrom: column(),
    clock: new Int32Array(capacity * stride),
    races: new Int32Array(256),
    racesLength: 0,
    shape: [],
    extra: [],
    last: new Int32Array(stride).fill(-1),
    head: new Int32Array(256).fill(-1),
    places: 1,
    slots: new Int32Array(512).fill(-1),
    slotPlace: new Int32Array(512),
    wide: new Map(),
    waiters: [],
    agents: [],
    cut: [],
  }
}

function grown(from: Int32Array, length: number, fill = 0): Int32Array {
  const to = new Int32Array(length)
  if (fill !== 0) to.fill(fill)
  to.set(from)
  return to
}

function growEvents(trace: Trace): void {
  trace.capacity *= 2
  for (const name of COLUMNS) trace[name] = grown(trace[name], trace.capacity)
  for (const name of VALUES) trace[name] = grown(trace[name], trace.capacity)
  trace.clock = grown(trace.clock, trace.capacity * trace.stride)
}

/** Makes room for one more thread, which comes before those for which that holds, and returns its number. */
export function addThread(trace: Trace, isBefore: (other: number) => boolean): number {
  if (trace.threads === trace.stride) {
    const { stride, clock, capacity } = trace
    const wider = new Int32Array(capacity * stride * 2)
    for (let i = 0; i < trace.n; i++) wider.set(clock.subarray(i * stride, (i + 1) * stride), i * stride * 2)
    trace.clock = wider
    trace.stride = stride * 2
    trace.last = grown(trace.last, trace.stride, -1)
  }
  const { order, rank } = trace
  const next = order.findIndex(isBefore)
  order.splice(next < 0 ? order.length : next, 0, trace.threads)
  for (const [place, t] of order.entries()) rank[t] = place
  return trace.threads++
}

/** Notes that the event appended last is in an immediate race with the earlier `j`. */
export function addRace(trace: Trace, j: number): void {
  if (trace.racesLength === trace.races.length) trace.races = grown(trace.races, trace.races.length * 2)
  trace.races[trace.racesLength++] = j
}

/** The place of a word, a small number. */
export function placeOf(trace: Trace, word: number): number {
  const { slots, slotPlace } = trace
  const mask = slots.length - 1
  let at = (Math.imul(word, 0x9e3779b1) >>> 7) & mask
  while (slots[at] !== -1) {
    if (slots[at] === word) return slotPlace[at]
    at = (at + 1) & mask
  }
  const place = trace.places++
  slots[at] = word
  slotPlace[at] = place
  if (place === trace.head.length) trace.head = grown(trace.head, place * 2, -1)
  if (trace.places * 2 > slots.length) rehash(trace)
  return place
}

function rehash(trace: Trace): void {
  const { slots, slotPlace } = trace
  const mask = slots.length * 2 - 1
  trace.slots = new Int32Array(mask + 1).fill(-1)
  trace.slotPlace = new Int32Array(mask + 1)
  for (let i = 0; i < slots.length; i++) {
    if (slots[i] === -1) continue
    let at = (Math.imul(slots[i], 0x9e3779b1) >>> 7) & mask
    while (trace.slots[at] !== -1) at = (at + 1) & mask
    trace.slots[at] = slots[i]
    trace.slotPlace[at] = slotPlace[i]
  }
}

/** A row behind the last event, to become one or to be filled with an operation that is none. */
export function spareRow(trace: Trace): number {
  if (trace.n === trace.capacity) growEvents(trace)
  return trace.n
}

/** Takes events off the end until `n` are left. */
export function truncate(trace: Trace, n: number): void {
  const { place, back, head, last, thread, past, wide } = trace
  for (let i = trace.n - 1; i >= n; i--) {
    if (place[i] >= 0) head[place[i]] = back[i]
    last[thread[i]] = past[i]
    if (wide.size > 0) wide.delete(i)
  }
  if (n < trace.n) trace.racesLength = trace.racesFrom[n]
  trace.n = n
}
