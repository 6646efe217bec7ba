/**
 * What goes wrong in an agent that has a `process` of its own, told to those who listen there, as in Node:
 * `uncaughtException` for what is thrown, `unhandledRejection` for a promise that nobody asks about.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Failing } from './agent.ts'
import { emit } from './native-events.ts'

interface Emitter {
  listenerCount(event: string): number
  readonly emit: () => void
}

/** Tells those who listen to that process. */
export function failingOf(site: number, process: object): Failing {
  const its = process as Emitter
  function* tell(event: string, ...args: unknown[]): Twin<boolean> {
    if (its.listenerCount(event) === 0) return false
    runtime.unheard = null
    runtime.latestThrow = null
    yield* emit(site, its.emit, its, [event, ...args])
    return true
  }
  const thrown: Failing['thrown'] = (error, origin) => tell('uncaughtException', error, origin)
  return {
    thrown,
    *rejected(state) {
      const { unheard } = state.agent
      unheard.delete(state)
      if (yield* tell('unhandledRejection', state.value, state.promise)) return true
      return yield* thrown(state.value, 'unhandledRejection')
    },
  }
}
