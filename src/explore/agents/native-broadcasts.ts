/**
 * What code calls of a `BroadcastChannel`.
 */

import { broadcastPrototype, isBroadcast } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { ordinary } from '../twins/calls.ts'
import type { Family, Handler, Native } from '../twins/native-table.ts'
import { primitive } from '../twins/primitive.ts'
import { refuse } from '../twins/refuse.ts'
import { sharedInside } from '../twins/strangers.ts'
import { currentAgent } from './agent.ts'
import { type Broadcast, broadcast, broadcastOf, createBroadcast } from './broadcast.ts'
import { keep } from './port.ts'
import { cloned } from './structured-clone.ts'

const methods = (broadcastPrototype ?? {}) as Record<string, Native | undefined>

const ofChannel = (work: (site: number, channel: Broadcast, args: unknown[], self: object) => Twin): Handler =>
  function* (site, fn, self, args) {
    if (!isBroadcast(self)) return yield* ordinary(site, fn, self, args)
    return yield* work(site, broadcastOf(site, self), args, self)
  }

const post = ofChannel(function* (site, channel, args) {
  if (args.length === 0)
    throw Object.assign(new TypeError('The "message" argument must be specified'), { code: 'ERR_MISSING_ARGS' })
  if (channel.closed) throw new DOMException('BroadcastChannel is closed.', 'InvalidStateError')
  const data = yield* cloned(site, args[0], new Map(), () => undefined)
  // Chromium gives those who listen null in place of such a message.
  if (currentAgent().browser !== undefined && sharedInside([data]).buffers.length > 0)
    refuse(
      site,
      'shared memory in a message of a BroadcastChannel of a browser: not all browsers hand it over; post it',
    )
  yield* broadcast(site, channel, data)
})

const close = ofChannel(
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  function* (_, channel) {
    channel.closed = true
    channel.keeps = false
    runtime.changes++
  },
)

const unref = ofChannel(
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  function* (site, channel, _, self) {
    if (currentAgent().life !== undefined) {
      keep(site, channel, false)
      return self
    }
    refuse(
      site,
      'unref of a BroadcastChannel: whether its thread ends before a message comes is not explored; close it',
    )
  },
)

const ref = ofChannel(
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  function* (site, channel, _, self) {
    if (!channel.closed) keep(site, channel, true)
    return self
  },
)

export const broadcasts: Family = [
  [methods.postMessage, post],
  [methods.close, close],
  [methods.ref, ref],
  [methods.unref, unref],
]

/** `new BroadcastChannel(name)` */
export const createChannel: Handler = function* (site, _, __, args) {
  if (args.length === 0)
    throw Object.assign(new TypeError('The "name" argument must be specified'), { code: 'ERR_MISSING_ARGS' })
  return yield* createBroadcast(site, String(yield* primitive(args[0])))
}
export const BroadcastChannel = globalThis.BroadcastChannel as unknown as Native | undefined
