/**
 * All natives that may be handed a view of shared memory, by family: one file each.
 *
 * A native that is in no family and isn't harmless is refused when it is handed such a view. A handler announces the
 * events, then calls the native itself; natives that call back are replayed step by step when the callback has a twin,
 * so that each call of it can be interrupted.
 */

import { agents } from './native-agents.ts'
import { atomics } from './native-atomics.ts'
import { buffers, harmlessOfBuffers } from './native-buffers.ts'
import { callbacks } from './native-callbacks.ts'
import { otherCalls } from './native-calls.ts'
import { copies, typedArrays } from './native-copies.ts'
import { harmlessNatives } from './native-harmless.ts'
import { integrity } from './native-integrity.ts'
import { iterables } from './native-iterables.ts'
import { orders } from './native-orders.ts'
import { ends, refusals } from './native-refusals.ts'
import { constructors, type Family, guards, handlers, harmless, overBuffers } from './native-table.ts'
import { text } from './native-text.ts'
import { views } from './native-views.ts'
import { deref, weakRef } from './weak-references.ts'

const families: readonly Family[] = [views, buffers, atomics, copies, iterables, text, otherCalls, callbacks, refusals]

for (const [fn, handler] of families.flat()) if (fn) handlers.set(fn, handler)
for (const [fn, handler] of [...orders(), ...integrity]) if (fn) handlers.set(fn, handler)
constructors.set(WeakRef, weakRef)
handlers.set(WeakRef.prototype.deref, deref)
for (const [fn, guard] of [...ends, ...agents]) if (fn) guards.set(fn, guard)
for (const fn of [...harmlessNatives, ...harmlessOfBuffers]) if (fn) harmless.add(fn)
for (const type of typedArrays) overBuffers.add(type)
