/**
 * Who listens to a port, and how they hear of something: as Node's `NodeEventTarget` does it.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { member } from '../twins/iteration.ts'
import { keep, type Listener, type Listening } from './port.ts'

/** Adds a listener, unless the same one is there. The first for messages starts the port. */
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
  if (type !== 'message' || before.length > 0) return
  port.receives = true
  keep(site, port, true)
}

/** Removes a listener; without one all of that type. After the last one for messages the port is at rest. */
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
    if (type !== 'message') return
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
  const { object } = port
  let event: object | undefined
  for (const each of port.listeners.get(type) ?? []) {
    if (each.removed) continue
    if (each.once) remove(site, port, type, each.fn, each.how === 'handler')
    if (each.how !== 'value') event ??= eventOf(object, type, data, ports)
    if (typeof each.fn === 'function') yield* call(site, each.fn, object, [each.how === 'value' ? data : event])
    else yield* call(site, yield* member(each.fn, 'handleEvent'), each.fn, [event])
  }
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
