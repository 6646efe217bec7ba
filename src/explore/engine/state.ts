/**
 * What an exploration knows while it runs: the threads, what each is about to do, what went wrong.
 */

import type { Twin } from '../runtime/runtime.ts'
import { createMemory, type Memory, type Shape } from './memory.ts'
import { createPrimitives, type Primitives } from './primitives-state.ts'
import { addThread, createTrace, type Trace } from './trace.ts'

/** A helper thread that this execution has not created. */
export const ABSENT = 0
/** Not started; its first operation is known from the first execution. */
export const LAZY = 1
export const READY = 2
export const DONE = 3

/** Decides who goes next. */
export interface Strategy {
  /** The thread to go on with at `execution.step`; -1: nobody can, or nobody should. */
  choose(): number
  /** Event `i` is new in the trace; its thread is about to perform it. */
  stepped(i: number): void
}

/** A way in which one execution went wrong. */
export interface Finding {
  kind: string
  message: string
  /** Site numbers, most telling first. */
  sites: number[]
  /** The events that matter most, by number. */
  events: number[]
  thread: number
  /** The event at which it was found, so that it is kept while that is replayed; -1: it will be found again. */
  at: number
  /** Reasons in words, where those that its events give are not enough. */
  why?: string[]
  error?: unknown
}

/** The operation that a thread announced last. */
export interface Pending {
  kind: number
  site: number
  start: number
  end: number
  shape: Shape | null
  view: unknown
  index: number
  a: unknown
  b: unknown
}

export interface Execution {
  readonly memory: Memory
  readonly trace: Trace
  readonly primitives: Primitives
  readonly bodies: (() => Twin)[]
  readonly names: string[]
  /** The threads in schedule lines: their numbers, and `2.1` for the first callback that thread 2 queued. */
  readonly labels: string[]
  /** Threads of the program; those after them are helpers. */
  readonly given: number
  readonly generators: (Twin | null)[]
  status: Uint8Array
  readonly pending: Pending[]
  /** The record that a started thread announces its operations in. */
  readonly own: Pending[]
  /** The first operation of each given thread, from the first execution; undefined: it has none. */
  readonly first: (Pending | undefined)[]
  /** Given threads that must be started before their first operation is chosen. */
  readonly eager: boolean[]
  readonly results: unknown[]
  strategy: Strategy
  /** Events of this execution so far. */
  step: number
  chosen: number
  current: number
  starting: boolean
  /** Runs a helper thread's body up to its first operation. */
  startHelper: (x: Execution, t: number) => void
  /** Why this execution ended early, or ''. */
  stopped: string
  maxSteps: number
  /** An invariant watches: every store depends on all that touches memory. */
  watched: boolean
  /** The timeout of a wait may run out. */
  timeouts: boolean
  /** Stop an execution at its first finding. */
  stopAtFinding: boolean
  findings: Finding[]
  /** Called for each new event before it is performed, to look for faults. */
  detect: ((i: number) => void) | null
  /** Called after each visible operation has been performed. */
  performed: (() => void) | null
  /** The new event whose stored value is not yet known. */
  unfinished: number
  lastView: unknown
  lastShape: Shape | null
  otherView: unknown
  otherShape: Shape | null
  /** Executions run, events in all of them, and those that were not replayed. */
  executions: number
  points: number
  newPoints: number
}

export const noPending = (): Pending => ({
  kind: -1,
  site: 0,
  start: 0,
  end: 0,
  shape: null,
  view: null,
  index: 0,
  a: undefined,
  b: undefined,
})

/** Prepares executions of these threads. The memory they share is as it is now. */
export function createExecution(bodies: readonly (() => Twin)[], names: readonly string[], memory = createMemory()) {
  const given = bodies.length
  const x: Execution = {
    memory,
    trace: createTrace(given),
    primitives: createPrimitives(given),
    bodies: [...bodies],
    names: [...names],
    labels: bodies.map((_, t) => String(t)),
    given,
    generators: bodies.map(() => null),
    status: new Uint8Array(Math.max(16, given * 2)),
    pending: bodies.map(noPending),
    own: bodies.map(noPending),
    first: [],
    eager: [],
    results: [],
    strategy: { choose: () => -1, stepped: () => {} },
    step: 0,
    chosen: -1,
    current: -1,
    starting: false,
    startHelper: () => {},
    stopped: '',
    maxSteps: 100_000,
    watched: false,
    timeouts: false,
    stopAtFinding: true,
    findings: [],
    detect: null,
    performed: null,
    unfinished: -1,
    lastView: null,
    lastShape: null,
    otherView: null,
    otherShape: null,
    executions: 0,
    points: 0,
    newPoints: 0,
  }
  return x
}

/** A thread's name in a sentence. */
export function nameOfThread(x: Execution, t: number): string {
  const name = x.names[t] ?? String(t)
  return /^\d+$/.test(name) ? `thread ${name}` : name
}

/** Records that this execution went wrong. */
export function fail(x: Execution, finding: Finding): void {
  x.findings.push(finding)
  if (x.stopAtFinding) x.stopped = 'finding'
}

/**
 * Creates the helper thread that runs a callback. It keeps its number for all executions of a search; another search
 * may number it differently, so what is written down uses its label.
 */
export function createHelper(x: Execution, parent: number, turn: number, body: () => Twin): number {
  const { helpers } = x.primitives
  const key = parent * 65_536 + turn
  let t = helpers.get(key)
  if (t === undefined) {
    t = addThread(x.trace)
    helpers.set(key, t)
    x.pending[t] = x.own[t] = noPending()
    x.labels[t] = `${x.labels[parent]}.${turn + 1}`
    x.names[t] = `callback ${turn + 1} of ${nameOfThread(x, parent)}`
    if (t === x.status.length) {
      const wider = new Uint8Array(t * 2)
      wider.set(x.status)
      x.status = wider
    }
  }
  x.bodies[t] = body
  x.generators[t] = null
  x.results[t] = undefined
  return t
}

/** Numbers helper threads as an earlier search did, whose labels these are. */
export function restoreHelpers(x: Execution, labels: readonly string[]): void {
  for (const label of labels.slice(x.labels.length)) {
    const dot = label.lastIndexOf('.')
    createHelper(x, x.labels.indexOf(label.slice(0, dot)), Number(label.slice(dot + 1)) - 1, function* () {})
  }
}

/** How an execution ended. A redundant one was begun in vain; an exact search has none. */
export type Ending = 'complete' | 'blocked' | 'redundant' | 'stopped'

/** How an execution ended, by the state of its threads. */
export function endingOf(x: Execution): Ending {
  if (x.stopped !== '') return 'stopped'
  for (let t = 0; t < x.trace.threads; t++) if (x.status[t] !== DONE && x.status[t] !== ABSENT) return 'blocked'
  return 'complete'
}
