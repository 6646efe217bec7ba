/**
 * Who holds which lock, waits in which queue, is inside which read section.
 */
import { createHeldLocks, type HeldLocks } from './held-locks.ts'
import { createShadow, resetShadow, type Shadow } from './shadow.ts'

export interface Primitives {
  /** Whether anything but locks has been touched in this execution. */
  used: boolean
  readonly locks: HeldLocks
  /** cell's address -> waiters, first come first. */
  readonly waiters: Map<number, number[]>
  /** By thread. */
  readonly woken: number[]
  /** When the sleep of a thread ends, and what time it is: both in milliseconds since the execution began. */
  readonly deadlines: number[]
  now: number
  /**
   * How long each thread has slept, where timeouts may run out at any moment: its own time, since there is no other.
   */
  readonly slept: number[]
  /** By the address that stands for a place in a queue of messages: how many have been posted there and before. */
  readonly posted: Map<number, number>
  /** How deep in read sections, by thread. */
  readonly nesting: number[]
  /** Counts section entries and exits of the outermost sections, by thread: odd is open. */
  readonly sections: number[]
  readonly exits: number[]
  /** What a thread in a grace period or barrier still waits for: (thread, section) pairs, latest last. */
  readonly waits: number[][]
  /** Callbacks queued, by thread. */
  readonly turns: number[]
  /** parent and turn -> helper thread; stays over executions. */
  readonly helpers: Map<number, number>
  /** The event that queued a helper thread. */
  readonly parents: number[]
  /** Helper threads queued in this execution. */
  readonly queued: number[]
  readonly shadow: Shadow
}

export function createPrimitives(threads: number): Primitives {
  const zeros = () => new Array<number>(threads).fill(0)
  return {
    used: false,
    locks: createHeldLocks(),
    waiters: new Map(),
    woken: zeros(),
    deadlines: zeros(),
    now: 0,
    slept: zeros(),
    posted: new Map(),
    nesting: zeros(),
    sections: zeros(),
    exits: zeros(),
    waits: [],
    turns: zeros(),
    helpers: new Map(),
    parents: [],
    queued: [],
    shadow: createShadow(),
  }
}

/** Nothing held, nobody waiting, no section open. */
export function resetPrimitives(p: Primitives): void {
  p.locks.count = 0
  if (p.waiters.size > 0) p.waiters.clear()
  if (!p.used) return
  p.used = false
  p.now = 0
  for (let t = 0; t < p.sections.length; t++) {
    p.woken[t] = p.nesting[t] = p.sections[t] = p.exits[t] = p.turns[t] = p.slept[t] = 0
  }
  p.posted.clear()
  p.waits.length = 0
  p.queued.length = 0
  resetShadow(p.shadow)
}
