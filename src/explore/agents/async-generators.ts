/**
 * Async generators of threads: requests for values stand in a queue, and are answered by promises.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { Delegated, Yielded } from '../twins/generators.ts'
import { Returned } from '../twins/guarded.ts'
import { member } from '../twins/iteration.ts'
import type { Promised } from './agent.ts'
import { Awaited, advance, type Body, type Ended, SUSPENDED } from './async-functions.ts'
import { type AsyncIteration, openAsync } from './async-iteration.ts'
import { createPromise, passRefusal, promiseFor, react, reject, resolve, stateOf, twinned } from './promise.ts'

type How = 'next' | 'return' | 'throw'

interface Request {
  readonly how: How
  readonly value: unknown
  readonly state: Promised
}

interface Running {
  /** The author's body, which yields what it yields wrapped, and `Awaited`. */
  readonly body: Generator<unknown, unknown, unknown>
  /** What runs that, and answers. */
  driver: Body
  readonly queue: Request[]
  status: 'start' | 'suspended' | 'busy' | 'done'
}

const prototype = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})()) as object) as object

/** The object that a call of the author's async generator function gives. */
export function asyncGenerator(body: Running['body']): object {
  if (!runtime.running) return natively(body)
  const running: Running = { body, driver: body, queue: [], status: 'start' }
  running.driver = drive(running) as Body
  const object = Object.create(prototype) as object
  for (const how of ['next', 'return', 'throw'] as const) {
    const value = twinned((value) => ask(running, how, value))
    Object.defineProperty(object, how, { value, writable: true, configurable: true })
  }
  return object
}

/** `generator.next(value)` and its like: a promise. */
function* ask(running: Running, how: How, value: unknown): Twin {
  const state = createPromise()
  if (running.status === 'start' && how !== 'next') running.status = 'done'
  if (running.status === 'done' && how !== 'return' && running.queue.length === 0) {
    if (how === 'throw') reject(state, value)
    else yield* resolve(state, { value: undefined, done: true })
    return state.promise
  }
  running.queue.push({ how, value, state })
  if (running.status === 'done') {
    if (running.queue.length === 1) yield* answerRest(running)
  } else if (running.status !== 'busy') yield* goOn(running, 'next', undefined)
  return state.promise
}

function* goOn(running: Running, how: 'next' | 'throw', value: unknown): Twin<void> {
  running.status = 'busy'
  const ended = yield* advance(running.driver, how, value, (how, value) => goOn(running, how, value))
  if (ended === undefined) return
  running.status = 'done'
  yield* answer(running.queue, ended, true)
  yield* answerRest(running)
}

function* answer(queue: Request[], ended: Ended, done: boolean): Twin<void> {
  const { state } = queue.shift()!
  if ('error' in ended) reject(state, ended.error)
  else yield* resolve(state, { value: ended.value, done })
}

/** Of a generator that has ended: answers all requests. One to return awaits its value first. */
function* answerRest(running: Running): Twin<void> {
  const { queue } = running
  while (queue.length > 0) {
    const { how, value } = queue[0]
    if (how === 'next') yield* answer(queue, { value: undefined }, true)
    else if (how === 'throw') yield* answer(queue, { error: value }, true)
    else {
      try {
        const promise = yield* promiseFor(-1, Promise, value)
        react(stateOf(promise as Promise<unknown>, -1), {
          *fulfilled(value) {
            yield* answer(queue, { value }, true)
            yield* answerRest(running)
          },
          *rejected(error) {
            yield* answer(queue, { error }, true)
            yield* answerRest(running)
          },
          derived: undefined,
        })
        return
      } catch (error) {
        passRefusal(error)
        yield* answer(queue, { error }, true)
      }
    }
  }
}

interface Sent {
  readonly how: How
  readonly value: unknown
}

/** Runs the author's body for one request after another. */
function* drive(running: Running): Twin {
  const { body, queue } = running
  let sent: Sent = queue[0]
  let within = false
  for (;;) {
    const result: IteratorResult<unknown> = yield* step(body, sent, within)
    if (result.done) return result.value
    within = (result.value as Yielded | Delegated).within
    if (result.value instanceof Yielded) {
      sent = yield* given(running, result.value.value)
      continue
    }
    const { site, source } = result.value as Delegated
    try {
      sent = yield* delegated(running, yield* openAsync(site, source))
    } catch (error) {
      passRefusal(error)
      sent = { how: 'throw', value: error }
    }
  }
}

/** Sends the body on, up to where it yields to whoever iterates. */
function* step(body: Running['body'], { how, value }: Sent, within: boolean): Twin<IteratorResult<unknown>> {
  let result = how === 'return' && within ? body.throw(new Returned(value)) : body[how](value)
  while (!result.done && !(result.value instanceof Yielded) && !(result.value instanceof Delegated)) {
    if (result.value instanceof Returned) {
      result = body.return(result.value.value)
      continue
    }
    let back: unknown
    try {
      back = yield result.value
    } catch (error) {
      result = body.throw(error)
      continue
    }
    result = body.next(back)
  }
  return result
}

/** Answers a request with a value, and takes the next one; a value to return is awaited. */
function* given(running: Running, value: unknown): Twin<Sent> {
  const { queue } = running
  yield* answer(queue, { value }, false)
  if (queue.length === 0) {
    running.status = 'suspended'
    yield SUSPENDED
  }
  const { how, value: next } = queue[0]
  if (how !== 'return') return { how, value: next }
  try {
    return { how, value: yield new Awaited(-1, next) }
  } catch (error) {
    passRefusal(error)
    return { how: 'throw', value: error }
  }
}

/** `yield*`: how the body goes on when the other iterator has given the word back. */
function* delegated(running: Running, it: AsyncIteration): Twin<Sent> {
  let sent: Sent = { how: 'next', value: undefined }
  for (;;) {
    const { how } = sent
    const method = how === 'next' ? it.next : yield* it.method(how)
    if (method === undefined) {
      if (how === 'return') return { how, value: yield new Awaited(it.site, sent.value) }
      const close = yield* it.method('return')
      if (close !== undefined) yield new Awaited(it.site, yield* close(undefined))
      throw new TypeError('The iterator does not provide a throw method')
    }
    const result = yield new Awaited(it.site, yield* method(sent.value))
    if (typeof result !== 'object' || result === null)
      throw new TypeError(`Iterator result ${String(result)} is not an object`)
    const done = yield* member(result, 'done')
    const value = yield* member(result, 'value')
    if (done) return { how: how === 'return' ? how : 'next', value }
    sent = yield* given(running, value)
  }
}

/** Where no thread runs, the language itself waits. */
async function* natively(body: Running['body']): AsyncGenerator<unknown, unknown, unknown> {
  try {
    let result = body.next()
    while (!result.done) {
      const { value } = result
      let back: unknown
      try {
        if (value instanceof Awaited) back = await value.value
        else if (value instanceof Yielded) back = yield value.value
        else if (value instanceof Delegated) back = yield* value.source as AsyncIterable<unknown>
      } catch (error) {
        result = body.throw(error)
        continue
      }
      result = body.next(back)
    }
    return result.value
  } finally {
    body.return(undefined)
  }
}
