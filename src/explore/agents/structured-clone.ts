/**
 * What is posted, cloned: as HTML's StructuredSerialize has it, where getters of the author's run by their twins.
 *
 * Memory that is shared stays the same object, so that the engine knows it again; nobody else has a way to tell.
 */

import { isProxy } from '../runtime/proxies.ts'
import { bufferOf, extentOf, isShared, typeOf } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { valueOfMember } from '../twins/members.ts'
import { refuse } from '../twins/refuse.ts'
import { carriesShared, isSharedWasmMemory } from '../twins/strangers.ts'

const { process } = globalThis as { process?: NodeJS.Process }
const types = process?.getBuiltinModule?.('node:util').types

type ViewType = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView

/** Whether the language's own clone has to say what becomes of it: it has more than properties. */
function isExotic(object: object): boolean {
  if (typeof object === 'function' || isProxy(object) || types === undefined) return true
  if (types.isDate(object) || types.isRegExp(object) || types.isBoxedPrimitive(object) || types.isNativeError(object))
    return true
  if (types.isPromise(object) || types.isWeakMap(object) || types.isWeakSet(object) || types.isGeneratorObject(object))
    return true
  if (types.isMapIterator(object) || types.isSetIterator(object) || types.isExternal(object)) return true
  return HOSTS.some((type) => type !== undefined && object instanceof type)
}

type Class = new (...args: never[]) => object
const given = globalThis as unknown as Record<string, Class | undefined>
const wasm = given.WebAssembly as unknown as Record<string, Class | undefined> | undefined
const HOSTS = [
  ...[given.Blob, given.CryptoKey, given.WeakRef, given.FinalizationRegistry, given.DOMException],
  ...[wasm?.Module, wasm?.Instance, wasm?.Memory],
]

/**
 * Clones a value. `replaced` says what stands for objects that are transferred: such an object is put in their place;
 * `undefined` of one that may not be cloned is the error to throw.
 */
export function* cloned(
  site: number,
  value: unknown,
  replaced: ReadonlyMap<object, object>,
  refusedAs: (object: object) => Error | undefined,
): Twin {
  const clones = new Map<object, unknown>(replaced)
  function* visit(it: unknown): Twin {
    if (typeof it === 'symbol' || typeof it === 'function') return structuredClone(it)
    if (typeof it !== 'object' || it === null) return it
    const known = clones.get(it)
    if (known !== undefined) return known
    if (isProxy(it)) return structuredClone(it)
    const error = refusedAs(it)
    if (error !== undefined) throw error
    if (it instanceof SharedArrayBuffer || isSharedWasmMemory(it)) return it
    if (ArrayBuffer.isView(it)) return note(it, yield* viewLike(it, visit))
    if (isExotic(it)) {
      if (carriesShared(Reflect.ownKeys(it).map((key) => Object.getOwnPropertyDescriptor(it, key)?.value as unknown)))
        refuse(site, 'an object of the language that holds shared memory is posted; post the memory beside it')
      return note(it, structuredClone(it))
    }
    if (it instanceof ArrayBuffer) return note(it, structuredClone(it))
    if (it instanceof Map || it instanceof Set) return yield* collection(it)
    const copy = note(it, Array.isArray(it) ? new Array<unknown>(it.length) : {}) as Record<string, unknown>
    for (const key of Object.keys(it)) {
      if (!Object.prototype.propertyIsEnumerable.call(it, key)) continue
      const part = yield* visit(yield* valueOfMember(it, key, it))
      Object.defineProperty(copy, key, { value: part, writable: true, enumerable: true, configurable: true })
    }
    return copy
  }
  function note<T>(of: object, clone: T): T {
    clones.set(of, clone)
    return clone
  }
  function* collection(it: Map<unknown, unknown> | Set<unknown>): Twin {
    if (it instanceof Set) {
      const copy = note(it, new Set<unknown>())
      for (const each of [...it]) copy.add(yield* visit(each))
      return copy
    }
    const copy = note(it, new Map<unknown, unknown>())
    for (const [key, each] of [...it]) copy.set(yield* visit(key), yield* visit(each))
    return copy
  }
  return yield* visit(value)
}

/** A view of the same kind, on the clone of its buffer. */
function* viewLike(view: ArrayBufferView, visit: (it: unknown) => Twin): Twin {
  const type = typeOf(view)
  const Type = (type === undefined ? DataView : given[type]) as unknown as ViewType & { BYTES_PER_ELEMENT?: number }
  const { offset, bytes } = extentOf(view)
  const buffer = (isShared(view) ? bufferOf(view) : yield* visit(bufferOf(view))) as ArrayBufferLike
  return new Type(buffer, offset, bytes / (Type.BYTES_PER_ELEMENT ?? 1))
}
