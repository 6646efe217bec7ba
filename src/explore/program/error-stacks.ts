/**
 * What stands in the stack of an error while a program runs: the author's functions, and not the engine's below them.
 * Those are others in each execution, and a thread that stores, returns or measures a stack would seem to be another.
 */

import { runtime } from '../runtime/runtime.ts'

type Prepare = (error: Error, frames: readonly NodeJS.CallSite[]) => unknown

const errors = Error as { prepareStackTrace?: unknown }

// This file is in a room of the explorer.
const here = import.meta.url
const folder = new URL('../', here)
const folders = [folder.href, decodeURI(folder.pathname)]

const isAuthors = (frame: NodeJS.CallSite): boolean => {
  const file = frame.getFileName()
  // A twin is a generator; nobody wrote the call that goes on with it.
  if (file === null || file === undefined) return frame.getFunctionName() !== 'next'
  return !folders.some((each) => file.startsWith(each))
}

/** What is in force now, what that stands in for, and how many calls the author's code finds in a stack. */
let mine: { prepare: Prepare; instead: unknown; limit: number } | null = null

/** What the author's code would find there: ours is left out. */
export const preparedBy = (): unknown =>
  mine !== null && errors.prepareStackTrace === mine.prepare ? mine.instead : errors.prepareStackTrace

/** Does something during which errors tell of the author's functions alone. */
export function withAuthorsStacks<T>(work: () => T): T {
  const instead = preparedBy()
  const had = Object.hasOwn(Error, 'prepareStackTrace')
  const before = { mine, value: errors.prepareStackTrace }
  const limit = mine?.limit ?? Error.stackTraceLimit
  const prepare: Prepare = (error, frames) => {
    // A report looks at more of them than there would be otherwise.
    const theirs = (runtime.running ? frames.slice(0, limit) : frames).filter(isAuthors)
    if (typeof instead === 'function') return Reflect.apply(instead, Error, [error, theirs]) as unknown
    return [String(error), ...theirs.map((frame) => `    at ${String(frame)}`)].join('\n')
  }
  mine = { prepare, instead, limit }
  errors.prepareStackTrace = prepare
  try {
    return work()
  } finally {
    if (errors.prepareStackTrace === prepare) {
      if (had) errors.prepareStackTrace = before.value
      else delete errors.prepareStackTrace
    }
    mine = before.mine
  }
}
