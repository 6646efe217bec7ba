/**
 * What an agent does when the code of its thread has come to an end: its jobs, and what the thread's promise came to.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { currentAgent, drain, isAsynchronous, type Promised } from './agent.ts'
import { isPromise, stateOf } from './promise.ts'

/** What a thread still has to do after its function gave that; null: nothing. */
export function afterBody(value: unknown): Twin | null {
  return isAsynchronous() || isPromise(value) ? rest(value) : null
}

function* rest(value: unknown): Twin {
  const awaited = isPromise(value) ? stateOf(value, -1) : undefined
  if (awaited !== undefined) hear(awaited)
  yield* drain(currentAgent())
  return awaited === undefined ? value : resultOf(awaited)
}

/** The explorer itself asks what becomes of the promise. */
function hear(state: Promised): void {
  state.handled = true
  state.agent.unheard.delete(state)
}

/** What the thread gives; it throws what its promise was rejected for. */
function resultOf({ status, value }: Promised): unknown {
  if (status === 'fulfilled') return value
  if (status === 'rejected') throw value
  runtime.unsettled()
  return undefined
}
