/**
 * Natives, found by reflection: everything that can be called below the global object, node:util, node:crypto and
 * node:buffer.
 */

import * as buffer from 'node:buffer'
import { execFileSync } from 'node:child_process'
import * as crypto from 'node:crypto'
import * as util from 'node:util'

/** A native, as an expression that gives it. */
export interface Native {
  readonly name: string
  readonly text: string
  readonly constructs: boolean
}

/** What is never called, each with the reason. A name ends in a dot where all below it are meant. */
export const NEVER: Readonly<Record<string, string>> = {
  'process.': 'ends, reconfigures or loads into this very process',
  'console.': 'prints to the terminal of whoever runs the suite; explored in refusals.test.ts',
  global: 'is the global object again',
  'Atomics.wait': 'would wait for ever where nobody notifies; explored in wait-timeouts.test.ts',
  'Atomics.waitAsync': 'is answered when no thread runs',
  'crypto.setEngine': 'changes the process: all later cryptography goes through another library',
  'util.crypto.setFips': 'changes the process',
  'util.crypto.setEngine': 'changes the process',
  'util.setTraceSigInt': 'changes what a signal does to the process',
  'util.transferableAbortController': 'opens a port that keeps the process alive',
  'util.transferableAbortSignal': 'opens a port that keeps the process alive',
  setTimeout: 'runs later; refused, see refusals.test.ts',
  setInterval: 'runs later; refused, see refusals.test.ts',
  setImmediate: 'runs later; refused, see refusals.test.ts',
  queueMicrotask: 'runs later; refused, see refusals.test.ts',
  'navigator.': 'asks the machine',
  fetch: 'goes out to the network',
  'WebSocket.': 'goes out to the network',
  'EventSource.': 'goes out to the network',
  'localStorage.': 'writes to a file',
  'sessionStorage.': 'belongs to the process',
  'Storage.': 'writes to a file',
  'BroadcastChannel.': 'opens a port that keeps the process alive',
  'MessageChannel.': 'opens a port that keeps the process alive',
  'MessagePort.': 'opens a port that keeps the process alive',
  gc: 'collects garbage',
  eval: 'refused when the module is loaded',
}

const named = (name: string): boolean =>
  Object.keys(NEVER).some(
    (never) => name === never || name === never.slice(0, -1) || (never.endsWith('.') && name.startsWith(never)),
  )

/** Levels below a root: `Array.prototype.fill` stands on the third. */
const DEEPEST = 3

/** All natives, once each, in the order in which they are found; and those that are never called. */
export function nativesOf(): { natives: Native[]; never: string[] } {
  const natives: Native[] = []
  const never: string[] = []
  const seen = new Set<unknown>([globalThis])
  const visit = (value: unknown, name: string, text: string, depth: number): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
    if (named(name)) {
      never.push(name)
      return
    }
    seen.add(value)
    if (typeof value === 'function') {
      natives.push({ name, text, constructs: typeof (value as { prototype?: unknown }).prototype === 'object' })
    }
    if (depth === DEEPEST) return
    for (const key of Reflect.ownKeys(value)) {
      const { value: inner, get, set } = Object.getOwnPropertyDescriptor(value, key)!
      const [its, at] =
        typeof key === 'symbol' ? [`[${key.description}]`, symbolText(key)] : [`.${key}`, JSON.stringify(key)]
      if (at === undefined || key === 'constructor') continue
      visit(inner, name + its, `${text}[${at}]`, depth + 1)
      for (const [accessor, how] of [
        [get, 'get'],
        [set, 'set'],
      ] as const)
        visit(accessor, `${how} ${name}${its}`, `Object.getOwnPropertyDescriptor(${text}, ${at}).${how}`, DEEPEST)
    }
  }
  // What the test runner hangs on the global object is no native.
  const own = execFileSync(process.execPath, ['-p', 'Object.getOwnPropertyNames(globalThis).join()'], {
    encoding: 'utf8',
  })
  for (const key of own.trim().split(',')) {
    // Some hang on it by a getter, as `crypto` does.
    if (named(key)) never.push(key)
    else visit((globalThis as Record<string, unknown>)[key], key, `globalThis[${JSON.stringify(key)}]`, 1)
  }
  const hidden: Record<string, string> = {
    TypedArray: 'Object.getPrototypeOf(Int32Array)',
    ArrayIterator: 'Object.getPrototypeOf([][Symbol.iterator]())',
    Generator: 'Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()))',
  }
  for (const [name, text] of Object.entries(hidden)) visit(evaluated(text), name, text, 1)
  for (const [name, module] of Object.entries({ util, crypto, buffer })) visit(module, name, name, 1)
  return { natives, never }
}

const evaluated = (text: string): unknown => new Function(`return ${text}`)()

const symbolText = (key: symbol): string | undefined => {
  const name = Object.getOwnPropertyNames(Symbol).find(
    (each) => (Symbol as unknown as Record<string, unknown>)[each] === key,
  )
  return name === undefined ? undefined : `Symbol.${name}`
}

/**
 * The ways in which a native `F` is called: with a view (w), its buffer (s), other people's arrays and views (p, d).
 */
const CALLS = [
  'F(w)',
  'F(s)',
  'F(p, w)',
  'F(w, 0)',
  'F(w, 0, 1)',
  'F(0, w)',
  'F(p, 0, w)',
  'F([w])',
  'F([[w, w]])',
  'F({ length: w, 0: w })',
  'F.call(w)',
  'F.call(w, 0)',
  'F.call(w, 1, 0)',
  'F.call(w, p)',
  'F.call(w, (x) => x)',
  'F.call(s)',
  'F.call(s, 0)',
  'F.call(p, w)',
  'F.call(p, 0, w)',
  'F.call(p, [w])',
  'F.call(d, 0, w)',
  "F.call('ab', w)",
  'F.call([1, 2], w)',
  'F.call([w])',
  'F.call([w], (x) => x)',
  "F('utf8', w)",
  "F('sha256', w)",
] as const
const CONSTRUCTIONS = ['new F(w)', 'new F(s)', 'new F([w])', 'new F(p, w)', 'new F([[w, w]])'] as const
/** Made in setup or at the top of the module, called in the thread. */
const BOUND = [
  'F.bind(null, w)',
  'F.bind(w)',
  'F.bind(w, 0)',
  'F.bind(null, s)',
  'F.bind(p, w)',
  'F.bind(Atomics, w, 0)',
] as const

/** One thing to do with shared memory. */
export interface Construct {
  readonly name: string
  /** Statements that stand beside the function. */
  readonly module?: string
  /** An expression of what setup makes for it, as `made`; it sees w, s, p and d. */
  readonly setup?: string
  /** The body of the thread's function; it sees w, s, p, d and made. */
  readonly body: string
  /** It touches no element, and the explorer has no reason to refuse it. */
  readonly quiet?: boolean
}

/** Every native, called in every way. */
export function nativeConstructs(natives: readonly Native[]): Construct[] {
  return natives.flatMap(({ name, text, constructs }) => [
    ...[...CALLS, ...(constructs ? CONSTRUCTIONS : [])].map((call) => ({
      name: `${call} where F = ${name}`,
      body: `const F = ${text}; return ${call}`,
    })),
    ...BOUND.map((bound) => ({
      name: `made() where made = ${bound}, F = ${name}, in setup`,
      setup: `((F) => ${bound})(${text})`,
      body: 'return made()',
    })),
    {
      name: `made() where made = F.bind(null, w), F = ${name}, in the module`,
      module: `((F) => F.bind(null, W))(${text})`,
      body: 'return made()',
    },
  ])
}
