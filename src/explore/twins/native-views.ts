/**
 * Natives that are methods of a view, and `Atomics`: what each does to shared memory, as events.
 *
 * A native that isn't in the table and isn't harmless is refused when it is handed a view of shared memory. A
 * handler announces the events, then calls the native itself; natives that call back are replayed step by step
 * when the callback has a twin, so that each call of it can be interrupted.
 */

import * as kinds from '../runtime/runtime.ts'
import { READ, runtime, type Twin, WRITE } from '../runtime/runtime.ts'
import { isShared, isSharedArray } from '../runtime/shared-view.ts'
import { drive } from './checked-calls.ts'
import { advance, type Iteration, open } from './iteration.ts'
import { add, perform, range, readAll, reads, writes } from './native-events.ts'
import { type Handler, harmless, type Native } from './native-table.ts'

const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<PropertyKey, Native | undefined>

function* readAndWriteAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  yield* writes(site, self)
  return perform(fn, self, args)
}

const wholeReaders = 'indexOf lastIndexOf includes join toString toLocaleString toReversed toSorted with'
for (const name of wholeReaders.split(' ')) add(elements[name], readAll)
for (const name of ['reverse', 'sort']) add(elements[name], readAndWriteAll)

add(elements.at, function* (site, fn, self, args) {
  if (isSharedArray(self)) {
    const at = Math.trunc(Number(args[0])) || 0
    const index = at < 0 ? self.length + at : at
    if (index >= 0 && index < self.length && !runtime.op(READ, site, self, index)) yield
  }
  return perform(fn, self, args)
})
add(elements.slice, function* (site, fn, self, args) {
  if (isSharedArray(self)) yield* reads(site, self, ...range(self, args[0], args[1]))
  return perform(fn, self, args)
})
add(elements.fill, function* (site, fn, self, args) {
  if (isSharedArray(self)) yield* writes(site, self, ...range(self, args[1], args[2]))
  return perform(fn, self, args)
})
add(elements.copyWithin, function* (site, fn, self, args) {
  if (isSharedArray(self)) {
    const [target] = range(self, args[0], undefined)
    const [from, to] = range(self, args[1], args[2])
    const count = Math.max(0, Math.min(to - from, self.length - target))
    yield* reads(site, self, from, from + count)
    yield* writes(site, self, target, target + count)
  }
  return perform(fn, self, args)
})
add(elements.set, function* (site, fn, self, args) {
  const source = args[0] as ArrayLike<unknown>
  yield* reads(site, source)
  if (isSharedArray(self)) {
    const offset = Math.trunc(Number(args[1] ?? 0)) || 0
    const count = Number(source?.length ?? 0)
    // What doesn't fit throws before anything is written.
    if (offset >= 0 && offset + count <= self.length) yield* writes(site, self, offset, offset + count)
  }
  return perform(fn, self, args)
})

/** `view.values()`, `entries()`: an iterator that announces each element. */
function lazily(pair: (at: number, value: unknown) => unknown): Handler {
  return function* (site, fn, self, args) {
    if (!isSharedArray(self)) return perform(fn, self, args)
    return views(yield* open(site, self), pair)
  }
}

function views(it: Iteration, pair: (at: number, value: unknown) => unknown): object {
  const twin = function* (): Twin<IteratorResult<unknown>> {
    const at = it.at
    const more = !it.done && (yield* advance(it))
    return more ? { value: pair(at, it.value), done: false } : { value: undefined, done: true }
  }
  const next = Object.assign(() => drive(twin()), { [kinds.TWIN]: twin })
  return {
    next,
    [Symbol.iterator]: Object.assign(
      function (this: unknown) {
        return this
      },
      { [kinds.TWIN]: null },
    ),
  }
}
add(
  elements.values,
  lazily((_, value) => value),
)
add(
  elements.entries,
  lazily((at, value) => [at, value]),
)

// DataView: the index is in bytes, and so is the size.
for (const name of Object.getOwnPropertyNames(DataView.prototype)) {
  const size = Number(/^[gs]et\D+(\d+)$/.exec(name)?.[1] ?? 0) / 8
  if (size === 0) continue
  const kind = name.startsWith('get') ? READ : WRITE
  add((DataView.prototype as unknown as Record<string, Native>)[name], function* (site, fn, self, args) {
    const at = Math.trunc(Number(args[0])) || 0
    const inside = isShared(self) && at >= 0 && at + size <= self.byteLength
    if (inside && !runtime.op(kind, site, self, at, size)) yield
    return perform(fn, self, args)
  })
}

/** `Atomics`, when it is reached in a way the transform could not see: an alias, a function value. */
const atomicKinds: Record<string, number> = {
  load: kinds.ALOAD,
  store: kinds.ASTORE,
  add: kinds.RMW,
  sub: kinds.RMW,
  and: kinds.RMW,
  or: kinds.RMW,
  xor: kinds.RMW,
  exchange: kinds.RMW,
  compareExchange: kinds.CAS,
  wait: kinds.WAIT,
  notify: kinds.NOTIFY,
}
for (const [name, kind] of Object.entries(atomicKinds)) {
  add(Atomics[name as 'load'], function* (site, fn, self, args) {
    if (!runtime.op(kind, site, args[0], args[1] as number, args[2], args[3])) yield
    const waits = kind === kinds.WAIT || kind === kinds.NOTIFY
    return waits && isShared(args[0]) ? runtime.result : perform(fn, self, args)
  })
}
harmless.add(Atomics.isLockFree)
add((Atomics as unknown as Record<string, Native>).pause, function* (site) {
  if (!runtime.op(kinds.PAUSE, site)) yield
})
