/**
 * The author's generators, for twins.
 *
 * Two things yield in the body of a generator's twin: the author, values to whoever iterates; and the twin, to
 * the scheduler. The author's values come out wrapped, and `next` passes everything else on.
 */

import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { drive } from './checked-calls.ts'

/** A value yielded by the author. */
export class Yielded {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

type Body = Generator<unknown, unknown, unknown>

const generatorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()) as object) as object

function* resume(body: Body, how: 'next' | 'return' | 'throw', value: unknown): Twin<IteratorResult<unknown>> {
  runtime.changes++
  let result = body[how](value)
  while (!result.done && !(result.value instanceof Yielded)) {
    yield
    result = body.next()
  }
  return result.done ? { value: result.value, done: true } : { value: (result.value as Yielded).value, done: false }
}

/** The generator object that a call of the author's generator function gives. */
export function generator(body: Body): object {
  const object = Object.create(generatorPrototype) as object
  for (const how of ['next', 'return', 'throw'] as const) {
    const twin = (value: unknown): Twin<IteratorResult<unknown>> => resume(body, how, value)
    const plain = (value: unknown): unknown => drive(twin(value))
    ;(plain as unknown as Record<symbol, unknown>)[TWIN] = twin
    Object.defineProperty(object, how, { value: plain, writable: true, configurable: true })
  }
  return object
}
