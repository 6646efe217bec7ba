/**
 * What the runtime needs of an engine, and of an audit.
 */

import type { Twin } from './twin.ts'

/** Instead of an event, where there has been none. */
export const NEVER = -2

/** A loop that a thread is in. The engine notes how things are at its head, each time that the thread comes there. */
export interface Loop {
  readonly site: number
  /** The latest event of its thread; -1: it had none; NEVER: it has not come to the head. */
  latest: number
  /** What its turns may change, and how much else its thread had changed. */
  values: readonly unknown[]
  changes: number
  /** How deep in read sections. */
  depth: number
  /** How often its thread had paused. */
  pauses: number
  /** Which of its thread's private states that was. */
  version: number
  /** What else the engine has to know; null: nothing. */
  course: unknown
}

/** What a `waitAsync` is handed beside the value: how long it waits, and the task that comes then. */
export interface AsyncWait {
  readonly timeout: number
  readonly body: () => Twin
}

/** What the engine knows of agents: threads with what they do later. */
export interface AgentHooks {
  /** The agent that the running thread belongs to, by number; -1: none runs. */
  current(): number
  /** What an agent is called in a sentence. */
  name(agent: number): string
  /** What tasks of the running agent hold while they run: a word that is locked as a lock is. */
  lock(): Int32Array
  /**
   * Makes a task of the running agent, which is run once by a helper thread: at once, or when that time has come. Gives
   * its number.
   */
  task(what: string, site: number, body: () => Twin, deadline?: number): number
  /** Makes an agent of its own, which begins at once: a worker. Gives its number. */
  worker(name: string, body: () => Twin): number
  /** Whether the running agent has nothing left to wait for but what does not keep it. */
  isIdle(): boolean
  /** Whether a `waitAsync` of the running agent waits. */
  awaitsNotify(): boolean
  /** What the running agent waits for never comes. */
  leave(): void
  /**
   * Whether that agent does nothing any more of its own accord, and all that it did comes before the latest step of the
   * running thread: then it makes no difference where between the two it is ended.
   */
  isQuiet(agent: number): boolean
  /**
   * Whether the running agent waits for what does not keep it, a message or the end of a worker, or has heard of it,
   * other than by these of its tasks.
   */
  mayHear(except: readonly (number | undefined)[]): boolean
  /** Whether a thread of that agent, which has been ended, has printed something since its latest step. */
  hasPrintedLast(agent: number): boolean
  /** Ends that agent. */
  end(agent: number): void
  /** Makes a task of the running agent, outside of its loop, which ends that agent at some moment from now on. */
  ends(agent: number, what: string, site: number, body: () => Twin): void
  /**
   * The program ends: nobody waits for the other agents, whatever they still do. Gives whether all that they have
   * printed comes before the latest step of the running thread.
   */
  over(): boolean
  /** Whether the program has ended. */
  isOver(): boolean
  /** The running thread has printed something. */
  printed(): void
  /** The running thread never goes on from where it yields next. */
  stop(): void
  /** Another time for a task that has not come yet. `keeps`: the agent does not end before it. */
  rearm(task: number, deadline: number, keeps: boolean): void
  /**
   * Makes a task of the running agent that comes when more than so many messages have been posted at that address: a
   * place in a queue. Gives its number. `keeps`: the agent does not end before.
   */
  receiver(what: string, site: number, body: () => Twin, address: number, posted: number, keeps: boolean): number
  /** Whether an agent ends before a task that has not come yet. */
  keep(task: number, keeps: boolean): void
  /** What a task is called from now on. */
  rename(task: number, what: string, site: number): void
  /** An address for so many bytes that stand for something which the running thread makes. */
  place(bytes: number): number
  /** What reports call so many bytes at such an address. */
  call(address: number, bytes: number, what: string): void
  /** The same for what is known by a name. */
  placeOf(name: string, bytes: number): number
  /** The same for a port of a channel that setup made; undefined: setup did not make it. */
  placeOfMade(port: object): number | undefined
  /** So many messages were posted there before any thread ran. */
  posted(address: number, messages: number): void
  /** Milliseconds since the execution began, for the running agent. */
  now(): number
  /**
   * A timer of the running agent has run out, and its time is now. `keeps`: the agent does not end before all its
   * timers have. False: it had ended before.
   */
  runsOut(deadline: number, keeps: boolean): boolean
  /** The running thread holds something that no other can give back: a lock that is tagged, a read section. */
  holds(): boolean
  /** The promise that the thread of the running agent gave has come to that. */
  settle(value: unknown): void
  /** A job of the running agent begins. */
  began(): void
  /** What runs from now on comes of that, for who reads a report; undefined: of nothing but its task. */
  comes(what: string | undefined, site: number): void
  /** A task of the running agent ends, and the promise that its thread gave is not settled: it awaits, there. */
  unsettled(site: number): void
}

/** What the engine installs while it explores. */
export interface Engine {
  op(kind: number, site: number, view: unknown, index: number, a: unknown, b: unknown): boolean
  /**
   * The head of a loop: `values` are what its turns may change, `left` how many of them its counters leave. True: go on
   * at once.
   */
  turn(loop: Loop, left: number | undefined, values: readonly unknown[]): boolean
  /** The thread that runs, by number; -1: none. */
  thread?(): number
  /** Milliseconds that have passed for it since the execution began. */
  passed?(): number
  /** What threads do asynchronously. */
  readonly agents?: AgentHooks | undefined
  /** The running thread has made a shared buffer. */
  made?(buffer: SharedArrayBuffer): void
  /** Called by plain forms; throws when a thread is running and `view` is shared. */
  plain(kind: number, site: number, view: unknown, index: number, a: unknown): void
  /** Loops have turned too often without a step. Throws; inside a thread the violation is recorded. */
  endless?(site: number): void
  /** Called where the transform found something it can't follow. Inside a thread: records the violation and throws. */
  refuse(site: number, reason: string): void
}

/** What hides shared memory from code that announces nothing, while an execution is run again under it. */
export interface Veil {
  /** What was announced last has been performed, and its bytes are hidden again. */
  did(): void
  /**
   * Shows everything, for code of the author's that runs unseen by his own word; `drop` hides it again, with what was
   * stored meanwhile.
   */
  lift(): void
  drop(stores: boolean): void
}
