/**
 * What goes wrong in a browser: told to the global object, and, of a worker, to the one who started it and to whoever
 * that one is told to, until somebody says that it has been dealt with. Nobody's agent ends of it.
 */

import { TWIN, type Twin } from '../runtime/twin.ts'
import type { Promised } from './agent.ts'
import { ErrorEvent, PromiseRejectionEvent } from './browser-classes.ts'
import type { Listener, Port } from './port.ts'
import { tell, tellAll } from './port-events.ts'

/** An error on its way. */
export interface Uncaught {
  readonly message: string
  /** What was thrown, as its own agent is told. */
  readonly error: unknown
}

export function uncaught(error: unknown): Uncaught {
  let text: string
  try {
    text = String(error)
  } catch {
    text = 'an object that is no text'
  }
  return { message: `Uncaught ${text}`, error }
}

/** What came of telling it. */
export interface Told {
  /** Somebody listened. */
  readonly heard: boolean
  /** Somebody has said that it has been dealt with. */
  readonly prevented: boolean
}

/** An event with what a listener may ask of it. `prevent` is what it does to be dealt with. */
function eventOf(kind: { readonly prototype: object }, target: object, its: object, prevent: () => void): object {
  const event = Object.create(kind.prototype) as object
  const silently = (work: () => void): unknown => Object.assign(work, { [TWIN]: null })
  const methods = {
    preventDefault: silently(prevent),
    stopPropagation: silently(() => {}),
  }
  const all = {
    target,
    currentTarget: target,
    srcElement: target,
    bubbles: false,
    cancelable: true,
    ...its,
    ...methods,
  }
  for (const [name, value] of Object.entries(all)) Object.defineProperty(event, name, { value, configurable: true })
  return event
}

/** Tells those who listen to `error`. `isScope`: to a global object, whose handler gets more than the event. */
export function* tellError(site: number, port: Port, { message, error }: Uncaught, isScope: boolean): Twin<Told> {
  const told = { heard: false, prevented: false }
  const prevent = (): void => void (told.prevented = true)
  const its = { type: 'error', message, error, filename: '', lineno: 0, colno: 0 }
  const event = eventOf(ErrorEvent, port.object, its, prevent)
  function* telling(each: Listener): Twin<void> {
    told.heard = true
    const isHandler = each.how === 'handler'
    const given = yield* tell(site, port, each, isHandler && isScope ? [message, '', 0, 0, error] : [event])
    // A handler of a global object says so by true, any other one by false.
    if (isHandler && given === isScope) prevent()
  }
  yield* tellAll(site, port, 'error', telling)
  return told
}

/** Tells those who listen to `unhandledrejection`. */
export function* tellRejection(site: number, port: Port, { promise, value }: Promised): Twin<Told> {
  const told = { heard: false, prevented: false }
  const prevent = (): void => void (told.prevented = true)
  const its = { type: 'unhandledrejection', promise, reason: value }
  const event = eventOf(PromiseRejectionEvent, port.object, its, prevent)
  function* telling(each: Listener): Twin<void> {
    told.heard = true
    if ((yield* tell(site, port, each, [event])) === false && each.how === 'handler') prevent()
  }
  yield* tellAll(site, port, 'unhandledrejection', telling)
  return told
}
