/**
 * What instrumented code calls, and the engine answers.
 *
 * Before each visible operation a twin asks `runtime.op(...) || (yield)` and then performs the operation
 * itself. `true` means: go on at once. `false` means: another thread is next; the generator unwinds to the
 * scheduler and is resumed when its operation has been chosen. Nothing in here knows any strategy.
 */

/** The kinds of operation. Small integers, because they index tables on the hot path. */
export const READ = 0
/** Plain store: `view[index] = v`. */
export const WRITE = 1
/** `Atomics.load`. */
export const ALOAD = 2
/** `Atomics.store`. */
export const ASTORE = 3
/** `Atomics.add`, `sub`, `and`, `or`, `xor`, `exchange`. */
export const RMW = 4
/** `Atomics.compareExchange`; a = expected, b = replacement. */
export const CAS = 5
/** `Atomics.wait`; a = expected, b = timeout. The answer ('ok', 'not-equal', 'timed-out') is in `runtime.result`. */
export const WAIT = 6
/** `Atomics.notify`; a = count. How many were woken is in `runtime.result`. */
export const NOTIFY = 7
/** Plain read of the elements `index` up to, not including, `a`. */
export const RANGE_READ = 8
/** Plain write of the elements `index` up to, not including, `a`. */
export const RANGE_WRITE = 9
/** A dependency-ordered plain load of a pointer (`rcu_dereference`); the value read is an element index of `view`. */
export const DEREF = 10
/** A marked plain load that may race with atomic stores (READ_ONCE): a hint to look again, deciding nothing else. */
export const HINT = 11
/** Takes the lock at `view[index]`, waiting for it; a = its class (a string), by default the lock itself. */
export const LOCK = 12
/** Releases the lock at `view[index]`. */
export const UNLOCK = 13
/** Takes the lock if it is free; `runtime.result` says whether. a = its class. */
export const TRYLOCK = 14
/** Waits until `a(value)` holds for the value of `view[index]`, as one atomic step. `runtime.result` is that value. */
export const AWAIT = 15
/** One turn of a spin loop without a declared predicate: waits until a word read since the last turn has changed. */
export const PAUSE = 16
/** Enters an RCU read section (they nest). */
export const READ_ENTER = 17
/** Leaves an RCU read section. */
export const READ_EXIT = 18
/** Waits until every read section that is open now has ended. */
export const GRACE = 19
/** Queues a callback: `view` is a function that returns its generator; it runs a grace period later, as a thread. */
export const CALLBACK = 20
/** Waits until every callback queued so far has run. */
export const BARRIER = 21
/** An object begins at `view[index]`: a elements long; b = its kind (a string). Ends the allocator's own work. */
export const ALLOC = 22
/** The object at `view[index]` dies. Begins the allocator's own work, which FREE_END ends. */
export const FREE = 23
/** The allocator's own work begins: until the matching ALLOC it may touch memory that nobody owns. */
export const ALLOC_BEGIN = 24
/** The allocator's own work ends (after FREE, or after an allocation that failed). */
export const FREE_END = 25
/** The elements `index` up to, not including, `a` belong to an allocator: access outside a live object is wild. */
export const ARENA = 26
/** An operation of a history begins: see history.ts. */
export const BEGIN = 27
/** An operation of a history ends. */
export const END = 28
/** A marked plain store that dereferences and hints may race with (WRITE_ONCE); it publishes nothing. a = the value. */
export const WRITE_ONCE = 29
/** The number of kinds. */
export const KINDS = 30

/** The names of the kinds, in order: for reports. */
export const KIND_NAMES: readonly string[] = [
  'read',
  'write',
  'load',
  'store',
  'rmw',
  'cas',
  'wait',
  'notify',
  'range read',
  'range write',
  'dereference',
  'hint',
  'lock',
  'unlock',
  'trylock',
  'await',
  'pause',
  'read-section enter',
  'read-section exit',
  'grace period',
  'queue callback',
  'callback barrier',
  'alloc',
  'free',
  'allocator begins',
  'allocator ends',
  'arena',
  'operation begins',
  'operation ends',
  'write once',
]

/** The key under which an instrumented function keeps its generator twin. */
export const TWIN: unique symbol = Symbol.for('sk-storage/explore twin')

/** One place in the source text where a visible operation stands. */
export interface Site {
  /** The path as it was given to the transform. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** What is done there, for a reader: `Atomics.store`, `read`, `spinLock`. */
  readonly operation: string
  /** The source text of the operation. */
  readonly source: string
}

/** A module as the transform saw it. */
export interface Module {
  readonly file: string
  /** A hash of the source text, so that a stale replay can say so. */
  readonly fingerprint: string
  readonly base: number
  readonly sites: readonly Site[]
}

/** What the engine installs while it explores. */
export interface Engine {
  op(kind: number, site: number, view: unknown, index: number, a: unknown, b: unknown): boolean
  /** Called by plain forms; throws when a thread is running and `view` is shared. */
  plain(kind: number, site: number, view: unknown, index: number, a: unknown): void
  /** Called where the transform found something it can't follow. Inside a thread: records the violation and throws. */
  refuse(site: number, reason: string): void
}

/** Thrown into a thread whose operation is refused. The engine has recorded the violation before it throws. */
export class Refusal extends Error {
  override name = 'Refusal'
}

/** A generator as twins return it. */
export type Twin<T = unknown> = Generator<unknown, T, boolean>

function createRuntime() {
  let engine: Engine | null = null
  const sites: Site[] = []
  const modules: Module[] = []
  return {
    /** True while a thread of an exploration runs: the twin of a function must be called, not its plain form. */
    running: false,

    /** What the last primitive of the running thread answered: TRYLOCK, WAIT, NOTIFY, AWAIT. */
    result: undefined as unknown,

    /** True while locks, read sections, grace periods and callbacks are explored as they are implemented. */
    raw: false,

    /** Counts executions, of all explorations: what is noted in one of them is out of date in the next. */
    execution: 0,

    /** The modules registered so far. A module loaded twice stands here twice; the last one is in force. */
    modules: modules as readonly Module[],

    /** Every site of every module, by number. */
    sites: sites as readonly Site[],

    /** True: perform the operation now. False: yield first. `DataView`: index in bytes, a = its size for READ and WRITE. */
    op(kind: number, site: number, view?: unknown, index = 0, a?: unknown, b?: unknown): boolean {
      return engine === null || engine.op(kind, site, view, index, a, b)
    },

    /** The same question from a plain form, which can't yield: refused when a thread runs and `view` is shared. */
    plain(kind: number, site: number, view?: unknown, index = 0, a?: unknown): void {
      if (engine !== null) engine.plain(kind, site, view, index, a)
    },

    /** Refuses, inside a thread, what the transform can't follow. */
    refuse(site: number, reason: string): void {
      if (engine !== null) engine.refuse(site, reason)
    },

    /** Registers a module's sites and returns the number of its first one: sites are numbered across modules. */
    module(file: string, fingerprint: string, its: readonly Site[]): number {
      const base = sites.length
      sites.push(...its)
      modules.push({ file, fingerprint, base, sites: its })
      return base
    },

    /** Installs the engine, or null to take it away. Returns the one before. */
    install(next: Engine | null): Engine | null {
      const before = engine
      engine = next
      return before
    },
  }
}

const KEY = Symbol.for('sk-storage/explore runtime')
const shared = globalThis as unknown as Record<symbol, ReturnType<typeof createRuntime> | undefined>

/**
 * The object that instrumented code imports, as `$e`. One per JavaScript thread, even when this module is
 * loaded twice, as happens when a bundler takes one copy and Node another.
 */
export const runtime: ReturnType<typeof createRuntime> = (shared[KEY] ??= createRuntime())

/** The twin of a function, or undefined. */
export function twinOf(f: unknown): ((...args: unknown[]) => Twin) | undefined {
  return typeof f === 'function' ? (f as unknown as Record<symbol, (...args: unknown[]) => Twin>)[TWIN] : undefined
}
