/**
 * The author's generators, for twins.
 *
 * Three things yield in the body of a generator's twin: the author, values to whoever iterates; `yield*`, which hands
 * the word to another iterator; and the twin, to the scheduler. The first two come out wrapped, and what resumes the
 * body passes everything else on. While another iterator has the word, the body rests: what is sent in goes there.
 */

import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { drive } from './checked-calls.ts'
import { Returned } from './guarded.ts'
import { advance, close, type Iteration, member, open, step } from './iteration.ts'

/** A value yielded by the author. */
export class Yielded {
  readonly value: unknown
  /** In the middle of an array pattern. */
  readonly within: boolean
  constructor(value: unknown, within = false) {
    this.value = value
    this.within = within
  }
}

/** `yield* source` */
export class Delegated {
  readonly site: number
  readonly source: unknown
  /** In the middle of an array pattern. */
  readonly within: boolean
  constructor(site: number, source: unknown, within = false) {
    this.site = site
    this.source = source
    this.within = within
  }
}

type How = 'next' | 'return' | 'throw'

/** How a body goes on. */
interface Sent {
  readonly how: How
  readonly value: unknown
}

type Given = IteratorResult<unknown>

interface Running {
  readonly body: Generator<unknown, unknown, unknown>
  /** The iterator that has the word. */
  inner: Iteration | null
  /** Somebody has asked it to go on and has no answer yet. */
  busy: boolean
  /** It rests in the middle of an array pattern. */
  within: boolean
}

const generatorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()) as object) as object

function* resume(running: Running, how: How, value: unknown): Twin<Given> {
  runtime.changes++
  // It takes as long as many turns of a loop that touches nothing.
  runtime.spare -= 16
  if (running.busy) throw new TypeError('Generator is already running')
  running.busy = true
  try {
    return yield* resumed(running, how, value)
  } finally {
    running.busy = false
  }
}

function* resumed(running: Running, how: How, value: unknown): Twin<Given> {
  let sent: Sent = { how, value }
  for (;;) {
    if (running.inner !== null) {
      const answer = yield* forwarded(running, running.inner, sent)
      if (!('how' in answer)) return answer.given
      sent = answer
    }
    let { done, value: given } = told(running, sent)
    while (!done && !(given instanceof Yielded) && !(given instanceof Delegated)) {
      if (!(given instanceof Returned)) yield
      const next = given instanceof Returned ? running.body.return(given.value) : running.body.next()
      done = next.done
      given = next.value
    }
    if (done) return { value: given, done: true }
    const stop = given as Yielded | Delegated
    running.within = stop.within
    if (stop instanceof Yielded) return { value: stop.value, done: false }
    const { site, source } = stop
    try {
      running.inner = yield* open(site, source)
      sent = { how: 'next', value: undefined }
    } catch (error) {
      sent = { how: 'throw', value: error }
    }
  }
}

/** Tells a body how to go on. */
function told(running: Running, { how, value }: Sent): IteratorResult<unknown> {
  const { body, within } = running
  running.within = false
  return how === 'return' && within ? body.throw(new Returned(value)) : body[how](value)
}

/** What the inner iterator gives to whoever iterates, or how the body goes on when it has given the word back. */
function* forwarded(running: Running, it: Iteration, sent: Sent): Twin<Sent | { readonly given: Given }> {
  try {
    const answer = yield* answered(it, sent)
    if ('how' in answer) running.inner = null
    return answer
  } catch (error) {
    running.inner = null
    return { how: 'throw', value: error }
  }
}

function* answered(it: Iteration, { how, value }: Sent): Twin<Sent | { readonly given: Given }> {
  if (it.iterator === null && how === 'next') {
    const more = step(it) ?? (yield* advance(it))
    return more ? { given: { value: it.value, done: false } } : { how: 'next', value: undefined }
  }
  const method = how === 'next' ? it.next : it.iterator === null ? undefined : yield* member(it.iterator, how)
  if (method === undefined || method === null) {
    if (how === 'return') return { how, value }
    if (it.iterator !== null) yield* close(it)
    throw new TypeError('The iterator does not provide a throw method')
  }
  const result = yield* call(it.site, method, it.iterator, [value])
  if (typeof result !== 'object' || result === null)
    throw new TypeError(`Iterator result ${String(result)} is not an object`)
  if (!(yield* member(result, 'done'))) return { given: result as Given }
  return { how: how === 'return' ? how : 'next', value: yield* member(result, 'value') }
}

/** The generator object that a call of the author's generator function gives. */
export function generator(body: Running['body']): object {
  const running: Running = { body, inner: null, busy: false, within: false }
  const object = Object.create(generatorPrototype) as object
  runtime.spare -= 64
  for (const how of ['next', 'return', 'throw'] as const) {
    const twin = (value: unknown): Twin<Given> => resume(running, how, value)
    const plain = (value: unknown): unknown => drive(twin(value))
    ;(plain as unknown as Record<symbol, unknown>)[TWIN] = twin
    Object.defineProperty(object, how, { value: plain, writable: true, configurable: true })
  }
  return object
}
