/**
 * Node's `Buffer` over shared memory: what each of its methods reads and writes, in bytes. Elsewhere there is none.
 */

import { type Elements, isSharedArray } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { perform, range, readAll, reads, writes } from './native-events.ts'
import type { Family, Handler, Native } from './native-table.ts'
import { primitives } from './primitive.ts'

type Methods = Record<string, Native | undefined>

const node = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule
const methods = (node?.('node:buffer')?.Buffer.prototype ?? {}) as unknown as Methods
const statics = (node?.('node:buffer')?.Buffer ?? {}) as unknown as Methods
const decoder = (node?.('node:string_decoder')?.StringDecoder.prototype ?? {}) as unknown as Methods

/** An offset as Node takes it: what is no number, or below 0, is 0. */
const offset = (value: unknown): number => Math.max(0, Math.trunc(Number(value)) || 0)

/** `readUInt16LE(offset)`, `writeIntBE(value, offset, bytes)` and their like; what is out of range throws. */
function number(touch: typeof reads, at: number, bytes: number): Handler {
  const most = bytes > 0 ? bytes : 6
  return function* (site, fn, self, given) {
    const args = at === 0 ? given : [...(yield* primitives(given.slice(0, at))), ...given.slice(at)]
    if (isSharedArray(self)) {
      const from = args[at] ?? 0
      const size = bytes > 0 ? bytes : args[at + 1]
      const fits = Number.isInteger(from) && (from as number) >= 0 && (size as number) >= 1 && (size as number) <= most
      if (fits && (from as number) + (size as number) <= self.length)
        yield* touch(site, self, from as number, (from as number) + (size as number))
    }
    return perform(fn, self, args)
  }
}

const numbers: Family = Object.keys(methods).flatMap((name) => {
  const found = /^(read|write)(?:(?:Big)?U?[Ii]nt(8|16|32|64)?|(Float)|(Double))(?:LE|BE)?$/.exec(name)
  if (found === null) return []
  const [, what, bits, float, double] = found
  const bytes = float ? 4 : double ? 8 : Number(bits ?? 0) / 8
  return [[methods[name], what === 'read' ? number(reads, 0, bytes) : number(writes, 1, bytes)] as const]
})

/** Text of a part: from one byte to another. */
const slice = (first: number): Handler =>
  function* (site, fn, self, given) {
    const args = yield* primitives(given)
    if (isSharedArray(self))
      yield* reads(site, self, ...range(self, offset(args[first]), args[first + 1] && offset(args[first + 1])))
    return perform(fn, self, args, [self])
  }

function* swap(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  yield* writes(site, self)
  return perform(fn, self, args)
}

function* copy(site: number, fn: Native, self: unknown, given: unknown[]): Twin {
  const args = yield* primitives(given, 1)
  const target = args[0] as Elements
  const inside = args.slice(1).every((each) => !(Number(each ?? 0) < 0))
  if (ArrayBuffer.isView(self) && ArrayBuffer.isView(target) && inside) {
    const to = offset(args[1])
    const [from, end] = range(self as Elements, offset(args[2]), args[3] === undefined ? undefined : offset(args[3]))
    const count = Math.min(end - from, target.length - to)
    if (count > 0) {
      yield* reads(site, self, from, from + count)
      yield* writes(site, target, to, to + count)
    }
  }
  return perform(fn, self, args)
}

/**
 * `write(text)`, `(text, encoding)`, `(text, offset)`, `(text, offset, length)`, the last two with an encoding, too.
 */
function* write(site: number, fn: Native, self: unknown, given: unknown[]): Twin {
  const args = yield* primitives(given)
  if (isSharedArray(self) && typeof args[0] === 'string') {
    const at = typeof args[1] === 'string' ? 0 : offset(args[1])
    const left = Math.max(0, self.length - at)
    const room = typeof args[2] === 'number' ? Math.min(offset(args[2]), left) : left
    const encoding = args.slice(1).filter((each) => typeof each === 'string')
    // No character is written in part: how many bytes there will be is asked by writing them elsewhere.
    const tried = Reflect.apply(fn, Reflect.apply(statics.alloc!, null, [room]), [args[0], ...encoding]) as number
    yield* writes(site, self, at, at + tried)
  }
  return perform(fn, self, args)
}

function* fill(site: number, fn: Native, self: unknown, given: unknown[]): Twin {
  const args = yield* primitives(given, 1)
  yield* reads(site, args[0])
  if (isSharedArray(self)) {
    const from = typeof args[1] === 'string' ? 0 : offset(args[1])
    const to = typeof args[2] === 'number' ? Math.min(args[2], self.length) : self.length
    yield* writes(site, self, from, to)
  }
  return perform(fn, self, args)
}

/** `Buffer.concat(list)`. */
function* concat(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  if (Array.isArray(args[0])) for (const each of args[0] as unknown[]) yield* reads(site, each)
  return perform(fn, self, args)
}

/** `Buffer.from`: a view is copied, and a buffer is not. */
function* from(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  if (ArrayBuffer.isView(args[0])) yield* reads(site, args[0])
  return perform(fn, self, args)
}

const readers = ['equals', 'compare', 'indexOf', 'lastIndexOf', 'includes', 'toJSON']

export const buffers: Family = [
  ...numbers,
  ...readers.map((name) => [methods[name], readAll] as const),
  [methods.toString, slice(1)],
  ...['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8'].map(
    (name) => [methods[`${name}Slice`], slice(0)] as const,
  ),
  ...['swap16', 'swap32', 'swap64'].map((name) => [methods[name], swap] as const),
  [methods.copy, copy],
  [methods.write, write],
  [methods.fill, fill],
  [statics.concat, concat],
  [statics.compare, readAll],
  [statics.from, from],
  [decoder.write, readAll],
  [decoder.end, readAll],
]

/** What makes a view of a part, or only asks. */
export const harmlessOfBuffers: readonly (Native | undefined)[] = [
  methods.subarray,
  methods.slice,
  statics.isBuffer,
  statics.byteLength,
]
