/**
 * Who listens to a port, and how they hear of something: as Node's `NodeEventTarget` does it.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { member } from '../twins/iteration.ts'
import { currentAgent } from './agent.ts'
import { keep, type Listener, type Listening } from './port.ts'

/**
 * Adds a listener, unless the same one is there. The first for messages starts the port, in a browser `onmessage`
 * alone.
 */
export function add(
  site: number,
  port: Listening,
  type: string,
  fn: object,
  how: Listener['how'],
  once: boolean,
): void {
  const before = port.listeners.get(type) ?? []
  if (before.some((each) => each.fn === fn && (each.how === 'handler') === (how === 'handler'))) return
  runtime.changes++
  port.listeners.set(type, [...before, { fn, how, once, removed: false }])
  if (type !== 'message') return
  if (currentAgent().browser !== undefined) {
    if (how === 'handler') port.receives = true
    return
  }
  if (before.length > 0) return
  port.receives = true
  keep(site, port, true)
}

/**
 * Removes a listener; without one all of that type. After the last one for messages the port is at rest, but in a
 * browser, where nobody hears of what comes then.
 */
export function remove(site: number, port: Listening, type: string, fn?: object, handler?: boolean): void {
  const before = port.listeners.get(type) ?? []
  const gone = before.filter(
    (each) => (fn === undefined || each.fn === fn) && (handler === undefined || (each.how === 'handler') === handler),
  )
  if (gone.length === 0) return
  runtime.changes++
  for (const each of gone) each.removed = true
  const left = before.filter((each) => !each.removed)
  if (left.length > 0) port.listeners.set(type, left)
  else {
    port.listeners.delete(type)
    if (type !== 'message' || currentAgent().browser !== undefined) return
    port.receives = false
    keep(site, port, false)
  }
}

/** Tells all who listen. */
export function* dispatch(
  site: number,
  port: Listening,
  type: string,
  data: unknown,
  ports: readonly object[],
): Twin<void> {
  let event: object | undefined
  const shown = (how: Listener['how']): unknown =>
    how === 'value' ? data : (event ??= eventOf(port.object, type, data, ports))
  yield* tellAll(site, port, type, function* (each) {
    yield* tell(site, port, each, [shown(each.how)])
  })
}

/** Tells each of those who listen, as the agent that runs does it. */
export function* tellAll(
  site: number,
  port: Listening,
  type: string,
  telling: (listener: Listener) => Twin<void>,
): Twin<void> {
  const { browser } = currentAgent()
  for (const each of port.listeners.get(type) ?? []) {
    if (each.removed) continue
    if (each.once) remove(site, port, type, each.fn, each.how === 'handler')
    yield* browser === undefined ? telling(each) : browser.callback(telling(each))
  }
}

/** Calls one who listens. Gives what that gives. */
export function* tell(site: number, { object }: Listening, { fn }: Listener, args: unknown[]): Twin {
  if (typeof fn === 'function') return yield* call(site, fn, object, args)
  return yield* call(site, yield* member(fn, 'handleEvent'), fn, args)
}

const { MessageEvent, Event } = globalThis as unknown as Record<string, { readonly prototype: object } | undefined>

/** What a listener of an `EventTarget` is handed. */
function eventOf(target: object, type: string, data: unknown, ports: readonly object[]): object {
  const kind = type === 'message' ? MessageEvent : Event
  const event = Object.create(kind?.prototype ?? null) as object
  const its = { type, target, currentTarget: target, srcElement: target, bubbles: false, cancelable: false }
  const message = { data, ports: [...ports], origin: '', lastEventId: '', source: null }
  for (const [key, value] of Object.entries(type === 'message' ? { ...its, ...message } : its))
    Object.defineProperty(event, key, { value, configurable: true })
  return event
}
