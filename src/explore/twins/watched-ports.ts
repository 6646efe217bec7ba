/**
 * What is posted to workers, seen where it is posted: methods of all ports and workers are replaced by ones that do the
 * same, and so is the class that makes pairs of ports.
 *
 * Shared memory that goes to a worker is noted (given-away.ts). A port alone leads nowhere: what is posted to one is
 * kept in mind, and is a worker's as soon as the other port of the pair has been sent away.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { giveAway } from '../runtime/given-away.ts'
import { type Channel, noteChannel } from '../runtime/made-channels.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Native } from './native-table.ts'
import { sharedInside } from './strangers.ts'

type Methods = Record<string, Native | undefined>
type Class = Native & { prototype: Methods }
type Threads = Record<string, Native | undefined> & { Worker: Class }
const { process } = globalThis as { process?: NodeJS.Process }
const classNamed = (name: string): Class | undefined =>
  (globalThis as unknown as Record<string, Class | undefined>)[name]

/** The module of Node, where there is one. */
export const threads: Threads | undefined = process?.getBuiltinModule?.('node:worker_threads') as unknown as
  | Threads
  | undefined
export const ports: Methods | undefined = classNamed('MessagePort')?.prototype
export const channels: Methods | undefined = classNamed('BroadcastChannel')?.prototype
export const workers: Methods | undefined = (threads?.Worker ?? classNamed('Worker'))?.prototype

/** Puts in a method's place one that looks at what it is handed, and does the same. */
function watch(holder: Methods | undefined, name: string, look: (self: object, args: unknown[]) => void): void {
  const original = holder?.[name]
  if (holder === undefined || original === undefined) return
  const watched = function (this: object, ...args: unknown[]): unknown {
    look(this, args)
    return Reflect.apply(original, this, args)
  }
  Object.defineProperty(watched, 'name', { value: original.name, configurable: true })
  Object.defineProperty(watched, 'length', { value: original.length, configurable: true })
  Object.defineProperty(holder, name, { value: watched, writable: true, configurable: true })
}

function noteGiven(value: unknown, how: string): void {
  for (const buffer of sharedInside([value]).buffers) giveAway(buffer, how)
}

/** One port of a pair: the other one, and what has been posted to it while both were here. */
interface Port {
  readonly channel: Channel
  other: object
  posted: object[]
  /** The other one has been sent away. */
  away: boolean
}
const pairs = new WeakMap<object, Port>()
/** The channel that this is a port of, if both are here. */
export function channelOf(port: object): Channel | undefined {
  const its = pairs.get(port)
  if (its === undefined || its.away || pairs.get(its.other)?.away === true) return undefined
  return its.channel
}

/** What was posted to ports before any thread ran. */
const posted = new WeakMap<object, unknown[]>()

/** The messages that stand in a port's queue, which is empty from then on; the same ones each time. */
export function drainedOf(port: object): readonly unknown[] {
  let messages = posted.get(port)
  if (messages === undefined) {
    posted.set(port, (messages = []))
    for (let next = receive(port); next !== undefined; next = receive(port)) messages.push(next.message)
  }
  return messages
}

const receive = (port: object): { message: unknown } | undefined =>
  threads?.receiveMessageOnPort === undefined
    ? undefined
    : (Reflect.apply(threads.receiveMessageOnPort, undefined, [port]) as { message: unknown } | undefined)

/** Whether somebody listens to a port where no thread runs. */
export const hasListeners = (port: object): boolean =>
  ((port as { listenerCount?(type: string): number }).listenerCount?.('message') ?? 0) > 0

const BY_PORT = 'postMessage, to a port whose other end was sent away'

function notePosted(port: Port, message: unknown): void {
  const { buffers } = sharedInside([message])
  if (!port.away) port.posted.push(...buffers)
  else for (const buffer of buffers) giveAway(buffer, BY_PORT)
}

/** These objects go elsewhere: to a worker, or by way of another port. */
function noteSent(list: unknown): void {
  if (!Array.isArray(list)) return
  for (const each of list) {
    const other = pairs.get(each as object)?.other
    const port = other && pairs.get(other)
    if (port === undefined) continue
    port.away = true
    for (const buffer of port.posted.splice(0)) giveAway(buffer, BY_PORT)
  }
}

/** What Node itself posts to a worker that it starts. */
const startOf = (message: unknown): { readonly workerData: unknown } | undefined =>
  typeof message === 'object' && message !== null && 'workerData' in message && 'publicPort' in message
    ? (message as { workerData: unknown })
    : undefined

watch(workers, 'postMessage', (_, [message]) => noteGiven(message, 'Worker.postMessage'))
watch(channels, 'postMessage', (_, [message]) => noteGiven(message, 'BroadcastChannel.postMessage'))
// Whatever is posted to a worker goes through a port, too.
watch(ports, 'postMessage', (self, [message, list]) => {
  const started = startOf(message)
  if (started !== undefined) noteGiven(started.workerData, 'new Worker')
  const port = pairs.get(self)
  if (port !== undefined) notePosted(port, message)
  noteSent(Array.isArray(list) ? list : (list as { transfer?: unknown } | null | undefined)?.transfer)
})

/** What `new MessageChannel` gives where a thread runs, whoever calls it. */
export const inThreads: { channel: (() => object) | undefined } = ofAllCopies('channels of threads', () => ({
  channel: undefined,
}))

const Original = classNamed('MessageChannel')
if (Original !== undefined) {
  const watched = new Proxy(Original, {
    construct(target, args: unknown[], given) {
      if (runtime.running && inThreads.channel !== undefined) return inThreads.channel()
      const made = Reflect.construct(target, args, given) as { port1: object; port2: object }
      pairs.set(made.port1, { channel: made, other: made.port2, posted: [], away: false })
      pairs.set(made.port2, { channel: made, other: made.port1, posted: [], away: false })
      noteChannel(made)
      return made
    },
  })
  Object.defineProperty(globalThis, 'MessageChannel', { value: watched, writable: true, configurable: true })
  if (threads !== undefined) {
    threads.MessageChannel = watched
    // What modules have imported by name follows.
    process?.getBuiltinModule?.('node:module').syncBuiltinESMExports()
  }
}
