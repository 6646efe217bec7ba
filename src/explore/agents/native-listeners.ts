/**
 * How code listens to a port or a broadcast channel: `on`, `once`, `addEventListener`, `onmessage` and their like.
 */

import { broadcastPrototype, isBroadcast, isPort, portPrototype } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { ordinary } from '../twins/calls.ts'
import type { Family, Handler, Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { currentAgent } from './agent.ts'
import { broadcastOf } from './broadcast.ts'
import { aborting, dispatchingEvent, listenToTarget, unlistening } from './event-targets.ts'
import { ends, type Listener, type Listening } from './port.ts'
import { add, remove } from './port-events.ts'
import { listen, portOf } from './ports.ts'

type Methods = Record<string, Native | undefined>

const emitter = (Object.getPrototypeOf(portPrototype ?? Object.create(null)) ?? {}) as Methods
const abortController = AbortController.prototype as unknown as Methods
const target = (Object.getPrototypeOf(emitter) ?? {}) as Methods

/** What that object is to those who listen; undefined: it is neither port nor channel. */
function listeningOf(site: number, self: unknown): Listening | undefined {
  if (isPort(self) || ends.has(self)) return portOf(site, self as object)
  return isBroadcast(self) ? broadcastOf(site, self) : undefined
}

const of = (
  work: (site: number, its: Listening, args: unknown[], self: object) => Twin,
  otherwise: Handler = ordinary,
): Handler =>
  function* (site, fn, self, args) {
    const its = listeningOf(site, self)
    if (its === undefined) return yield* otherwise(site, fn, self, args)
    return yield* work(site, its, args, self as object)
  }

const plainly = (
  work: (site: number, its: Listening, args: unknown[], self: object) => unknown,
  otherwise?: Handler,
): Handler =>
  of(
    // biome-ignore lint/correctness/useYield: there is nothing to be seen
    function* (...given) {
      return work(...given)
    },
    otherwise,
  )

/** A port waits for its next message from when somebody listens; a broadcast channel does from the start. */
function* begin(site: number, self: object): Twin<void> {
  if (isPort(self)) yield* listen(site, portOf(site, self))
}

/** Events of scopes and workers of browsers that somebody tells in an exploration. */
const TOLD = /^(message|messageerror|error|unhandledrejection|rejectionhandled)$/

function refuseInBrowser(self: object, type: string, how: Listener['how']): void {
  if (how === 'value') throw new TypeError('on is not a function: in a browser a port has addEventListener')
  if (ends.has(self) && !TOLD.test(type)) refuse(-1, `addEventListener('${type}') in a browser is not explored`)
}

const adding = (how: Listener['how'], once: boolean, otherwise?: Handler): Handler =>
  of(function* (site, its, [type, fn, options], self) {
    if (currentAgent().browser !== undefined) refuseInBrowser(self, String(type), how)
    const isOnce = once || (how === 'event' && (options as { once?: boolean } | undefined)?.once === true)
    if (how === 'event' && (options as { signal?: unknown } | undefined)?.signal !== undefined)
      refuse(site, 'addEventListener of a port with a signal')
    if (typeof fn !== 'function' && (typeof fn !== 'object' || fn === null)) {
      if (how === 'event' && (fn === undefined || fn === null)) return undefined
      const error = new TypeError('The "listener" argument must be of type function.')
      throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
    }
    if (its.closed && type === 'close') refuse(site, 'somebody listens for the end of a port that is closed already')
    add(site, its, String(type), fn, how, isOnce)
    yield* begin(site, self)
    return how === 'event' ? undefined : self
  }, otherwise)

const removing = (isNode: boolean, otherwise?: Handler): Handler =>
  plainly((site, its, [type, fn], self) => {
    if (typeof fn === 'function' || (typeof fn === 'object' && fn !== null)) remove(site, its, String(type), fn, false)
    return isNode ? self : undefined
  }, otherwise)

const removingAll = plainly((site, its, [type], self) => {
  const all = type === undefined ? [...its.listeners.keys()] : [String(type)]
  for (const each of all) remove(site, its, each)
  return self
})

const refused = (what: string, otherwise?: Handler): Handler =>
  plainly(
    (site) => refuse(site, `${what} of a port tells those who listen of what was never posted; post it`),
    otherwise,
  )

/** `port.onmessage = fn`, by the twin of its setter. Where it has none, as in a native, a thread is refused. */
export function linkHandler(holder: object | undefined, type: string): void {
  const name = `on${type}`
  const accessor = Object.getOwnPropertyDescriptor(holder ?? {}, name)
  if (holder === undefined || accessor?.get === undefined || accessor.set === undefined) return
  const { get, set } = accessor
  const handler = (its: Listening) => its.listeners.get(type)?.find(({ how }) => how === 'handler')
  const guarded = (fn: Native) =>
    function (this: object, ...args: unknown[]): unknown {
      if (runtime.running) refuse(-1, `${name} of a port is asked for or set by a native`)
      return Reflect.apply(fn, this, args)
    }
  const [plainGet, plainSet] = [guarded(get), guarded(set)] as unknown as Record<symbol, unknown>[]
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  plainGet[TWIN] = function* (this: object): Twin {
    const its = listeningOf(-1, this)
    return its === undefined ? Reflect.apply(get, this, []) : (handler(its)?.fn ?? null)
  }
  plainSet[TWIN] = function* (this: object, value: unknown): Twin {
    const its = listeningOf(-1, this)
    if (its === undefined) return Reflect.apply(set, this, [value]) as unknown
    const before = handler(its)
    if (typeof value === 'function') {
      add(-1, its, type, value, 'handler', false)
      yield* begin(-1, this)
    }
    if (before !== undefined && before.fn !== value) remove(-1, its, type, before.fn, true)
    return undefined
  }
  Object.defineProperty(holder, name, { ...accessor, get: plainGet as never, set: plainSet as never })
}
for (const holder of [portPrototype, broadcastPrototype])
  for (const type of ['message', 'messageerror']) linkHandler(holder, type)

/** Methods that other objects have as well: what they are for those stays as it is. */
export const listening: Family = [
  [emitter.on, adding('value', false)],
  [emitter.addListener, adding('value', false)],
  [emitter.once, adding('value', true)],
  [emitter.off, removing(true)],
  [emitter.removeListener, removing(true)],
  [emitter.removeAllListeners, removingAll],
  [emitter.listenerCount, plainly((_, its, [type]) => its.listeners.get(String(type))?.length ?? 0)],
  [emitter.eventNames, plainly((_, its) => [...its.listeners.keys()])],
  [emitter.emit, refused('emit')],
  [target.addEventListener, adding('event', false, listenToTarget)],
  [target.removeEventListener, removing(false, unlistening)],
  [abortController.abort, aborting],
  [target.dispatchEvent, refused('dispatchEvent', dispatchingEvent)],
]
