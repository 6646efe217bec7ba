/**
 * `bind`, noting what it binds, wherever it is called.
 *
 * A bound function is native, whatever is bound: nobody could tell by looking at it that a call of it loads a word. So
 * `bind` is replaced by one that does the same, and gives what it makes a twin which calls the same by its own name.
 */

import { isSharedMemory } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call, takeSite } from './calls.ts'
import { bound, guards, handlers, type Native, unfollowed } from './native-table.ts'

const { bind } = Function.prototype

function noting(this: Native & { [TWIN]?: Native | null }, self: unknown, ...args: unknown[]): unknown {
  const made = Reflect.apply(bind, this, [self, ...args]) as Native & { [TWIN]?: unknown }
  const twin = this[TWIN]
  if (twin === null) made[TWIN] = null
  else if (
    twin !== undefined ||
    handlers.has(this) ||
    guards.has(this) ||
    unfollowed.has(this) ||
    isSharedMemory(self) ||
    args.some(isSharedMemory)
  ) {
    bound.set(made, { target: this, self, args })
    made[TWIN] = (...more: unknown[]): Twin => call(takeSite(-1), this, self, [...args, ...more])
  }
  return made
}
Object.defineProperty(noting, 'name', { value: bind.name, configurable: true })
Object.defineProperty(noting, 'length', { value: bind.length, configurable: true })
// It may be called as it is, in a thread too.
Object.defineProperty(noting, TWIN, { value: null })
Object.defineProperty(Function.prototype, 'bind', { value: noting, writable: true, configurable: true })
