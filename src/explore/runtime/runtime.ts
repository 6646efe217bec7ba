/**
 * What instrumented code calls, and the engine answers.
 *
 * Before each visible operation a twin asks `runtime.op(...) || (yield)` and then performs the operation
 * itself. `true` means: go on at once. `false` means: another thread is next; the generator unwinds to the
 * scheduler and is resumed when its operation has been chosen. Nothing in here knows any strategy.
 */

import { type Engine, type Loop, NEVER } from './engine.ts'
import { createModules } from './modules.ts'
import { createPlug } from './plug.ts'
import type { Copied } from './site.ts'
import type { Twin } from './twin.ts'
import { createVeiling } from './veiling.ts'

const NO_VALUES: readonly unknown[] = []

/**
 * How often the loops of an execution may turn without a step that others could see: that takes as long as thousands of
 * executions of which many are to be run.
 */
export const TURNS = 2 ** 25

/**
 * Its parts by name, in one literal and without accessors: V8 is a fifth slower in all that uses this object with an
 * accessor among its properties.
 */
function createRuntime() {
  const { thread, hooks, agent, passed, made, op, turn, plain, refuse, ...plug } = createPlug()
  const { did, hide, unhidden } = createVeiling()
  const { modules, sites, module } = createModules()
  return {
    /** True while a thread of an exploration runs: the twin of a function must be called, not its plain form. */
    running: false,
    /** True while an object is made whose constructor and fields a twin will run: its plain constructor returns. */
    bare: false,
    /**
     * True while a copy is made of an object: constructors of classes with private members return, fields stay empty.
     */
    hollow: false,
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
    /** The execution in which an agent did something asynchronous last. */
    asynchronous: -1,
    /** The execution in which something was refused last. */
    refused: -1,
    /** If somebody watches over this thread: word 0 counts its steps, word 1 is the site of the last one. */
    pulse: null as Int32Array | null,
    /** If somebody watches over this thread: called when an exploration begins in it, and when it has ended. */
    watched: null as ((explores: boolean) => void) | null,
    /**
     * Looks at what the author catches in a thread, and refuses it where it comes from two classes that are one to him.
     */
    caught: null as ((error: unknown) => void) | null,
    /** A promise was rejected for that, and nobody asked what became of it. Null: none was. */
    unheard: null as { readonly value: unknown } | null,
    /** What a thread still has to do when its function has given that: its jobs. Null: nothing. */
    afterBody: (_: unknown): Twin | null => null,
    /**
     * A thread whose modules await at their tops: it begins with these. `place`: where its function was loaded from.
     * Null: none does.
     */
    afterModules: (_place: string, _body: () => Twin): Twin | null => null,
    /** By agent, the number of its latest start: what it has of the variables of modules is of that one. */
    starts: [] as number[],
    /** Counts starts of threads, of all explorations. */
    started: 1,
    /** Shared buffers that `setup` gave to all threads. */
    handedOver: new Set() as ReadonlySet<object>,
    /** What chance in threads begins with. */
    seed: 1,
    /** What threads have asked for that was answered by one draw for all executions: 'Math.random', 'Date.now'. */
    drawn: new Set<string>(),
    /** What clocks told each thread last, in the execution of that number. */
    told: { execution: -1, of: new Map<number, number>() },

    thread,
    hooks,
    agent,
    passed,
    made,
    modules,
    sites,
    op,

    /** A loop begins. */
    loop(site: number): Loop {
      return { site, latest: NEVER, values: NO_VALUES, changes: 0, depth: 0, pauses: 0, version: 0, course: null }
    },

    turn,
    did,

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
      if (!plug.endless(site)) this.spare = TURNS
    },

    plain,
    refuse,
    module,
    hide,
    unhidden,

    /** Installs the engine, or null to take it away. Returns the one before. */
    install(next: Engine | null): Engine | null {
      this.spare = TURNS
      this.watched?.(next !== null)
      return plug.install(next)
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
