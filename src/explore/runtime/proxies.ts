/**
 * Proxies. Whoever looks through objects asks a proxy nothing, since it would run the author's traps; and a twin runs
 * the twins of the traps (twins/traps.ts).
 */

import type { Twin } from './twin.ts'

/** What a proxy was made of. */
export interface Proxied {
  readonly target: object
  readonly handler: ProxyHandler<object>
  /** `new proxy(...args)`, with that `new.target`. */
  construct(args: unknown[], newTarget: unknown): Twin<object>
}

const made = new WeakMap<object, Proxied>()

/** Node can tell. In a page only instrumented code makes any. */
const types = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.('node:util').types

/** Whether instrumented code has made any. Until then, looking at an object asks nobody. */
export const proxies = { any: false }

/** Remembers what a proxy was made of. */
export function rememberProxy(proxy: object, parts: Proxied): void {
  proxies.any = true
  made.set(proxy, parts)
}

/** What a proxy that instrumented code made was made of; undefined for everything else. */
export const proxied = (value: unknown): Proxied | undefined => made.get(value as object)

/** Is this a proxy, whoever made it? */
export const isProxy = (value: unknown): boolean => made.has(value as object) || types?.isProxy(value) === true

/** Is this a shared buffer? A proxy is none, and isn't asked. */
export function isSharedBuffer(value: object): value is SharedArrayBuffer {
  if (proxies.any && types !== undefined) return types.isSharedArrayBuffer!(value)
  return value instanceof SharedArrayBuffer
}
