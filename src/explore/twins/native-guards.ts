/**
 * Natives that reach a shared view though nobody called them by name: a string is made of it, an older iterator is
 * stepped.
 *
 * `view + ''` and `${view}` end in `join`, and so does each native that makes a number of a view. Natives that take an
 * iterable begin with `values`. A thread that gets there without an announced event is refused. Iterators over shared
 * views are remembered, so that one made in set-up code is refused when a thread steps it. All of this replaces methods
 * of all typed arrays by ones that do the same and cost a comparison.
 */

import { runtime } from '../runtime/runtime.ts'
import { isShared } from '../runtime/shared-view.ts'
import { announced, silently } from './native-events.ts'
import { handlers, type Native } from './native-table.ts'
import { refuse } from './refuse.ts'

const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<PropertyKey, Native>
const arrayIterator = Object.getPrototypeOf([][Symbol.iterator]()) as Record<PropertyKey, Native>

/** Iterators over views of shared memory that natives made. */
const iterators = new WeakSet<object>()

/** Puts `guard` in the place of a method, with its name, its length and its handler. */
function replace(name: 'join' | 'toLocaleString' | 'values' | 'entries', guard: (original: Native) => Native): Native {
  const original = elements[name]
  const guarded = guard(original)
  Object.defineProperty(guarded, 'name', { value: original.name, configurable: true })
  Object.defineProperty(guarded, 'length', { value: original.length, configurable: true })
  Object.defineProperty(elements, name, { value: guarded, writable: true, configurable: true })
  const handler = handlers.get(original)
  if (handler) handlers.set(guarded, handler)
  return guarded
}

const unseen = (view: unknown): boolean => runtime.running && isShared(view) && !announced.views.includes(view)

for (const name of ['join', 'toLocaleString'] as const) {
  replace(
    name,
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        if (unseen(this)) {
          refuse(-1, 'a view of shared memory becomes a string here, and no event says so; call its toString or join')
        }
        return Reflect.apply(original, this, args)
      },
  )
}

/** Steps unless a thread runs: also for natives that step it, as `new Set(iterator)` does. */
function guardedNext(this: unknown, ...args: unknown[]): unknown {
  if (runtime.running) refuseIterator(-1)
  return Reflect.apply(arrayIterator.next, this, args)
}

function remembering(method: Native): Native {
  return function (this: unknown, ...args: unknown[]) {
    // In a thread only natives come here.
    if (unseen(this)) refuse(-1, 'a native steps through a view of shared memory here, and no event says so')
    const iterator = Reflect.apply(method, this, args) as object
    if (isShared(this)) {
      iterators.add(iterator)
      // Its own, since a change of the prototype would slow down all loops over arrays.
      if (!runtime.running)
        Object.defineProperty(iterator, 'next', { value: guardedNext, writable: true, configurable: true })
    }
    return iterator
  }
}
replace('entries', remembering)
const values = replace('values', remembering)
Object.defineProperty(elements, Symbol.iterator, { value: values, writable: true, configurable: true })

handlers.set(
  guardedNext,
  silently((site) => {
    refuseIterator(site)
  }),
)
handlers.set(
  arrayIterator.next,
  silently((site, next, self, args) => {
    if (iterators.has(self as object)) refuseIterator(site)
    return Reflect.apply(next, self, args)
  }),
)
handlers.set(
  arrayIterator[Symbol.iterator],
  silently((site, method, self, args) => {
    if (iterators.has(self as object)) refuseIterator(site)
    return Reflect.apply(method, self, args)
  }),
)

function refuseIterator(site: number): never {
  refuse(
    site,
    'this iterator over shared memory was made where no thread runs, and its steps are no events; make it here',
  )
}
