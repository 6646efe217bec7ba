/**
 * The table of natives, empty: who fills it and who reads it need not know each other.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import type { Twin } from '../runtime/twin.ts'

// biome-ignore lint/complexity/noBannedTypes: any function at all
export type Native = Function
/** Announces what a native does, and does it. */
export type Handler = (site: number, fn: Native, self: unknown, args: unknown[]) => Twin

/** Refuses what a native would do, or lets it be. */
export type Guard = (site: number, fn: Native, self: unknown, args: readonly unknown[]) => void

/** Natives of one kind; undefined: this engine lacks it. */
export type Family = readonly (readonly [fn: Native | undefined, handler: Handler])[]

/** Natives that are guarded; undefined: this engine lacks it. */
export type Guarded = readonly (readonly [fn: Native | undefined, guard: Guard])[]

/** Natives that touch elements, call back, or pass a view on. */
export const handlers: Map<unknown, Handler> = new Map()
/** Constructors that are handed nothing to be touched, and call what they are handed. */
export const constructors: Map<unknown, Handler> = new Map()
/** Natives that have something done later, or wait for it: only a twin can call them in a thread. */
export const asynchronous: Set<unknown> = new Set()
/** Natives that are asked for first, in any text: they may be refused whatever they are handed. */
export const guards: Map<unknown, Guard> = new Map()
/** Natives that may be handed a view and touch none of its elements. */
export const harmless: Set<unknown> = new Set()
/** Constructors of views over a buffer, which touch nothing of it. */
export const overBuffers: Set<unknown> = new Set()

/** Promises that threads have made. */
export const ofThreads: { add(promise: object): void; has(value: unknown): boolean } = ofAllCopies(
  'promises of threads',
  () => new WeakSet<object>() as never,
)

/** What a function that `bind` made stands for. */
export interface Bound {
  readonly target: Native
  readonly self: unknown
  readonly args: readonly unknown[]
}

/** Functions that `bind` made of natives, of instrumented functions, or over shared memory. */
export const bound: WeakMap<object, Bound> = new WeakMap()

/** Functions that reach shared memory by themselves and unseen, each with the reason why it is refused in a thread. */
export const unfollowed: WeakMap<object, string> = new WeakMap()

/** Classes without a constructor of their own: what they are handed goes to the class that they extend. */
export const passing: WeakSet<object> = new WeakSet()

/**
 * What a function stands for that is compiled of these strings, where the agent that runs knows it; undefined: unknown.
 */
export const compiledAs: { known: (parts: readonly unknown[]) => Native | undefined } = ofAllCopies('compiled', () => ({
  known: () => undefined,
}))

/** What makes code of a string: `Function`, its kin, and `eval`. */
export const compilers: ReadonlySet<unknown> = new Set<unknown>([
  // biome-ignore lint/security/noGlobalEval: it is only compared with
  eval,
  Function,
  (async () => {}).constructor,
  function* () {}.constructor,
  async function* () {}.constructor,
])
