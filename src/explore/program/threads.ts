/**
 * The threads of a scenario as the engine runs them: as generators.
 */

import { MisuseError } from '../runtime/misuse-error.ts'
import { PLACE, type Twin, twinOf } from '../runtime/twin.ts'
import { isUntouched } from '../runtime/untouched.ts'

const LOAD =
  'Load its file through the plugin (every-order/vite, sk-storage/vite) or the loader (every-order/register, sk-storage/register).'

/** The generator function of a thread: its twin, or the function itself if it is a generator function. */
export function bodyOf<Context>(thread: (context: Context) => unknown, t: number): (context: Context) => Twin {
  const twin = twinOf(thread) as ((context: Context) => Twin) | null | undefined
  const tag = Object.prototype.toString.call(thread)
  const generates = tag.endsWith('GeneratorFunction]')
  if (twin === undefined && generates) return thread as (context: Context) => Twin
  if (generates)
    throw new MisuseError(`thread ${t} is a generator function, and nobody would step it. Give a plain function.`)
  if (twin === undefined && tag === '[object AsyncFunction]' && !isUntouched(thread))
    throw new MisuseError(`thread ${t} is an async function that is not instrumented. ${LOAD}`)
  // A leaf has nothing to stop at, and no twin. What could not be instrumented refuses by itself.
  if (twin === null || (twin === undefined && isUntouched(thread))) {
    return function* (context) {
      const value = thread(context)
      // The refusal is known: nobody else is to hear of it by the promise.
      if (twin === undefined && tag === '[object AsyncFunction]') (value as Promise<unknown>).catch(() => {})
      return value
    } as (context: Context) => Twin
  }
  if (twin !== undefined) return twin
  throw new MisuseError(`thread ${t} is not instrumented. ${LOAD}`)
}

/** Where the function of a thread was loaded from, if modules there await what each thread has for itself. */
export const loadedFrom = (thread: unknown): string | undefined =>
  (twinOf(thread) as { readonly [PLACE]?: string } | null | undefined)?.[PLACE]
