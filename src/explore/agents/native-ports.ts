/**
 * What code calls of ports: `MessageChannel`, the methods of `MessagePort` and its two parents, `receiveMessageOnPort`.
 */

import { isPort, portPrototype } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { ordinary } from '../twins/calls.ts'
import { member } from '../twins/iteration.ts'
import { silently } from '../twins/native-events.ts'
import type { Family, Handler, Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { inThreads, threads } from '../twins/watched-ports.ts'
import { currentAgent } from './agent.ts'
import { hooks } from './event-loop.ts'
import { keep, type Port } from './port.ts'
import { add } from './port-events.ts'
import { close, createChannel, listen, portOf, put, receive, sendAway } from './ports.ts'
import { cloned } from './structured-clone.ts'

type Methods = Record<string, Native | undefined>

const methods = (portPrototype ?? {}) as Methods

const NOT_LISTED = 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST'

const failing = (name: string, code: string, message: string): Error => {
  // A browser has no error codes, and takes what was not listed for what can't be cloned.
  if (name === 'DataCloneError' || (code === NOT_LISTED && currentAgent().browser !== undefined))
    return new DOMException(message, 'DataCloneError')
  return Object.assign(new TypeError(message), { code })
}

/** The transfer list in the second argument of `postMessage`. */
function* transferOf(options: unknown): Twin<object[]> {
  const list =
    Array.isArray(options) || options === null || typeof options !== 'object'
      ? options
      : yield* member(options, 'transfer')
  if (list === undefined || list === null) return []
  if (!Array.isArray(list))
    throw failing('', 'ERR_INVALID_ARG_TYPE', 'Optional transferList argument must be an iterable')
  return [...(list as object[])]
}

/** What stands for each object that is transferred, once it is. */
function transferred(site: number, list: readonly object[], source: Port | undefined): Map<object, object> {
  const replaced = new Map<object, object>()
  for (const each of list) {
    if (isPort(each)) {
      const port = portOf(site, each)
      if (port.closed) throw failing('DataCloneError', '', 'MessagePort in transfer list is already detached')
      if (port === source) throw failing('DataCloneError', '', 'Transfer list contains source port')
      if (replaced.has(each)) throw failing('DataCloneError', '', 'Transfer list contains duplicate MessagePort')
      replaced.set(each, each)
    } else if (each instanceof ArrayBuffer) {
      if (replaced.has(each)) throw failing('DataCloneError', '', 'Transfer list contains duplicate ArrayBuffer')
      replaced.set(each, each.slice(0))
    } else throw failing('', 'ERR_INVALID_TRANSFER_OBJECT', 'Found invalid object in transferList')
  }
  return replaced
}

const MISSING = 'Object that needs transfer was found in message but not listed in transferList'

/** A clone of a message, what is transferred taken from its sender; and the ports among it. */
export function* packed(
  site: number,
  value: unknown,
  options: unknown,
  source?: Port,
): Twin<{ data: unknown; ports: object[] }> {
  const list = yield* transferOf(options)
  const replaced = transferred(site, list, source)
  const missing = (each: object) => (isPort(each) ? failing('', NOT_LISTED, MISSING) : undefined)
  const first = yield* cloned(site, value, replaced, missing)
  const moved = list.filter(isPort)
  if (moved.length === 0) {
    for (const each of list) structuredClone(each, { transfer: [each as ArrayBuffer] })
    return { data: first, ports: [] }
  }
  // A port is neutered when nothing can fail any more, and only then the other object is known that stands for it.
  for (const each of moved) replaced.set(each, sendAway(portOf(site, each)))
  const data = yield* cloned(site, value, replaced, missing)
  for (const each of list) if (!isPort(each)) structuredClone(each, { transfer: [each as ArrayBuffer] })
  return { data, ports: moved.map((each) => replaced.get(each)!) }
}

const ofPort = (work: (site: number, port: Port, args: unknown[], self: object) => Twin): Handler =>
  function* (site, fn, self, args) {
    if (!isPort(self)) return yield* ordinary(site, fn, self, args)
    return yield* work(site, portOf(site, self), args, self)
  }

const post = ofPort(function* (site, port, args) {
  if (args.length === 0) throw failing('', 'ERR_MISSING_ARGS', 'Not enough arguments to MessagePort.postMessage')
  const { data, ports } = yield* packed(site, args[0], args[1], port)
  if (port.closed) return
  if (ports.includes(port.other.object)) refuse(site, 'a port is posted to itself, and what is posted is lost')
  yield* put(site, port.other, { data, ports, from: hooks(site).name(currentAgent().number) })
})

const started = ofPort(function* (site, port) {
  port.receives = true
  runtime.changes++
  yield* listen(site, port)
})

const closing = ofPort(function* (site, port, [callback]) {
  if (typeof callback === 'function') add(site, port, 'close', callback, 'value', true)
  yield* close(site, port)
})

const plainly = (work: (site: number, port: Port, args: unknown[]) => unknown): Handler =>
  ofPort(
    // biome-ignore lint/correctness/useYield: there is nothing to be seen
    function* (site, port, args) {
      return work(site, port, args)
    },
  )

const receiving: Handler = function* (site, _, __, [object]) {
  if (!isPort(object)) throw failing('', 'ERR_INVALID_ARG_TYPE', 'The "port" argument must be a MessagePort instance')
  return yield* receive(site, portOf(site, object))
}

const unref = (site: number, port: Port): void => {
  if (currentAgent().life !== undefined) keep(site, port, false)
  else if (port.receives)
    refuse(
      site,
      'unref of a port that somebody listens to: whether its thread ends before a message comes is not explored; close it',
    )
}

export const messagePorts: Family = [
  [methods.postMessage, post],
  [methods.start, started],
  [methods.close, closing],
  [methods.ref, plainly((site, port) => keep(site, port, port.receives))],
  [methods.unref, plainly(unref)],
  [methods.hasRef, plainly((_, port) => port.keeps)],
  [threads?.receiveMessageOnPort, receiving],
]

inThreads.channel = () => createChannel(-1)

/** `new MessageChannel()` */
export const channel: Handler = silently((site) => createChannel(site))
export const MessageChannel = globalThis.MessageChannel as unknown as Native | undefined
