/**
 * `Atomics.wait` as code calls it that is not followed: it would hold the process, where nobody runs who could wake it.
 * What is followed asks the engine instead, and never comes here.
 */

import { howToFollow } from '../runtime/name-packages.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isWaitable } from '../runtime/shared-view.ts'
import { standIn } from './language.ts'
import { handlers } from './native-table.ts'
import { refuse } from './refuse.ts'

const original = Atomics.wait

function wait(this: unknown, ...args: Parameters<typeof Atomics.wait>): unknown {
  const sleeps = runtime.running && runtime.thread() >= 0 && isShared(args[0]) && isWaitable(args[0])
  if (sleeps)
    refuse(-1, `code that is not followed sleeps in Atomics.wait, and nobody runs beside it; ${howToFollow()}`)
  return Reflect.apply(original, this, args)
}

standIn(wait)
handlers.set(wait, handlers.get(original)!)
Object.defineProperty(wait, 'length', { value: original.length, configurable: true })
Object.defineProperty(Atomics, 'wait', { value: wait, writable: true, configurable: true })
