/**
 * Array patterns that are left half way: what throws in the middle of one, or returns from the generator around it,
 * closes the iterator first.
 */

import type { Twin } from '../runtime/twin.ts'
import { stepped } from './checked-calls.ts'
import { close, closed, failed, type Iteration } from './iteration.ts'

/**
 * What a generator is left with that is told to return in the middle of a pattern: it is thrown up to the end of the
 * pattern, and yielded there, for a return that has nothing to wait for any more. (A `yield*` that is told to return
 * goes on if what it delegates to takes a step before it ends.)
 */
export class Returned {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

/** Evaluates a part of a pattern. `within`: the pattern is part of another one. */
export function* guarded(it: Iteration, part: Twin, within: boolean): Twin {
  try {
    return yield* part
  } catch (error) {
    const returned = error instanceof Returned
    if (!returned) failed(it)
    if (!closed(it)) yield* close(it)
    if (returned && !within) yield error
    throw error
  }
}

/** The same in text that has no twin. */
export function guardedPlainly(where: string, it: Iteration, part: () => unknown): unknown {
  try {
    return part()
  } catch (error) {
    failed(it)
    if (!closed(it)) stepped(where, close(it))
    throw error
  }
}

/** The same in a generator that has no twin. */
export function* guardedYields(where: string, it: Iteration, part: Twin): Generator {
  let left = true
  try {
    const value = yield* part
    left = false
    return value
  } catch (error) {
    failed(it)
    throw error
  } finally {
    if (left && !closed(it)) stepped(where, close(it))
  }
}
