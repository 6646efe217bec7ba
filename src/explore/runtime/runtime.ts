/**
 * What instrumented code calls, and the engine answers.
 *
 * Before each visible operation a twin asks `runtime.op(...) || (yield)` and then performs the operation
 * itself. `true` means: go on at once. `false` means: another thread is next; the generator unwinds to the
 * scheduler and is resumed when its operation has been chosen. Nothing in here knows any strategy.
 */

import { type AgentHooks, type Engine, type Loop, NEVER, type Veil } from './engine.ts'
import type { Copied, Module, Outline, Site } from './site.ts'
import type { Twin } from './twin.ts'

const NO_VALUES: readonly unknown[] = []

/**
 * How often the loops of an execution may turn without a step that others could see: that takes as long as thousands of
 * executions of which many are to be run.
 */
export const TURNS = 2 ** 25

function createRuntime() {
  let engine: Engine | null = null
  let veil: Veil | null = null
  const sites: Site[] = []
  const modules: Module[] = []
  return {
    /** True while a thread of an exploration runs: the twin of a function must be called, not its plain form. */
    running: false,

    /** True while an object is made whose constructor and fields a twin will run: its plain constructor returns. */
    bare: false,

    /** What the last primitive of the running thread answered: TRYLOCK, WAIT, NOTIFY, AWAIT. */
    result: undefined as unknown,

    /** Turns of loops that may still pass without a step, in this execution or in what runs outside of any. */
    spare: TURNS,

    /** Counts what the running thread changes that is private and no variable of the function that changes it. */
    changes: 0,

    /** What was thrown last, and where. */
    latestThrow: null as { readonly site: number; readonly value: unknown } | null,

    /** By path, instrumented copies of the author's files. */
    copies: new Map<string, Copied>(),

    /** True while locks, read sections, grace periods and callbacks are explored as they are implemented. */
    raw: false,

    /** Counts executions, of all explorations: what is noted in one of them is out of date in the next. */
    execution: 0,

    /** The execution in which something was refused last. */
    refused: -1,

    /** If somebody watches over this thread: word 0 counts its steps, word 1 is the site of the last one. */
    pulse: null as Int32Array | null,

    /** A promise was rejected for that, and nobody asked what became of it. Null: none was. */
    unheard: null as { readonly value: unknown } | null,

    /** What a thread still has to do when its function has given that: its jobs. Null: nothing. */
    afterBody: (_: unknown): Twin | null => null,

    /** What threads have asked for that was answered by one draw for all executions: 'Math.random', 'Date.now'. */
    drawn: new Set<string>(),

    /** What clocks told each thread last, in the execution of that number. */
    told: { execution: -1, of: new Map<number, number>() },

    /** The thread that runs, by number; -1: none. */
    thread(): number {
      return engine?.thread?.() ?? -1
    },

    /**
     * What the engine knows of agents; undefined: none is explored. No accessor: with one among its properties V8 is a
     * fifth slower in all that uses this object.
     */
    hooks(): AgentHooks | undefined {
      return engine?.agents
    },

    /** The agent that the running thread belongs to, by number: a thread of the program; -1: none runs. */
    agent(): number {
      return engine?.agents?.current() ?? -1
    },

    /** Milliseconds that have passed for it since the execution began. */
    passed(): number {
      return engine?.passed?.() ?? 0
    },

    /** The running thread has made a shared buffer. */
    made(buffer: SharedArrayBuffer): void {
      engine?.made?.(buffer)
    },

    /** The modules registered so far. A module loaded twice stands here twice; the last one is in force. */
    modules: modules as readonly Module[],

    /** Every site of every module, by number. */
    sites: sites as readonly Site[],

    /**
     * True: perform the operation now. False: yield first. `DataView`: index in bytes, a = its size for READ and WRITE.
     */
    op(kind: number, site: number, view?: unknown, index = 0, a?: unknown, b?: unknown): boolean {
      return engine === null || engine.op(kind, site, view, index, a, b)
    },

    /** A loop begins. */
    loop(site: number): Loop {
      return { site, latest: NEVER, values: NO_VALUES, changes: 0, depth: 0, pauses: 0, version: 0, course: null }
    },

    /** The head of a loop. True: go on at once. False: yield first. */
    turn(loop: Loop, left?: number, ...values: unknown[]): boolean {
      return engine === null || engine.turn(loop, left, values)
    },

    /** Called with the value of an operation that has been performed, which it gives back. */
    did<T>(value: T): T {
      if (veil !== null) veil.did()
      return value
    },

    /**
     * Called with what a `throw` is about to throw, which it gives back. An object stands where it was thrown first.
     */
    thrown<T>(site: number, value: T): T {
      const known = this.latestThrow
      if (known === null || known.value !== value || typeof value !== 'object') this.latestThrow = { site, value }
      return value
    },

    /** No turn is left: the loop at that site may never end. */
    endless(site: number): void {
      if (engine?.endless === undefined) this.spare = TURNS
      else engine.endless(site)
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
    module(
      file: string,
      fingerprint: string,
      its: readonly Site[],
      imports: readonly string[] = [],
      outline?: Outline,
    ): number {
      const base = sites.length
      sites.push(...its)
      modules.push({ file, fingerprint, base, sites: its, imports, outline })
      return base
    },

    /** Hides shared memory from what announces nothing, or no longer does. */
    hide(next: Veil | null): void {
      veil = next
    },

    /** Does what touches shared memory without an event, by the author's own word: reads it, or stores as well. */
    unhidden<T>(work: () => T, stores = false): T {
      if (veil === null) return work()
      veil.lift()
      try {
        return work()
      } finally {
        veil.drop(stores)
      }
    },

    /** Installs the engine, or null to take it away. Returns the one before. */
    install(next: Engine | null): Engine | null {
      const before = engine
      engine = next
      this.spare = TURNS
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
