/**
 * Functions of a thread that code which is not followed may keep, as `fs.readFile` keeps its callback.
 *
 * Such a function would be called when no thread runs, so that what it does would be no event and a proof would lack
 * it. What calls it before it returns is let through: the function itself stops there, as any that a native calls.
 */

import { howToFollow } from '../runtime/name-packages.ts'
import { isProxy, proxied } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { twinOf } from '../runtime/twin.ts'
import { isOfHost } from './host.ts'
import type { Native } from './native-table.ts'
import { refuse } from './refuse.ts'

const { process } = globalThis as { process?: NodeJS.Process }

/** Of Node's functions those that call what they are handed at once, wrap it, or only look at it; by module. */
const AT_ONCE: Readonly<Record<string, string>> = {
  assert: 'deepEqual deepStrictEqual doesNotThrow equal ok strictEqual throws',
  util: 'callbackify debuglog deprecate format inherits inspect isDeepStrictEqual promisify',
}

const LISTENING = 'on once off addListener removeListener prependListener prependOnceListener listenerCount'

let atOnce: Set<unknown> | undefined

function listed(): Set<unknown> {
  const found = new Set<unknown>()
  for (const [name, functions] of Object.entries(AT_ONCE)) {
    const module = process?.getBuiltinModule?.(`node:${name}`) as Record<string, unknown> | undefined
    for (const each of functions.split(' ')) found.add(module?.[each])
  }
  for (const each of Object.values(console)) found.add(each)
  // What hears of an event is called as its emitter tells of it, in a thread by what follows emitters.
  const { EventEmitter } = process?.getBuiltinModule?.('node:events') ?? {}
  for (const each of LISTENING.split(' ')) found.add(Reflect.get(EventEmitter?.prototype ?? {}, each))
  return found
}

const isFunction = (value: unknown): boolean =>
  typeof value === 'function' && (isProxy(value) || typeof twinOf(value) === 'function')

/** These values, and what is in the fields and elements of objects that they are. Nothing is asked of a proxy. */
export function within(values: readonly unknown[]): unknown[] {
  return values.flatMap((each) => {
    if (typeof each !== 'object' || each === null || ArrayBuffer.isView(each)) return [each]
    const parts = proxied(each)
    const looked = parts === undefined ? [each] : [parts.target, parts.handler]
    return [
      each,
      ...looked.flatMap((one) => Object.values(Object.getOwnPropertyDescriptors(one)).map((of) => of.value)),
    ]
  })
}

/** Refuses to hand a followed function to code that may keep it. */
export function refuseKept(site: number, fn: Native, self: unknown, args: readonly unknown[]): void {
  if (!within(args).some(isFunction) || (atOnce ??= listed()).has(fn)) return
  // A signal tells of its end in a thread, by its timer.
  if (typeof AbortSignal === 'function' && self instanceof AbortSignal) return
  const name = fn.name === '' ? 'a function' : fn.name
  if (isOfHost(fn)) refuse(site, `${name} is handed a function, which it would call when no thread runs`)
  refuse(
    site,
    `${name} isn't instrumented, and is handed a function that it may call when no thread runs; ${howToFollow(runtime.sites[site]?.file)}`,
  )
}
