/**
 * Proxies. Whoever looks through objects asks a proxy nothing, since it would run the author's traps; and a twin that
 * reads from one runs the trap's twin.
 */

/** What a proxy was made of. */
export interface Proxied {
  readonly target: object
  readonly handler: ProxyHandler<object>
}

const made = new WeakMap<object, Proxied>()

/** `new Callee(...args)`, which is remembered if it is a proxy. */
export function makeProxy(callee: typeof Proxy, args: [object, ProxyHandler<object>]): object {
  const proxy = Reflect.construct(callee, args) as object
  if (callee === Proxy) made.set(proxy, { target: args[0], handler: args[1] })
  return proxy
}

/** What a proxy that instrumented code made was made of; undefined for everything else. */
export const proxied = (value: unknown): Proxied | undefined => made.get(value as object)

/** Node can tell. In a page only instrumented code makes any. */
const types = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.('node:util').types

/** Is this a proxy, whoever made it? */
export const isProxy = (value: unknown): boolean => made.has(value as object) || types?.isProxy(value) === true
