/**
 * What an exploration knows while it runs, in parts by who may write them. Whoever has an `Execution` may read all of
 * it.
 *
 * The compiler holds to that where it can: the engine alone takes a `Position` for writing, as
 * `const position: Position = x.position`.
 */

import type { Engine } from '../runtime/engine.ts'
import type { Twin } from '../runtime/twin.ts'
import { type Agents, createAgents } from './agents-state.ts'
import type { Finding } from './finding.ts'
import { createMemory, type Memory } from './memory.ts'
import { noPending, type Pending } from './pending-state.ts'
import { createPrimitives, type Primitives } from './primitives-state.ts'
import { NOBODY, type Strategy } from './strategy.ts'
import { createTrace, type Trace } from './trace.ts'
import { createTurns, type Turns } from './turns-state.ts'

export interface Execution {
  /** The shared buffers of the program. Its threads write them; the engine puts them back before each execution. */
  readonly memory: Memory
  /**
   * The events. The engine adds them; searches take them off the end between executions, and add rows only to take them
   * off again.
   */
  readonly trace: Trace
  /** Locks, wait queues, read sections, the allocator's shadow. Written by the engine, anew in each execution. */
  readonly primitives: Primitives
  /** How far the turns of loops have come. Written by the engine, anew in each execution. */
  readonly turns: Turns
  readonly program: Readonly<Threads>
  /** What threads do asynchronously. Written by `agents.ts`, anew in each execution. */
  readonly agents: Agents
  readonly position: Readonly<Position>
  readonly limits: Limits
  readonly hooks: Hooks
  /**
   * What went wrong with this execution. Added to by `fail` alone; those that will be found again are dropped when the
   * next one begins.
   */
  readonly findings: Finding[]
  readonly totals: Totals
}

/**
 * The program: what is to run. Fixed when the execution is created, but for what is said below. By thread, where it is
 * a list.
 */
export interface Threads {
  /** Threads of the program; those after them are helpers. Constant. */
  readonly given: number
  /** The given ones are constant; `createHelper` adds those of helper threads. */
  readonly bodies: (() => Twin)[]
  /** For a reader. As `bodies`. */
  readonly names: string[]
  /**
   * The threads in schedule lines: their numbers, and `2.1` for the first callback that thread 2 queued. As `bodies`.
   */
  readonly labels: string[]
  /** When the timeout of a wait may run out: when nobody can go on, at any moment, or never. Constant. */
  readonly timeouts: 'idle' | boolean
  /** Threads that may be left waiting at the end. Constant. */
  readonly daemons: readonly boolean[]
  /** An invariant watches: every store depends on all that touches memory. Constant. */
  readonly watched: boolean
  /**
   * The first operation of each given thread; undefined: it has none. Written before the first execution, by `run`,
   * then constant.
   */
  readonly first: (Pending | undefined)[]
  /** Given threads that must be started before their first operation is chosen. As `first`. */
  readonly eager: boolean[]
}

/** The position: how far this execution has come. Only the engine writes it. By thread, where it is a list. */
export interface Position {
  /** Events of this execution so far. Written by `announce` and `execute`; set back by `run`. */
  step: number
  /** Who is next, if that is known already; -1. From `announce` to `run`, which takes it. */
  chosen: number
  /** The thread whose code runs; -1: the author's code outside of threads. Written by `run` and `outsideThreads`. */
  current: number
  /** The current thread is on the way to its first operation, which has been chosen. From `run` to `announce`. */
  starting: boolean
  /**
   * Why this execution ended early, or ''; 'circle': threads go round, and others are never asked. Written by
   * `execute`, `differs` and `fail`.
   */
  stopped: '' | 'steps' | 'circle' | 'finding' | 'nondeterminism'
  /** The new event whose stored value is not yet known; -1. From `execute` to `finish`. */
  unfinished: number
  /** ABSENT, LAZY, READY or DONE. Written by `run`, and by `perform` for a helper thread. */
  status: Uint8Array
  /** Null before a thread has started and after it has ended. Written by `run`. */
  readonly generators: (Twin | null)[]
  /**
   * What each thread is about to do. Written by `announce`, and by `perform` for operations that take several steps.
   */
  readonly pending: Pending[]
  /**
   * The record that a started thread announces its operations in: `pending` is `program.first` until then. Constant.
   */
  readonly own: Pending[]
  /** What each thread returned. Written by `run`. */
  readonly results: unknown[]
}

/** The limits. Written between executions, by whoever has them run. */
export interface Limits {
  /** Steps after which an execution is given up. */
  maxSteps: number
  /** Stop an execution at its first finding. */
  stopAtFinding: boolean
}

/** The hooks: who is asked, and told. */
export interface Hooks {
  /** Written by `run`, which puts the old one back. */
  readonly strategy: Strategy
  /**
   * Who is asked in the engine's place, and asks it, while an execution is run again; null: nobody. No other engine is
   * installed for it, since the code that asks would be slower from then on. Written by the audit.
   */
  between: Pick<Engine, 'op' | 'turn'> | null
  /** Called for each new event before it is performed, to look for faults. Written once, by the detectors. */
  detect: ((i: number) => void) | null
  /**
   * What the threads run in the place of their bodies, while an execution is run again; null: those. `bodies` stay as
   * they are, since the code that begins them would be slower from then on. Written by `runAgain`.
   */
  instead: ((body: () => Twin) => Twin) | null
  /** Called after each visible operation has been performed. Written once, by the program made ready. */
  performed: (() => void) | null
}

/** Of all executions so far. Written by the engine, and never read by it but for the first execution. */
export interface Totals {
  /** Executions that were run. */
  executions: number
  /** A sleep with a timeout began that time ends only when nobody can go on. */
  slept: boolean
  /** Steps that were not replayed. The exact search takes off those that it had to run a second time. */
  newSteps: number
  /** A function of the language that a thread replaced, and that was put back; '' if none did. */
  replaced: string
}

/** Prepares executions of these threads. The memory they share is as it is at the first one. */
export function createExecution(
  bodies: readonly (() => Twin)[],
  names: readonly string[],
  { timeouts = false as 'idle' | boolean, watched = false, daemons = [] as readonly boolean[] } = {},
): Execution {
  const given = bodies.length
  const trace = createTrace(given)
  return {
    memory: createMemory(),
    trace,
    primitives: createPrimitives(given),
    turns: createTurns(),
    agents: createAgents(trace.agents),
    program: {
      given,
      bodies: [...bodies],
      names: [...names],
      labels: bodies.map((_, t) => String(t)),
      timeouts,
      daemons,
      watched,
      first: [],
      eager: [],
    },
    position: {
      step: 0,
      chosen: -1,
      current: -1,
      starting: false,
      stopped: '',
      unfinished: -1,
      status: new Uint8Array(Math.max(16, given * 2)),
      generators: bodies.map(() => null),
      pending: bodies.map(noPending),
      own: bodies.map(noPending),
      results: [],
    },
    limits: { maxSteps: 100_000, stopAtFinding: true },
    hooks: { strategy: NOBODY, between: null, detect: null, performed: null, instead: null },
    findings: [],
    totals: { executions: 0, slept: false, newSteps: 0, replaced: '' },
  }
}

/** Does something within other limits, and puts these back. */
export function within<T>(x: Execution, limits: Partial<Limits>, work: () => T): T {
  const before = { ...x.limits }
  Object.assign(x.limits, limits)
  try {
    return work()
  } finally {
    Object.assign(x.limits, before)
  }
}

/** A thread's name in a sentence. */
export function nameOfThread({ program }: Execution, t: number): string {
  const name = program.names[t] ?? String(t)
  return /^\d+$/.test(name) ? `thread ${name}` : name
}
