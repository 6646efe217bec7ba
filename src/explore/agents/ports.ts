/**
 * Ports of threads: queues of messages between agents.
 *
 * Each place in a queue has an address of its own, since only the post to it and those who look for a message there
 * depend on each other. Posts to one port come from one agent, the one that has the other port of the pair, so that
 * their order is settled; a port that goes to another agent goes in a message. A task of the agent that listens waits
 * for the next message, one at a time.
 */

import { POST, RECEIVE } from '../runtime/kinds.ts'
import { isPort, PLACES, portPrototype, QUEUE_BYTES } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from '../twins/refuse.ts'
import { channelOf, drainedOf, hasListeners } from '../twins/watched-ports.ts'
import { currentAgent } from './agent.ts'
import { hold, hooks, task } from './event-loop.ts'
import { createPort, type Item, known, type Port } from './port.ts'
import { dispatch } from './port-events.ts'
import { cloned } from './structured-clone.ts'

/** A pair of ports, whose queues lie there. */
export function createPair(first: object, at: number, second: object, secondAt: number): readonly [Port, Port] {
  const [one, two] = [createPort(at, first), createPort(secondAt, second)]
  one.other = two
  two.other = one
  return [one, two]
}

const UNKNOWN =
  'a port that neither setup nor a thread made, or another execution of one: make its MessageChannel in setup or in a thread'

/** Takes up, in this execution, a channel that setup made, with what setup posted. */
function adopt(site: number, object: object): void {
  const channel = channelOf(object)
  const [first, second] = [channel?.port1, channel?.port2].map((port) => port && hooks(site).placeOfMade(port))
  if (channel === undefined || first === undefined || second === undefined) refuse(site, UNKNOWN)
  createPair(channel.port1, first, channel.port2, second)
  for (const each of [channel.port1, channel.port2]) {
    if (hasListeners(each))
      refuse(site, 'somebody listens to this port since setup, when no thread runs; listen in the thread that has it')
    const port = known.get(each)!
    for (const message of drainedOf(each)) {
      const { value } = cloned(site, message, new Map(), (it) =>
        isPort(it) ? refuse(site, UNKNOWN) : undefined,
      ).next()
      port.queue.push({ data: value, ports: [], from: 'setup' })
      hooks(site).posted(placeOf(port, port.queue.length - 1), port.queue.length)
    }
  }
}

/** What is known of a port, which is from now on that of the agent that runs, if it was nobody's. */
export function portOf(site: number, object: object): Port {
  const agent = currentAgent()
  if (known.get(object)?.execution !== runtime.execution) adopt(site, object)
  const port = known.get(object)!
  if (port.agent === undefined) {
    port.agent = agent
    agent.ports.add(port)
  }
  if (port.agent !== agent)
    refuse(site, 'two threads use one port; a port is of one thread, until it is sent to another in a transfer list')
  return port
}

/** What `new MessageChannel()` gives in a thread. */
export function createChannel(site: number): object {
  const make = () => Object.create(portPrototype as object) as object
  const channel = { port1: make(), port2: make() }
  const at = hooks(site).place(2 * QUEUE_BYTES)
  createPair(channel.port1, at, channel.port2, at + QUEUE_BYTES)
  return channel
}

/** The address that stands for a place in its queue. */
const placeOf = ({ address }: Port, message: number): number => address + 4 * (message % PLACES)

/** Puts something into the queue of a port. */
export function* put(site: number, port: Port, item: Item): Twin<void> {
  const nth = port.queue.length
  if (!runtime.op(POST, site, undefined, placeOf(port, nth), nth + 1)) yield
  port.queue.push(item)
  runtime.changes++
}

/** The port goes to whoever gets the message: a new object stands for it there, and the old one is dead. */
export function sendAway(port: Port): object {
  const object = Object.create(portPrototype as object) as object
  known.set(port.object, { ...port, closed: true, task: undefined })
  known.set(object, port)
  port.object = object
  port.agent = undefined
  port.receives = port.keeps = false
  port.task = undefined
  port.moves++
  port.listeners = new Map()
  return object
}

/** The ports in a message are those of the agent that has taken it. */
function claim(site: number, { ports }: { readonly ports: readonly object[] }): void {
  for (const each of ports) portOf(site, each)
}

/** Takes the next message, if one is there. The end of the channel is taken by a task. */
export function* receive(site: number, port: Port): Twin<unknown> {
  if (port.closed) return undefined
  const nth = port.head
  if (!runtime.op(RECEIVE, site, undefined, placeOf(port, nth), 0)) yield
  const item = port.queue[nth]
  if (port.closed || item === undefined) return undefined
  runtime.changes++
  if ('closes' in item) {
    yield* end(site, port)
    return undefined
  }
  port.head++
  claim(site, item)
  yield* listen(site, port)
  return { message: item.data }
}

/** Sees to it that a task waits for the next message, if anybody wants to hear of it. */
export function* listen(site: number, port: Port): Twin<void> {
  if (port.closed || port.task !== undefined || !(port.receives || port.listeners.has('close'))) return
  yield* hold(site)
  if (port.closed || port.task !== undefined) return
  const { head, moves } = port
  const deliver = () => task(site, () => delivered(site, port, head, moves))
  port.task = hooks(site).receiver(`message ${head + 1}`, site, deliver, placeOf(port, head), head, port.keeps)
}

/** A task that waited for that message has come, and has the agent. */
function* delivered(site: number, port: Port, nth: number, moves: number): Twin<void> {
  const task = port.task!
  if (port.moves !== moves || port.closed) return
  port.task = undefined
  const item = port.queue[port.head]
  // Somebody has taken it meanwhile.
  if (port.head !== nth || item === undefined) yield* listen(site, port)
  else if ('closes' in item) yield* end(site, port)
  else if (port.receives) {
    port.head++
    claim(site, item)
    hooks(site).rename(task, `message ${nth + 1} from ${item.from}`, site)
    yield* dispatch(site, port, 'message', item.data, item.ports)
    yield* listen(site, port)
  }
}

/** `close()`: the other port learns of it behind what was posted before. */
export function* close(site: number, port: Port): Twin<void> {
  if (port.closed) return
  yield* end(site, port)
  yield* put(site, port.other, { closes: true })
}

/** It is closed, by whichever side, and a task tells so. */
function* end(site: number, port: Port): Twin<void> {
  port.closed = true
  runtime.changes++
  if (!port.listeners.has('close') || currentAgent().browser !== undefined) return
  yield* hold(site)
  hooks(site).task('close', site, () => task(site, () => dispatch(site, port, 'close', undefined, [])))
}
