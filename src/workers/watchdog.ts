/**
 * The watchdog: looks from the main thread at what each CPU waits for, and tells a hang instead of suffering it.
 *
 * A CPU writes what it waits for into its own corner (beginWait). The same wait seen for too long is a soft lockup or
 * an RCU stall, and the words tell who is in the way: a lock word holds its owner, a grace period waits for a CPU's
 * `quiescent` word. The memory of a machine that hangs may be damaged, so nothing read there is taken for a place or a
 * CPU before it is seen to be one.
 */

import { describeWord } from '../shared/describe.ts'
import type { Memory } from '../shared/memory.ts'
import { HEADER } from '../shared/records.ts'
import { PERCPU, WAITING_GRACE_PERIOD, WAITING_LOCK, WAITING_MUTEX } from '../sync/cpu.ts'
import { lockOwner } from '../sync/lock-word.ts'
import { cpuBase } from '../sync/rcu-layout.ts'
import { MachineFailure } from './failure.ts'

/** Milliseconds between two looks. */
const INTERVAL = 200
/** Looks that must have shown the same wait; guards against a main thread that was itself held up. */
const LOOKS = 5

/** One CPU's current wait, and since when we have seen it. */
interface Wait {
  kind: number
  at: number
  ticket: number
  since: number
  looks: number
}

/** The machine as it was when it was sound. */
interface Watched {
  readonly memory: Memory
  readonly cpus: number
  /** Where the CPUs' corners begin: that of the kworker stands behind them. */
  readonly rcu: number
  /** What a CPU is running, for the report. */
  readonly what: (cpu: number) => string
}

/**
 * Starts watching. `what` tells what a CPU is running, for the report; `fail` is called once, with the first hang
 * found. Returns the function that ends it.
 */
export function startWatchdog(
  memory: Memory,
  limitMs: number,
  what: (cpu: number) => string,
  fail: (failure: MachineFailure) => void,
): () => void {
  const { words } = memory
  const watched: Watched = { memory, cpus: words[HEADER.cpus], rcu: words[HEADER.rcu], what }
  const waits: Wait[] = Array.from({ length: watched.cpus }, () => ({
    kind: 0,
    at: 0,
    ticket: 0,
    since: 0,
    looks: 0,
  }))
  const timer = setInterval(() => {
    const now = performance.now()
    for (let id = 0; id < waits.length; id++) {
      const failure = look(watched, id, waits[id], now, limitMs)
      if (failure === undefined) continue
      clearInterval(timer)
      fail(failure)
      return
    }
  }, INTERVAL)
  timer.unref()
  return () => clearInterval(timer)
}

function look(watched: Watched, id: number, wait: Wait, now: number, limitMs: number): MachineFailure | undefined {
  const { words } = watched.memory
  const base = cpuBase(watched.rcu, id)
  const kind = Atomics.load(words, base + PERCPU.waitingKind)
  const at = Atomics.load(words, base + PERCPU.waitingAt)
  const ticket = Atomics.load(words, base + PERCPU.waits)
  if (kind !== wait.kind || at !== wait.at || ticket !== wait.ticket) {
    Object.assign(wait, { kind, at, ticket, since: now, looks: 0 })
    return undefined
  }
  wait.looks++
  const ms = Math.round(now - wait.since)
  if (ms < limitMs || wait.looks < LOOKS) return undefined
  if (kind === WAITING_LOCK) return softLockup(watched, id, at, ms)
  // A mutex may be held through grace periods; whoever is in their way is told by the CPU that waits for them.
  if (kind === WAITING_MUTEX && ms < 2 * limitMs) return undefined
  if (kind === WAITING_MUTEX) return softLockup(watched, id, at, ms)
  if (kind === WAITING_GRACE_PERIOD) return rcuStall(watched, id, at, ms)
  return undefined
}

function softLockup({ memory, cpus, rcu, what }: Watched, id: number, lock: number, ms: number): MachineFailure {
  const { words } = memory
  const waits = `CPU ${id} (${what(id)}) waits since ${ms} ms for`
  if (lock < 0 || lock >= words.length) {
    const whose = `a lock at word ${lock}, and the memory has ${words.length}: what it waits for was overwritten`
    return new MachineFailure('memory-damaged', id, `${waits} ${whose}`)
  }
  const place = `${describeWord(memory, lock)} at word ${lock}`
  const owner = lockOwner(words, lock)
  if (owner >= cpus) {
    const held = `that word holds ${Atomics.load(words, lock)}, which names no CPU: it was overwritten`
    return new MachineFailure('memory-damaged', id, `${waits} ${place}; ${held}`)
  }
  const holder = owner < 0 ? '' : `CPU ${owner} holds it (${what(owner)}${stateOf(words, rcu, owner)})`
  return new MachineFailure('soft-lockup', id, `${waits} ${place}; ${holder || 'nobody holds it any more'}`)
}

function rcuStall({ memory, cpus, rcu, what }: Watched, id: number, at: number, ms: number): MachineFailure {
  const stalled = Math.floor((at - cpuBase(rcu, 0)) / PERCPU.SIZE)
  if (stalled < 0 || stalled >= cpus) {
    const whom = `a grace period at word ${at}, where no CPU is: what it waits for was overwritten`
    return new MachineFailure('memory-damaged', id, `CPU ${id} (${what(id)}) waits since ${ms} ms for ${whom}`)
  }
  return new MachineFailure(
    'rcu-stall',
    stalled,
    `CPU ${stalled} (${what(stalled)}${stateOf(memory.words, rcu, stalled)}) has not been in a quiescent state for ${ms} ms; CPU ${id} (${what(id)}) waits for it`,
  )
}

/** ', in a read section, 1 spin lock held': what the words of a CPU say of it. A hint: it may be running. */
function stateOf(words: Int32Array, rcu: number, id: number): string {
  const base = cpuBase(rcu, id)
  const nesting = Atomics.load(words, base + PERCPU.nesting)
  const locks = Atomics.load(words, base + PERCPU.locksHeld)
  const waiting =
    Atomics.load(words, base + PERCPU.waitingKind) === WAITING_LOCK
      ? `, waiting for the lock at word ${Atomics.load(words, base + PERCPU.waitingAt)}`
      : ''
  return `${nesting > 0 ? ', in a read section' : ''}${locks > 0 ? `, ${locks} spin lock${locks === 1 ? '' : 's'} held` : ''}${waiting}`
}
