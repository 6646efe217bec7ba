/**
 * An exact shadow of what the allocator declared: which words belong to a live object, which to a dead one.
 *
 * Nothing is known but what ALLOC, FREE and ARENA said. A word never declared belongs to nobody's heap and may
 * be touched freely. The shadow after setup is kept, and every execution starts from it.
 */

/** Never declared. */
const UNKNOWN = 0
/** In an allocator's arena, not in any object yet. */
export const ARENA_WORD = 1
export const LIVE = 2
export const DEAD = 3

/** One object. */
export interface Allocation {
  readonly id: number
  start: number
  end: number
  /** The value by which a program refers to it: the element index it was declared with. */
  pointer: number
  /** Its elements. */
  length: number
  kind: string
  /** The events that made and freed it in this execution; -1: setup did, or nobody. */
  made: number
  freed: number
  live: boolean
}

export interface Shadow {
  /** Whether anything was ever declared; until then no access need be judged. */
  used: boolean
  /** State by word. */
  state: Uint8Array
  /** Number of the latest allocation that covers the word, plus 1. */
  owner: Int32Array
  readonly allocations: Allocation[]
  /** How many of them there are in this execution. */
  count: number
  /** Allocations that setup made. */
  settled: number
  /** Nesting of allocator code, by thread. */
  inside: number[]
  /** Word ranges this execution changed. */
  touched: number[]
  initial: { state: Uint8Array; owner: Int32Array } | null
}

export function createShadow(): Shadow {
  return {
    used: false,
    state: new Uint8Array(0),
    owner: new Int32Array(0),
    allocations: [],
    count: 0,
    settled: 0,
    inside: [],
    touched: [],
    initial: null,
  }
}

function reach(shadow: Shadow, words: number): void {
  if (words <= shadow.state.length) return
  const size = Math.max(1024, words * 2)
  const wider = (from: Uint8Array | Int32Array, to: Uint8Array | Int32Array) => {
    to.set(from)
    return to
  }
  shadow.state = wider(shadow.state, new Uint8Array(size)) as Uint8Array
  shadow.owner = wider(shadow.owner, new Int32Array(size)) as Int32Array
  if (shadow.initial !== null) {
    shadow.initial.state = wider(shadow.initial.state, new Uint8Array(size)) as Uint8Array
    shadow.initial.owner = wider(shadow.initial.owner, new Int32Array(size)) as Int32Array
  }
}

/** The bytes from `start` to `end` are an allocator's; only objects inside may be touched. */
export function declareArena(shadow: Shadow, start: number, end: number): void {
  shadow.used = true
  reach(shadow, (end + 3) >> 2)
  for (let w = start >> 2; w < end >> 2; w++) if (shadow.state[w] === UNKNOWN) shadow.state[w] = ARENA_WORD
}

/** An object begins to live. `event` is -1 in setup. */
export function declareLive(
  shadow: Shadow,
  start: number,
  end: number,
  { pointer, length }: { readonly pointer: number; readonly length: number },
  kind: string,
  event: number,
): Allocation {
  shadow.used = true
  reach(shadow, (end + 3) >> 2)
  const id = shadow.count++
  // Executions declare mostly the same objects again, so their records are used again.
  const allocation = (shadow.allocations[id] ??= recordOf(id))
  allocation.start = start
  allocation.end = end
  allocation.pointer = pointer
  allocation.length = length
  allocation.kind = kind
  allocation.made = event
  allocation.freed = -1
  allocation.live = true
  paint(shadow, start, end, LIVE, allocation.id + 1)
  return allocation
}

const recordOf = (id: number): Allocation => {
  return { id, start: 0, end: 0, pointer: 0, length: 0, kind: '', made: -1, freed: -1, live: true }
}

/** The object at `start` dies. Returns it, or undefined if no live object begins there. */
export function declareDead(shadow: Shadow, start: number, event: number): Allocation | undefined {
  const allocation = allocationAt(shadow, start)
  if (allocation === undefined || !allocation.live || allocation.start !== start) return undefined
  allocation.live = false
  allocation.freed = event
  paint(shadow, start, allocation.end, DEAD, allocation.id + 1)
  return allocation
}

function paint(shadow: Shadow, start: number, end: number, state: number, owner: number): void {
  const { state: states, owner: owners } = shadow
  if (shadow.initial !== null) shadow.touched.push(start >> 2, (end + 3) >> 2)
  for (let w = start >> 2; w < (end + 3) >> 2; w++) {
    states[w] = state
    owners[w] = owner
  }
}

/** The latest allocation that covers an address. */
export function allocationAt(shadow: Shadow, address: number): Allocation | undefined {
  const owner = shadow.owner[address >> 2]
  return owner === undefined || owner === 0 ? undefined : shadow.allocations[owner - 1]
}

/** What setup declared becomes the start of every execution. */
export function settleShadow(shadow: Shadow): void {
  shadow.settled = shadow.count
  shadow.initial = { state: shadow.state.slice(), owner: shadow.owner.slice() }
}

/** Back to what setup declared. */
export function resetShadow(shadow: Shadow): void {
  shadow.inside.length = 0
  if (!shadow.used || shadow.initial === null) return
  const { touched, initial, state, owner } = shadow
  for (let k = 0; k < touched.length; k += 2) {
    for (let w = touched[k]; w < touched[k + 1]; w++) {
      state[w] = initial.state[w]
      owner[w] = initial.owner[w]
    }
  }
  touched.length = 0
  shadow.count = shadow.settled
  for (let k = 0; k < shadow.settled; k++) {
    const allocation = shadow.allocations[k]
    if (allocation.freed >= 0) {
      allocation.live = true
      allocation.freed = -1
    }
  }
}
