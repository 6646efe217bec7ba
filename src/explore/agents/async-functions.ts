/**
 * Async functions of threads: their bodies are generators that yield what they await, and go on as jobs.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { drive } from '../twins/checked-calls.ts'
import { refuse } from '../twins/refuse.ts'
import { currentAgent, type Promised } from './agent.ts'
import { createPromise, passRefusal, promiseFor, react, reject, resolve, stateOf } from './promise.ts'

/** What the author awaits. */
export class Awaited {
  readonly site: number
  readonly value: unknown
  constructor(site: number, value: unknown) {
    this.site = site
    this.value = value
  }
}

/** A body that yields to the scheduler, and `Awaited`. */
export type Body = Generator<unknown, unknown, unknown>

/** Calls an async function: its body runs up to its first `await`. */
export function* startAsync(body: Body): Twin {
  if (!runtime.running) return natively(body)
  const state = createPromise()
  yield* goOn(state, body, 'next', undefined)
  return state.promise
}

/** Runs a body up to where it awaits something, or to its end. */
function* goOn(state: Promised, body: Body, how: 'next' | 'throw', value: unknown): Twin<void> {
  const ended = yield* advance(body, how, value, (how, value) => goOn(state, body, how, value))
  if (ended === undefined) return
  if ('error' in ended) reject(state, ended.error)
  else yield* resolve(state, ended.value)
}

/** How a body came to its end. */
export type Ended = { readonly value: unknown } | { readonly error: unknown }

/** What a body yields to be left alone until somebody sends it on. */
export const SUSPENDED: unique symbol = Symbol('suspended')

/**
 * Runs a body up to where it awaits something, which it then is sent by `sent` as a job, or is suspended: undefined. Or
 * to its end.
 */
export function* advance(
  body: Body,
  how: 'next' | 'throw',
  value: unknown,
  sent: (how: 'next' | 'throw', value: unknown) => Twin,
): Twin<Ended | undefined> {
  for (;;) {
    let result: IteratorResult<unknown, unknown>
    try {
      result = body[how](value)
      while (!result.done && !(result.value instanceof Awaited) && result.value !== SUSPENDED) {
        yield
        result = body.next()
      }
    } catch (error) {
      passRefusal(error)
      return { error }
    }
    if (result.done) return { value: result.value }
    if (result.value === SUSPENDED) return undefined
    const awaited = result.value as Awaited
    currentAgent().awaits = awaited.site
    try {
      const promise = yield* promiseFor(awaited.site, Promise, awaited.value)
      const resumed = (how: 'next' | 'throw', value: unknown): Twin => {
        runtime.hooks()?.comes('after await', awaited.site)
        return sent(how, value)
      }
      react(stateOf(promise as Promise<unknown>, awaited.site), {
        fulfilled: (value) => resumed('next', value),
        rejected: (reason) => resumed('throw', reason),
        derived: undefined,
      })
      return undefined
    } catch (error) {
      passRefusal(error)
      how = 'throw'
      value = error
    }
  }
}

/** Where no thread runs, the language itself waits. */
async function natively(body: Body): Promise<unknown> {
  let result = body.next()
  while (!result.done) {
    if (!(result.value instanceof Awaited)) {
      result = body.next()
      continue
    }
    let value: unknown
    try {
      value = await result.value.value
    } catch (error) {
      result = body.throw(error)
      continue
    }
    result = body.next(value)
  }
  return result.value
}

const NATIVE =
  'a native calls an async function here, and what it does can not be followed: it can not be interrupted there'

/**
 * Runs the twin of an async function for its plain form. In a thread that is refused, and nobody would handle the
 * rejection: the promise is never settled.
 */
export function driveAsync(twin?: Twin): unknown {
  if (!runtime.running && twin !== undefined) return drive(twin)
  try {
    refuse(-1, NATIVE)
  } catch {
    return new Promise(() => {})
  }
}
