/**
 * Broadcast channels of threads: all that are called by one name read one list of messages, in its order.
 *
 * The list has one address, since those who post may be of several threads: posts to one name depend on each other.
 */

import { POST, RECEIVE } from '../runtime/kinds.ts'
import { broadcastPrototype } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from '../twins/refuse.ts'
import { type Agent, currentAgent } from './agent.ts'
import { hold, hooks, task } from './event-loop.ts'
import type { Listening } from './port.ts'
import { dispatch } from './port-events.ts'

/** All channels of a name, in one execution. */
interface Group {
  readonly address: number
  readonly messages: { readonly data: unknown; readonly sender: Broadcast; readonly from: string }[]
}

/** What is known of a channel in one execution. */
export interface Broadcast extends Listening {
  readonly group: Group
  readonly agent: Agent
  /** How many messages it has seen, or left out. */
  head: number
}

const groups = { execution: -1, of: new Map<string, Group>() }
const known = new WeakMap<object, Broadcast>()

function groupOf(site: number, name: string): Group {
  if (groups.execution !== runtime.execution) {
    groups.execution = runtime.execution
    groups.of.clear()
  }
  let group = groups.of.get(name)
  if (group === undefined) groups.of.set(name, (group = { address: hooks(site).placeOf(name, 4), messages: [] }))
  return group
}

/** What is known of a channel of the agent that runs. */
export function broadcastOf(site: number, object: object): Broadcast {
  const channel = known.get(object)
  if (channel === undefined || channel.agent !== currentAgent())
    refuse(site, 'a BroadcastChannel that this thread has not made, or in another execution; make it in the thread')
  return channel
}

/** `new BroadcastChannel(name)`: hears of what is posted from now on. */
export function* createBroadcast(site: number, name: string): Twin<object> {
  const agent = currentAgent()
  const group = groupOf(site, name)
  if (!runtime.op(RECEIVE, site, undefined, group.address, 0)) yield
  const object = Object.create(broadcastPrototype as object, { name: { value: name, enumerable: true } }) as object
  const channel: Broadcast = {
    object,
    group,
    agent,
    head: group.messages.length,
    closed: false,
    receives: true,
    keeps: true,
    task: undefined,
    listeners: new Map(),
  }
  known.set(object, channel)
  agent.hearsAll = true
  runtime.changes++
  yield* hear(site, channel)
  return object
}

/** Posts a message to all others of its name. */
export function* broadcast(site: number, channel: Broadcast, data: unknown): Twin<void> {
  const { group, agent } = channel
  // One more than there are when its turn comes: others may post meanwhile.
  if (!runtime.op(POST, site, undefined, group.address, -1)) yield
  group.messages.push({ data, sender: channel, from: hooks(site).name(agent.number) })
  runtime.changes++
}

/** Sees to it that a task waits for the next message. */
function* hear(site: number, channel: Broadcast): Twin<void> {
  if (channel.closed) return
  yield* hold(site)
  const { head, group } = channel
  const deliver = () => task(site, () => heard(site, channel))
  channel.task = hooks(site).receiver(`message ${head + 1}`, site, deliver, group.address, head, channel.keeps)
}

function* heard(site: number, channel: Broadcast): Twin<void> {
  if (channel.closed) return
  const task = channel.task!
  channel.task = undefined
  const { data, sender, from } = channel.group.messages[channel.head++]
  if (sender !== channel) {
    hooks(site).rename(task, `message ${channel.head} from ${from}`, site)
    yield* dispatch(site, channel, 'message', data, [])
  }
  yield* hear(site, channel)
}
