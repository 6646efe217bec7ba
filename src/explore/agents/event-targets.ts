/**
 * `EventTarget`s of threads, `AbortSignal`s among them: their listeners can be interrupted.
 *
 * The language keeps the list of who listens, with a stand-in for each function of the author's. When an event is
 * dispatched the stand-ins only note that they were called; then those they stand for are called by their twins, each
 * with the event as it would have found it.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { member } from '../twins/iteration.ts'
import type { Handler, Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { currentAgent } from './agent.ts'
import { atOnce, passRefusal, twinned } from './promise.ts'

/** One who listens to a type of event. */
interface Entry {
  readonly fn: object
  /** What the language calls. */
  readonly standIn: Native
  readonly once: boolean
  /** Where it was added. */
  readonly site: number
  removed: boolean
}

/** Who listens to a target, by type and phase. */
interface Target {
  readonly execution: number
  readonly agent: number
  readonly entries: Map<string, Entry[]>
  /** Counts those that were added. */
  added: number
}

/** A call that a stand-in has noted. */
interface Noted {
  readonly entry: Entry
  readonly key: string
  readonly target: EventTarget
  readonly event: Event
}

const targets = ofAllCopies('event targets', () => new WeakMap<object, Target>())
/** Notes calls while the language dispatches; null: nobody does that for a thread. */
const noting = ofAllCopies('noted events', () => ({ calls: null as Noted[] | null }))
const dispatched = ofAllCopies('dispatched events', () => new WeakSet<object>())
/** In Node a listener that is added while another one is called hears of the same event, in others it does not. */
const hearsAtOnce = globalThis.process !== undefined

const { addEventListener, removeEventListener } = EventTarget.prototype as unknown as Record<string, Native>

function targetOf(site: number, self: object): Target {
  const known = targets.get(self)
  const { number } = currentAgent()
  if (known === undefined) {
    const made = { execution: runtime.execution, agent: number, entries: new Map(), added: 0 }
    targets.set(self, made)
    return made
  }
  if (known.execution !== runtime.execution || known.agent !== number)
    refuse(site, 'somebody listens to an EventTarget that this thread has not made; make it in the thread')
  return known
}

const isCapturing = (options: unknown): boolean =>
  typeof options === 'object' && options !== null
    ? Boolean((options as { capture?: unknown }).capture)
    : Boolean(options)

const keyOf = (type: unknown, options: unknown): string => `${isCapturing(options) ? 'capture' : ''} ${String(type)}`

/** Adds a listener, as `target.addEventListener(type, fn, options)` does. */
export function listenTo(site: number, self: object, type: unknown, fn: object, options: unknown): void {
  const target = targetOf(site, self)
  const key = keyOf(type, options)
  const entries = target.entries.get(key) ?? []
  runtime.changes++
  if (entries.some((each) => each.fn === fn)) return
  const { once = false, signal } = (typeof options === 'object' && options !== null ? options : {}) as {
    once?: boolean
    signal?: AbortSignal
  }
  const entry: Entry = { fn, once, site, removed: false, standIn: standIn((...given) => note(entry, key, ...given)) }
  Reflect.apply(addEventListener, self, [type, entry.standIn, options])
  if (signal?.aborted === true) return
  target.entries.set(key, [...entries, entry])
  target.added++
  // The language takes its own out of its list. One that was noted already must not be called either.
  if (signal !== undefined)
    Reflect.apply(addEventListener, signal, ['abort', standIn(() => forget(target, key, entry)), { once: true }])
}

/** A function that the language calls, and that touches nothing. */
function standIn(work: (self: EventTarget, event: Event) => void): Native {
  function listener(this: EventTarget, event: Event): void {
    work(this, event)
  }
  ;(listener as unknown as Record<symbol, unknown>)[TWIN] = null
  return listener
}

function note(entry: Entry, key: string, target: EventTarget, event: Event): void {
  if (noting.calls !== null) noting.calls.push({ entry, key, target, event })
  else if (runtime.running) refuse(entry.site, 'what listens here is called by code that is not followed')
  else if (typeof entry.fn === 'function') Reflect.apply(entry.fn, target, [event])
}

function forget(target: Target, key: string, entry: Entry): void {
  entry.removed = true
  target.entries.set(
    key,
    (target.entries.get(key) ?? []).filter((each) => each !== entry),
  )
}

/** `target.addEventListener(...)` */
export const listenToTarget: Handler = atOnce((site, fn, self, args) => {
  const [type, listener, options] = args
  if ((typeof listener !== 'function' && typeof listener !== 'object') || listener === null || !isTarget(self))
    return Reflect.apply(fn, self, args) as unknown
  listenTo(site, self, type, listener, options)
  return undefined
})

const isTarget = (self: unknown): self is EventTarget => self instanceof EventTarget

/** `target.removeEventListener(...)` */
export const unlistening: Handler = atOnce((_, fn, self, args) => {
  const [type, listener, options] = args
  const target = isTarget(self) ? targets.get(self) : undefined
  const key = keyOf(type, options)
  const entry = target?.entries.get(key)?.find((each) => each.fn === listener)
  runtime.changes++
  if (entry === undefined) return Reflect.apply(fn, self, args) as unknown
  forget(target!, key, entry)
  Reflect.apply(removeEventListener, self, [type, entry.standIn, options])
  return undefined
})

/** Has the language dispatch events, and calls those who listen. */
export function* dispatching<T>(site: number, work: () => T): Twin<T> {
  const before = noting.calls
  const calls: Noted[] = []
  noting.calls = calls
  runtime.changes++
  let given: T
  try {
    given = work()
  } finally {
    noting.calls = before
  }
  const stopped = new Set<Event>()
  // More may be noted on the way.
  for (let at = 0; at < calls.length; at++) {
    const { entry, key, target, event } = calls[at]
    if (entry.removed || stopped.has(event)) continue
    const its = targets.get(target)!
    const present = its.added
    if (entry.once)
      its.entries.set(
        key,
        (its.entries.get(key) ?? []).filter((each) => each !== entry),
      )
    const shown = show(event, target, () => stopped.add(event))
    dispatched.add(event)
    try {
      yield* hear(site, entry, target, event)
    } finally {
      dispatched.delete(event)
      shown()
    }
    const isLast = calls[at + 1]?.event !== event
    if (!hearsAtOnce || isLast || its.added === present) continue
    const more = (its.entries.get(key) ?? []).slice(present - its.added).map((entry) => ({ entry, key, target, event }))
    const end = calls.findLastIndex((each) => each.event === event) + 1
    calls.splice(end, 0, ...more)
  }
  return given
}

/** What a listener is called with, and what becomes of what it throws or gives: it is thrown as a tick. */
function* hear(site: number, { fn }: Entry, target: EventTarget, event: Event): Twin<void> {
  const { ticks } = currentAgent()
  const throws = (error: unknown): void => {
    ticks.push(
      atOnce(() => {
        throw error
      }),
    )
  }
  try {
    const isFunction = typeof fn === 'function'
    const heard = isFunction ? fn : yield* member(fn, 'handleEvent')
    if (!isFunction && !heard) return
    const given = yield* call(site, heard, isFunction ? target : fn, [event])
    const then = given === undefined || given === null ? undefined : yield* member(given, 'then')
    if (typeof then === 'function') yield* call(site, then, given, [undefined, twinned(atOnce(throws))])
  } catch (error) {
    passRefusal(error)
    throws(error)
  }
}

/** Has an event look as it does while it is dispatched. Gives what ends that. */
function show(event: Event, target: EventTarget, stop: () => void): () => void {
  const { stopImmediatePropagation } = event
  const stops = standIn(() => {
    stop()
    Reflect.apply(stopImmediatePropagation, event, [])
  })
  const its: Record<string, unknown> = {
    currentTarget: target,
    // Event.AT_TARGET
    eventPhase: 2,
    stopImmediatePropagation: stops,
    composedPath: Object.assign(() => [target], { [TWIN]: null }),
  }
  for (const [name, value] of Object.entries(its)) Object.defineProperty(event, name, { value, configurable: true })
  return () => {
    for (const name of Object.keys(its)) Reflect.deleteProperty(event, name)
  }
}

/** `target.dispatchEvent(event)` */
export const dispatchingEvent: Handler = function* (site, fn, self, args) {
  const [event] = args as [Event]
  if (typeof event === 'object' && event !== null && dispatched.has(event)) {
    const error = new Error(`The event "${event.type}" is already being dispatched`)
    throw Object.assign(error, { code: 'ERR_EVENT_RECURSION' })
  }
  yield* dispatching(site, () => Reflect.apply(fn, self, args) as unknown)
  return !event.defaultPrevented
}

/** `controller.abort(reason)` */
export const aborting: Handler = (site, fn, self, args) =>
  dispatching(site, () => Reflect.apply(fn, self, args) as unknown)

/** `signal.onabort = fn`, which replaces what it was before. */
function linkOnAbort(): void {
  const accessor = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'onabort')
  if (accessor?.get === undefined || accessor.set === undefined) return
  const { get, set } = accessor
  const entries = new WeakMap<object, Entry>()
  const plain = (fn: Native): Record<symbol, unknown> =>
    function (this: object, ...args: unknown[]): unknown {
      if (runtime.running) refuse(-1, 'onabort is asked for or set by a native')
      return Reflect.apply(fn, this, args)
    } as unknown as Record<symbol, unknown>
  const [plainGet, plainSet] = [plain(get), plain(set)]
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  plainGet[TWIN] = function* (this: object): Twin {
    return entries.get(this)?.fn ?? (Reflect.apply(get, this, []) as unknown)
  }
  plainSet[TWIN] = function* (this: object, value: unknown): Twin {
    const before = entries.get(this)
    if (before !== undefined) before.removed = true
    entries.delete(this)
    if (typeof value !== 'function') return Reflect.apply(set, this, [value]) as unknown
    targetOf(-1, this)
    const entry: Entry = {
      fn: value,
      once: false,
      site: -1,
      removed: false,
      standIn: standIn((...given) => note(entry, 'on', ...given)),
    }
    entries.set(this, entry)
    return Reflect.apply(set, this, [entry.standIn]) as unknown
  }
  Object.defineProperty(AbortSignal.prototype, 'onabort', {
    ...accessor,
    get: plainGet as never,
    set: plainSet as never,
  })
}
linkOnAbort()
