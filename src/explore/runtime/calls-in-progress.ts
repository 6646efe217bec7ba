/**
 * The calls that threads are in, with their variables, for who steps an execution. A paused generator shows nobody what
 * it holds; so its text, where the transform was asked for `locals`, leaves here what reads it.
 */

import { runtime } from './runtime.ts'

/** A call in progress, and what it holds: parameters and what its body declares, as far as it has come. */
export interface CallView {
  /** The function's name; '' for none. */
  readonly name: string
  readonly locals: readonly { readonly name: string; readonly value: unknown }[]
}

interface Call {
  readonly name: string
  readonly names: readonly string[]
  /** Reads each of them. Throws for one that has not been declared yet. */
  readonly read: readonly (() => unknown)[]
}

/** By thread: the calls it is in, outermost first, and in which execution. */
const calls = new Map<number, { readonly execution: number; readonly stack: Call[] }>()

/** The running thread has entered a function. `names`: its variables, with commas between them. */
export function enter(name: string, names: string, read: Call['read']): Call {
  const thread = runtime.thread()
  let known = calls.get(thread)
  if (known?.execution !== runtime.execution) {
    known = { execution: runtime.execution, stack: [] }
    calls.set(thread, known)
  }
  const call = { name, names: names === '' ? [] : names.split(','), read }
  known.stack.push(call)
  return call
}

/** It has left it again, and with it what was called in there. */
export function leave(call: Call): void {
  for (const { stack } of calls.values()) {
    const at = stack.lastIndexOf(call)
    if (at >= 0) stack.length = at
  }
}

/** The calls that a thread is in, outermost first. */
export function callsOf(thread: number): CallView[] {
  const known = calls.get(thread)
  if (known?.execution !== runtime.execution) return []
  return known.stack.map(({ name, names, read }) => ({
    name,
    locals: names.flatMap((each, k) => {
      try {
        return [{ name: each, value: read[k]() }]
      } catch {
        // Not declared yet.
        return []
      }
    }),
  }))
}
