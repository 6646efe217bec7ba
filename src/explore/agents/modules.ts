/**
 * Modules that await at their tops: a thread evaluates them before it begins, as a worker does.
 *
 * They come in the order in which Node evaluated them when they were loaded. One that awaits holds up those that waited
 * for it then, since they import it, and no others; its end is a job, which goes on with them.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { hasAwaiting, type Unevaluated, unevaluated } from '../twins/own-state.ts'
import { currentAgent } from './agent.ts'
import { startAsync } from './async-functions.ts'
import { atOnce, createPromise, fulfil, isPromise, react, reject, resolve, stateOf } from './promise.ts'

/** What a thread does whose modules await; null: none does, or what awaits is not explored. */
export function afterModules(place: string, body: () => Twin): Twin | null {
  return runtime.hooks() === undefined || !hasAwaiting(place) ? null : begin(place, body)
}

/** Gives a promise of what the thread's function gives, which runs as soon as all modules are there. */
function* begin(place: string, body: () => Twin): Twin {
  const result = createPromise()
  // Not by `resolve`: who gives an object with a `then` has not given a promise.
  evaluateAll(unevaluated(place), function* () {
    const value = yield* body()
    if (!isPromise(value)) fulfil(result, value)
    else
      react(stateOf(value, -1), {
        fulfilled: (given) => resolve(result, given),
        rejected: atOnce((reason) => reject(result, reason)),
        derived: undefined,
      })
  })
  return result.promise
}

function evaluateAll(modules: readonly Unevaluated[], then: () => Twin<void>): void {
  const begun = new Set<Unevaluated>()
  const ended = new Set<object>()
  function* goOn(): Twin<void> {
    for (const each of modules) {
      if (begun.has(each) || !each.after.every((other) => ended.has(other))) continue
      begun.add(each)
      const end = (): void => {
        each.end()
        ended.add(each.module)
      }
      if (each.awaiting === undefined) {
        yield* each.evaluate()
        ended.add(each.module)
        continue
      }
      const promise = (yield* startAsync(each.awaiting())) as Promise<unknown>
      const fulfilled = function* (): Twin<void> {
        end()
        yield* goOn()
      }
      react(stateOf(promise, -1), { fulfilled, rejected: undefined, derived: undefined })
    }
    if (ended.size === modules.length) yield* then()
  }
  // As Node does: what `nextTick` queues meanwhile comes behind all jobs.
  currentAgent().jobs.push(goOn)
}
