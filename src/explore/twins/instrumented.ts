/**
 * What instrumented modules find: the runtime, the helpers of twins, and the key of a twin.
 */

import * as checked from './checked-calls.ts'
import './natives.ts'
import './bound.ts'
import './native-guards.ts'
import './chance-and-clocks.ts'
import './native-crypto.ts'
import './real-sleeps.ts'
import { enter, leave } from '../runtime/calls-in-progress.ts'
import { RUNTIME_KEY } from '../runtime/key.ts'
import { noteBuffer } from '../runtime/made-buffers.ts'
import { keepFields, keepToItself } from '../runtime/private-fields.ts'
import { keepAsking } from '../runtime/private-names.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isSharedArray, isWaitable } from '../runtime/shared-view.ts'
import { PLACE, TWIN } from '../runtime/twin.ts'
import * as calls from './calls.ts'
import * as construction from './construction.ts'
import { Delegated, generator, Yielded } from './generators.ts'
import { guarded, guardedPlainly, guardedYields } from './guarded.ts'
import * as iteration from './iteration.ts'
import type { Slot } from './members.ts'
import * as members from './members.ts'
import { passing } from './native-table.ts'
import * as operators from './operators.ts'
import { own } from './own-state.ts'
import { refuse } from './refuse.ts'
import { simple } from './simple.ts'
import { makeProxy, makeRevocable } from './traps.ts'

interface Linked {
  [TWIN]?: unknown
  [PLACE]?: string
}

type Kind = 'method' | 'get' | 'set'

/** The function that a member is, if it still is one. */
function partOf(object: object, name: PropertyKey, kind: Kind): Linked | undefined {
  const found = Object.getOwnPropertyDescriptor(object, name)
  const part: unknown = found?.[kind === 'method' ? 'value' : kind]
  return typeof part === 'function' ? (part as Linked) : undefined
}

/**
 * Whether the engine has answered for `Atomics.wait` or `notify`: of anything else they throw, or touch what is
 * private.
 */
const isAnswered = (view: ArrayBufferView, index: number): boolean =>
  runtime.running && isShared(view) && isWaitable(view) && index in view

const twins = {
  ...checked,
  ...iteration,
  ...operators,
  call: calls.call,
  quiet: calls.quiet,
  quietAll: calls.quietAll,
  quietHere: calls.quietHere,
  quietNew: calls.quietNew,
  make: calls.make,
  made: construction.made,
  asking: construction.asking,
  target: construction.target,
  superCall: construction.superCall,
  self: construction.self,
  field: construction.field,
  statics: construction.statics,
  starter: calls.starter,
  takeSite: calls.takeSite,
  unseen: calls.unseen,
  getterTwin: members.getterTwin,
  setterTwin: members.setterTwin,
  methodTwin: members.methodTwin,
  getterAt: members.getterAt,
  setterAt: members.setterAt,
  generator,
  guarded,
  guardedPlainly,
  guardedYields,
  keepFields,
  keepToItself,
  keepAsking,
  enter,
  leave,
  noteBuffer,
  makeProxy,
  makeRevocable,
  simple,
  Yielded,
  Delegated,
  shared: isSharedArray,
  own,

  get site(): number {
    return calls.calls.site
  },
  set site(site: number) {
    calls.calls.site = site
  },

  /** A function expression: makes the plain form, which knows its twin. */
  fn<T extends Linked>(twin: unknown, make: (twin: unknown) => T, place?: string): T {
    const plain = make(twin)
    if (place !== undefined) (twin as Linked)[PLACE] = place
    plain[TWIN] = twin
    return plain
  },

  /** A function declaration and its twin. */
  link(twin: unknown, plain: Linked, place?: string): void {
    if (place !== undefined) (twin as Linked)[PLACE] = place
    plain[TWIN] = twin
  },

  /** Marks a function (or class) that may be called as it is. */
  leaf<T>(plain: T): T {
    ;(plain as Linked)[TWIN] = null
    return plain
  },

  /** The same for a class without a constructor, which hands on what it is handed. */
  heir<T extends object>(plain: T): T {
    passing.add(plain)
    ;(plain as Linked)[TWIN] = null
    return plain
  },

  /** What becomes a prototype: elements of a view would be reached through its heirs, and nobody would see. */
  prototype(site: number, value: unknown): unknown {
    if (runtime.running && isShared(value))
      refuse(site, 'a view of shared memory becomes a prototype here, through which its elements can be reached unseen')
    return value
  },

  /** A private method taken as a value, linked on the way. */
  pair(plain: Linked, twin: unknown): Linked {
    plain[TWIN] = twin
    return plain
  },

  slots(count: number): Slot[] {
    return Array.from({ length: count }, () => ({ key: Symbol('twin'), name: '', twin: undefined, classes: 0 }))
  },

  /** Links a method or accessor of a class to its twin. */
  method(slot: Slot, target: object, name: PropertyKey, kind: Kind): void {
    slot.twin = (target as Record<symbol, unknown>)[slot.key]
    slot.classes++
    const plain = partOf(target, name, kind)
    if (plain !== undefined) plain[TWIN] = slot.twin
  },

  /** Links the accessors of an object literal, and its methods that use super, to the twins that stand beside them. */
  literal<T extends object>(object: T, linked: [slot: Slot, name: PropertyKey, kind: Kind][]): T {
    for (const [slot, name, kind] of linked) {
      const plain = partOf(object, name, kind)
      const twin = (object as Record<symbol, unknown>)[slot.key]
      if (plain !== undefined) plain[TWIN] = twin
      members.keepTwin(object, slot, twin)
      delete (object as Record<symbol, unknown>)[slot.key]
    }
    return object
  },

  /** `delete super.x` */
  noDelete(): never {
    throw new ReferenceError("Unsupported reference to 'super'")
  },

  /** A value as a property key, evaluated once. */
  key(value: unknown): PropertyKey {
    return typeof value === 'symbol' || typeof value === 'number' ? value : `${value as string}`
  },

  /** What the author catches. */
  caught(error: unknown): void {
    if (runtime.running) runtime.caught?.(error)
  },

  /** Destructuring null or undefined is an error, even with nothing to take. */
  object(value: unknown): unknown {
    if (value === null || value === undefined)
      throw new TypeError(`Cannot destructure '${String(value)}' as it is ${String(value)}.`)
    return value
  },

  /** The strings of a template, the same object each time the same template is evaluated. */
  strings(strings: TemplateStringsArray): TemplateStringsArray {
    return strings
  },

  /** `Atomics.wait`, after the engine was asked: it has waited already. */
  wait(view: Int32Array, index: number, value: number, timeout?: number): unknown {
    return isAnswered(view, index) ? runtime.result : Atomics.wait(view, index, value, timeout)
  },

  /** `Atomics.notify`, likewise. */
  notify(view: Int32Array, index: number, count?: number): unknown {
    return isAnswered(view, index) ? runtime.result : Atomics.notify(view, index, count)
  },
}

/**
 * What a module's first line takes apart.
 *
 * @public
 */
export const instrumented = { e: runtime, n: twins, T: TWIN }

// The first copy of this package that is loaded serves all modules that were not told otherwise.
const slots = globalThis as unknown as Record<symbol, typeof instrumented | undefined>
slots[Symbol.for(RUNTIME_KEY)] ??= instrumented
