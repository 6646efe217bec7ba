/**
 * Natives that are methods of a view: what each does to shared memory, as events.
 */

import { READ, WRITE } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isSharedArray } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { drive } from './checked-calls.ts'
import { advance, type Iteration, open } from './iteration.ts'
import { perform, range, readAll, reads, writes } from './native-events.ts'
import type { Family, Handler, Native } from './native-table.ts'
import { primitives } from './primitive.ts'

const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<PropertyKey, Native | undefined>
const arrayIterator = Object.getPrototypeOf([][Symbol.iterator]()) as object

function* readAndWriteAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  yield* writes(site, self)
  return perform(fn, self, args, [self])
}

/** `view.values()`, `entries()`: an iterator that announces each element. */
function lazily(pair: (at: number, value: unknown) => unknown): Handler {
  return function* (site, fn, self, args) {
    if (!isSharedArray(self)) return perform(fn, self, args)
    return viewIterator(yield* open(site, self), pair)
  }
}

function viewIterator(it: Iteration, pair: (at: number, value: unknown) => unknown): object {
  const twin = function* (): Twin<IteratorResult<unknown>> {
    const at = it.at
    const more = !it.done && (yield* advance(it))
    return more ? { value: pair(at, it.value), done: false } : { value: undefined, done: true }
  }
  const itself = function (this: unknown) {
    return this
  }
  // What else an iterator has (`take`, `map`, its tag) steps it by this `next`.
  return Object.create(arrayIterator, {
    next: { value: Object.assign(() => drive(twin()), { [TWIN]: twin }), writable: true, configurable: true },
    [Symbol.iterator]: { value: Object.assign(itself, { [TWIN]: null }), writable: true, configurable: true },
  }) as object
}

/** `DataView`: the index is in bytes, and so is the size. */
function accessor(kind: number, size: number): Handler {
  return function* (site, fn, self, given) {
    const args = ArrayBuffer.isView(self) ? yield* primitives(given) : given
    const at = Math.trunc(Number(args[0])) || 0
    const inside = isShared(self) && at >= 0 && at + size <= self.byteLength
    if (inside && !runtime.op(kind, site, self, at, size)) yield
    return perform(fn, self, args)
  }
}

const accessors = Object.getOwnPropertyNames(DataView.prototype).flatMap((name) => {
  const bits = /^[gs]et\D+(\d+)$/.exec(name)?.[1]
  if (bits === undefined) return []
  const fn = (DataView.prototype as unknown as Record<string, Native>)[name]
  return [[fn, accessor(name.startsWith('get') ? READ : WRITE, Number(bits) / 8)] as const]
})

const wholeReaders = 'indexOf lastIndexOf includes join toLocaleString toReversed toSorted with'.split(' ')

export const views: Family = [
  ...wholeReaders.map((name) => [elements[name], readAll] as const),
  [elements.reverse, readAndWriteAll],
  [elements.sort, readAndWriteAll],
  [
    elements.at,
    function* (site, fn, self, given) {
      const args = ArrayBuffer.isView(self) ? yield* primitives(given) : given
      if (isSharedArray(self)) {
        const at = Math.trunc(Number(args[0])) || 0
        const index = at < 0 ? self.length + at : at
        if (index >= 0 && index < self.length && !runtime.op(READ, site, self, index)) yield
      }
      return perform(fn, self, args)
    },
  ],
  [
    elements.slice,
    function* (site, fn, self, given) {
      const args = ArrayBuffer.isView(self) ? yield* primitives(given) : given
      if (isSharedArray(self)) yield* reads(site, self, ...range(self, args[0], args[1]))
      return perform(fn, self, args)
    },
  ],
  [
    elements.fill,
    function* (site, fn, self, given) {
      const args = ArrayBuffer.isView(self) ? yield* primitives(given) : given
      if (isSharedArray(self)) yield* writes(site, self, ...range(self, args[1], args[2]))
      return perform(fn, self, args)
    },
  ],
  [
    elements.copyWithin,
    function* (site, fn, self, given) {
      const args = ArrayBuffer.isView(self) ? yield* primitives(given) : given
      if (isSharedArray(self)) {
        const [target] = range(self, args[0], undefined)
        const [from, to] = range(self, args[1], args[2])
        const count = Math.max(0, Math.min(to - from, self.length - target))
        yield* reads(site, self, from, from + count)
        yield* writes(site, self, target, target + count)
      }
      return perform(fn, self, args)
    },
  ],
  [
    elements.set,
    function* (site, fn, self, given) {
      const args = ArrayBuffer.isView(self) ? yield* primitives(given, 1) : given
      const source = args[0] as ArrayLike<unknown>
      yield* reads(site, source)
      if (isSharedArray(self)) {
        const offset = Math.trunc(Number(args[1] ?? 0)) || 0
        const count = Number(source?.length ?? 0)
        // What doesn't fit throws before anything is written.
        if (offset >= 0 && offset + count <= self.length) yield* writes(site, self, offset, offset + count)
      }
      return perform(fn, self, args)
    },
  ],
  [elements.values, lazily((_, value) => value)],
  [elements.entries, lazily((at, value) => [at, value])],
  ...accessors,
]
