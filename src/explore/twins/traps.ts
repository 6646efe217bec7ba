/**
 * Proxies that instrumented code makes: in a thread each trap is run by its twin.
 *
 * Such a proxy has a handler of ours, which asks the author's for the trap when it is asked for one itself. So whatever
 * comes to a proxy comes by here: an operator, a native, a call; and what the language checks of a trap's answer is
 * checked as ever. A twin that reaches a proxy begins the operation again for each trap (restarts.ts); where nobody can
 * be interrupted, a trap that touches shared memory is refused.
 */

import { isProxy, type Proxied, rememberProxy } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call, makeOf } from './calls.ts'
import { drive } from './checked-calls.ts'
import { valueOfMember } from './members.ts'
import type { Native } from './native-table.ts'
import { refuse } from './refuse.ts'
import { restarting } from './restarts.ts'

type Trap = keyof typeof Reflect & keyof ProxyHandler<object>
type Asked = readonly [target: object, ...rest: unknown[]]

const TRAPS: readonly Trap[] = [
  'apply',
  'construct',
  'defineProperty',
  'deleteProperty',
  'get',
  'getOwnPropertyDescriptor',
  'getPrototypeOf',
  'has',
  'isExtensible',
  'ownKeys',
  'preventExtensions',
  'set',
  'setPrototypeOf',
]

const isObject = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** `new Callee(...args)`, in all text; `callee` is what `Proxy` is there, `at` its site. */
export function makeProxy(callee: typeof Proxy, args: [object, ProxyHandler<object>], at = -1): object {
  const [target, handler] = args
  if (callee !== Proxy || !isObject(target) || !isObject(handler)) return Reflect.construct(callee, args) as object
  const parts = partsOf(target, handler)
  const proxy = new Proxy(target, asking(parts, at))
  rememberProxy(proxy, parts)
  return proxy
}

/** `Proxy.revocable(...args)` */
export function makeRevocable(callee: typeof Proxy, args: [object, ProxyHandler<object>], at = -1): object {
  const [target, handler] = args
  if (callee !== Proxy || !isObject(target) || !isObject(handler)) return callee.revocable(...args)
  const parts = partsOf(target, handler)
  const revocable = Proxy.revocable(target, asking(parts, at))
  rememberProxy(revocable.proxy, parts)
  return revocable
}

function partsOf(target: object, handler: ProxyHandler<object>): Proxied {
  const parts: Proxied = {
    target,
    handler,
    *construct(args, newTarget) {
      const made = yield* trapped(parts, 'construct', [target, args, newTarget])
      if (!isObject(made)) throw new TypeError('proxy [[Construct]] must return an object')
      return made as object
    },
  }
  return parts
}

/** The handler that asks the author's. The twin of a function that stands behind a proxy is its trap's. */
function asking(parts: Proxied, at: number): ProxyHandler<object> {
  const { target } = parts
  const applied = function* (this: unknown, ...args: unknown[]): Twin {
    return yield* trapped(parts, 'apply', [target, this, args])
  }
  const answerTo = (trap: Trap): unknown => {
    if (trap === 'get') return typeof target === 'function' ? (frozenTwin(parts, at) ?? applied) : undefined
    return trap === 'has' ? Reflect.has(target, TWIN) : Reflect.getOwnPropertyDescriptor(target, TWIN)
  }
  const asked =
    (trap: Trap) =>
    (...args: unknown[]): unknown => {
      if (args[1] === TWIN) return answerTo(trap)
      if (runtime.running) return drive(trapped(parts, trap, args as unknown as Asked), hiddenIn(trap))
      const own: unknown = parts.handler[trap]
      if (own === undefined || own === null) return Reflect.apply(Reflect[trap], Reflect, args) as unknown
      return Reflect.apply(own as () => unknown, parts.handler, args)
    }
  return Object.fromEntries(TRAPS.map((trap) => [trap, asked(trap)]))
}

/**
 * The twin of a function that was frozen with it: no proxy may give another one, so calls can't be led to the trap.
 */
function frozenTwin({ target, handler }: Proxied, at: number): unknown {
  const own = Reflect.getOwnPropertyDescriptor(target, TWIN)
  if (own === undefined || own.configurable || own.writable) return undefined
  if (runtime.running && mayHave(handler, 'apply')) refuse(at, AROUND_FROZEN)
  return own.value
}

/** Whether an object has such a member, or may have: it is asked nothing. */
function mayHave(object: object, name: string): boolean {
  for (let each: object | null = object; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    if (isProxy(each) || Object.hasOwn(each, name)) return true
  }
  return false
}

const hiddenIn = (trap: Trap): string =>
  `the ${trap} trap of a proxy touches shared memory, and can't be interrupted where it is called`

/** The answer of a trap, or of what the proxy stands before if there is none. */
function* trapped({ handler }: Proxied, trap: Trap, args: Asked): Twin {
  const own = yield* valueOfMember(handler, trap, handler)
  if (own !== undefined && own !== null) return yield* call(-1, own, handler, [...args])
  const [target] = args
  if (isShared(target)) refuse(-1, AROUND_VIEW)
  if (trap === 'apply') return yield* call(-1, target, args[1], args[2] as unknown[])
  if (trap === 'construct') return yield* makeOf(-1, target as Native, args[1] as unknown[], args[2] as Native)
  if (trap === 'get') return yield* valueOfMember(target, args[1] as PropertyKey, args[2])
  return yield* restarting(() => Reflect.apply(Reflect[trap], Reflect, args) as unknown)
}

const AROUND_FROZEN =
  'a proxy with an apply trap stands around a frozen function, and calls of it are not led to the trap; leave the function as it is'
const AROUND_VIEW =
  'a proxy stands around a view of shared memory, whose elements are not seen through it; hand on the view'
