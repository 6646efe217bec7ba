/**
 * An agent's own queue of jobs: what ECMA-262 and Node have a thread do when its code has come to an end.
 *
 * Jobs run in Node's order: all that `nextTick` queued, then all jobs of promises, and again until none is left.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA } from '../runtime/thrown-value.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from '../twins/refuse.ts'

/** Something that an agent does later. */
export type Job = () => Twin<void>

/** What a promise of ours knows. */
export interface Promised {
  readonly promise: Promise<unknown>
  readonly agent: Agent
  status: 'pending' | 'fulfilled' | 'rejected'
  /** What it was fulfilled with, or rejected for. */
  value: unknown
  /** What waits for it. */
  reactions: Reaction[]
  /** Whether anybody has asked what becomes of it. */
  handled: boolean
}

/** What is to be done when a promise is settled. */
export interface Reaction {
  readonly fulfilled: ((value: unknown) => Twin) | undefined
  readonly rejected: ((reason: unknown) => Twin) | undefined
  /** Whose promise is settled with what that gives; undefined: nobody's. */
  readonly derived: Capability | undefined
}

/** A promise with what settles it. */
export interface Capability {
  readonly promise: unknown
  readonly resolve: (value: unknown) => Twin<void>
  readonly reject: (reason: unknown) => Twin<void>
}

export interface Agent {
  readonly execution: number
  readonly number: number
  readonly ticks: Job[]
  readonly jobs: Job[]
  /** Promises that were rejected, of which nobody has asked what became of them. */
  readonly unheard: Set<Promised>
  /** What its thread gave, while nobody has been told what came of that. */
  main: Promised | undefined
  /** Where it has awaited something last. */
  awaits: number
  /** It has tasks, which run one at a time: its thread holds it until its function has come to an end. */
  held: boolean
  /** Callbacks of `setImmediate` that the next task runs, which is there already if there are any. */
  immediates: Immediate[]
  /** Timers that have not run out, earliest first, and the task that waits for the first of them. */
  readonly timers: Timer[]
  timersTask: number | undefined
  /** The time that this task waits for. */
  armed: number
  /** Timers that were set so far. */
  timersSet: number
  /** Tasks that have begun. */
  tasks: number
  /** Ports that it has used, of which it has not sent away all. */
  readonly ports: Set<{ readonly agent: Agent | undefined; readonly closed: boolean }>
  /** What `process` is to it, if it has one of its own. */
  process: { readonly env: Readonly<Record<string, string | undefined>> } | undefined
  /** `import(request)` of the files that it evaluates for itself, if it does. */
  importLater: ((request: string) => Twin) | undefined
  /** What becomes of what a job or task of it throws; undefined: it is thrown on. */
  failing: Failing | undefined
  /** The task that runs is there to end it, if nothing keeps it. */
  ending: boolean
  /** It has made a BroadcastChannel. */
  hearsAll: boolean
  /** What it is if it is one of a browser: a page or a dedicated worker. */
  browser: InBrowser | undefined
  /** Runs a task of an agent that ends by itself: a worker. */
  life: ((work: Twin<void>) => Twin<void>) | undefined
}

/** What an agent is in a browser. */
export interface InBrowser {
  readonly isPage: boolean
  /** What its files take in place of globals: `self`. */
  readonly self: object
  readonly url: string
  /** It has called `close()`. */
  closing: boolean
  /** Calls one who listens: what that throws is reported, and then jobs run. */
  callback(work: Twin<void>): Twin<void>
}

/** Who hears of what goes wrong in an agent. Both give whether anybody did. */
export interface Failing {
  /** What else was to be done in the same task is done all the same. */
  readonly goesOn?: boolean
  thrown(error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): Twin<boolean>
  rejected(state: Promised): Twin<boolean>
}

/** A callback of `setImmediate`. */
export interface Immediate {
  readonly job: Job
  cleared: boolean
}

/** A timer that has been set. */
export interface Timer {
  readonly job: Job
  readonly site: number
  readonly milliseconds: number
  /** An interval: it is set again when its callback has run. */
  readonly repeats: boolean
  /** Which one it is of its agent. */
  readonly number: number
  deadline: number
  /** Whether its agent waits for it. */
  keeps: boolean
  cleared: boolean
}

const agents = ofAllCopies('agents', () => ({ of: new Map<number, Agent>() }))

export const NOWHERE =
  'a promise, a timer or whatever else a thread does later is explored without a memory model alone: leave `memory` out'

/** The agent that runs. Refused where nobody would run its jobs. */
export function currentAgent(): Agent {
  if (runtime.hooks() === undefined) refuse(-1, NOWHERE)
  if (runtime.asynchronous !== runtime.execution) {
    runtime.asynchronous = runtime.execution
    agents.of.clear()
  }
  const number = runtime.agent()
  let agent = agents.of.get(number)
  if (agent === undefined) {
    agent = {
      execution: runtime.execution,
      number,
      ticks: [],
      jobs: [],
      unheard: new Set(),
      main: undefined,
      awaits: -1,
      held: false,
      immediates: [],
      timers: [],
      timersTask: undefined,
      armed: 0,
      timersSet: 0,
      tasks: 0,
      ports: new Set(),
      process: undefined,
      importLater: undefined,
      failing: undefined,
      ending: false,
      hearsAll: false,
      browser: undefined,
      life: undefined,
    }
    agents.of.set(number, agent)
  }
  return agent
}

/** Whether the agent that runs has done anything asynchronous in this execution. */
export const isAsynchronous = (): boolean =>
  runtime.asynchronous === runtime.execution && agents.of.has(runtime.agent())

/** Runs jobs until none is left. */
export function* drain(agent: Agent): Twin<void> {
  const { ticks, jobs, unheard } = agent
  for (;;) {
    while (ticks.length > 0 || jobs.length > 0) {
      while (ticks.length > 0) yield* attempt(agent, counted(ticks.shift()!), 0)
      while (jobs.length > 0) yield* attempt(agent, counted(jobs.shift()!))
    }
    const [state] = unheard
    if (state === undefined) return
    if (agent.failing === undefined || !(yield* agent.failing.rejected(state))) {
      runtime.unheard = { value: state.value }
      throw state.value
    }
  }
}

const LATER =
  "what 'uncaughtException' hears of is thrown while others of the same task wait: when they go on is not explored; catch it where it is thrown"

/**
 * Does a piece of work, which may throw what somebody hears of: then its agent goes on. `left`: so many more come after
 * it; undefined: it is a job of a promise, behind which all goes on as if it had not thrown.
 */
export function* attempt(agent: Agent, work: Twin<void>, left?: number): Twin<void> {
  const { failing, ticks, jobs, unheard } = agent
  if (failing === undefined) {
    yield* work
    return
  }
  try {
    yield* work
  } catch (error) {
    if (isA(error, Refusal) || !(yield* failing.thrown(error, 'uncaughtException'))) throw error
    if (failing.goesOn !== true && left !== undefined && left + ticks.length + jobs.length + unheard.size > 0)
      refuse(-1, LATER)
  }
}

/** Jobs may go on for ever without a visible step. */
function counted(job: Job): Twin<void> {
  if ((runtime.spare -= 16) < 0) runtime.endless(-1)
  runtime.hooks()?.began()
  return job()
}
