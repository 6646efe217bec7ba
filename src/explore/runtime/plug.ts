/**
 * The engine that is plugged in, and what the runtime asks it. Where none is, code runs as the author wrote it.
 */

import type { AgentHooks, Engine, Loop } from './engine.ts'

/** A place for an engine, empty. */
export function createPlug() {
  let engine: Engine | null = null
  return {
    /** The thread that runs, by number; -1: none. */
    thread(): number {
      return engine?.thread?.() ?? -1
    },

    /** What the engine knows of agents; undefined: none is explored. */
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

    /**
     * True: perform the operation now. False: yield first. `DataView`: index in bytes, a = its size for READ and WRITE.
     */
    op(kind: number, site: number, view?: unknown, index = 0, a?: unknown, b?: unknown): boolean {
      return engine === null || engine.op(kind, site, view, index, a, b)
    },

    /** The head of a loop. True: go on at once. False: yield first. */
    turn(loop: Loop, left?: number, ...values: unknown[]): boolean {
      return engine === null || engine.turn(loop, left, values)
    },

    /** The same question from a plain form, which can't yield: refused when a thread runs and `view` is shared. */
    plain(kind: number, site: number, view?: unknown, index = 0, a?: unknown): void {
      if (engine !== null) engine.plain(kind, site, view, index, a)
    },

    /** Refuses, inside a thread, what the transform can't follow. */
    refuse(site: number, reason: string): void {
      if (engine !== null) engine.refuse(site, reason)
    },

    /** No turn is left. False: nobody here says what is to be done about it. */
    endless(site: number): boolean {
      if (engine?.endless === undefined) return false
      engine.endless(site)
      return true
    },

    /** Plugs an engine in, or null to take it away. Returns the one before. */
    install(next: Engine | null): Engine | null {
      const before = engine
      engine = next
      return before
    },
  }
}
