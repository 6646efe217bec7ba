/**
 * What is known of a port of threads, in one execution.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Agent } from './agent.ts'
import { hooks } from './event-loop.ts'

/** What stands in a queue: a message, or that the other port was closed. */
export type Item =
  | { readonly data: unknown; readonly ports: readonly object[]; readonly from: string }
  | { readonly closes: true }

/** One who listens. */
export interface Listener {
  /** A function, or an object with `handleEvent`. */
  readonly fn: object
  readonly once: boolean
  /** How it was added: it hears of the message itself, or of an event; as `onmessage` it can be replaced. */
  readonly how: 'value' | 'event' | 'handler'
  removed: boolean
}

/** What somebody may listen to, in one execution. */
export interface Listening {
  /** What the agent has of it. */
  object: object
  closed: boolean
  /** It hands its messages to those who listen. */
  receives: boolean
  /** Its agent does not end while it listens. */
  keeps: boolean
  /** The task that waits for the next message. */
  task: number | undefined
  /** By type of event; there is no entry for a type that nobody listens to. */
  listeners: Map<string, Listener[]>
}

/** A port of a channel. Another object stands for it after it was sent away. */
export interface Port extends Listening {
  readonly execution: number
  /** Where its queue lies. */
  readonly address: number
  /** The other one of its pair. */
  other: Port
  /** Whose it is: who used it first, since it was made or came in a message. */
  agent: Agent | undefined
  /** All that was posted so far, and how much of that was received. */
  readonly queue: Item[]
  head: number
  /** Counts how often it was sent away: tasks from before do nothing. */
  moves: number
}

/** By object, of whichever execution. */
export const known: WeakMap<object, Port> = ofAllCopies('ports', () => new WeakMap())

/** A port that stands for that object, and whose queue lies there. */
export function createPort(address: number, object: object): Port {
  const port: Port = {
    execution: runtime.execution,
    address,
    other: undefined as unknown as Port,
    object,
    agent: undefined,
    queue: [],
    head: 0,
    closed: false,
    receives: false,
    keeps: false,
    task: undefined,
    moves: 0,
    listeners: new Map(),
  }
  known.set(object, port)
  return port
}

/** Whether its agent ends before its next message. */
export function keep(site: number, port: Listening, keeps: boolean): void {
  port.keeps = keeps
  if (port.task !== undefined) hooks(site).keep(port.task, keeps)
}

/** Of browsers: scopes and workers, which are ends of a pair of ports themselves. */
export const ends: { add(object: object): void; has(value: unknown): boolean } = ofAllCopies(
  'scopes and workers of browsers',
  () => new WeakSet<object>() as never,
)
