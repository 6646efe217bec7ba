/**
 * What is wrong with an execution: by the detectors, by `after` and the invariant, and because another could not start
 * where it did.
 */

import type { Detectors } from '../detectors/detectors.ts'
import type { Ending } from '../engine/ending.ts'
import { outsideThreads } from '../engine/execution.ts'
import { fail } from '../engine/fail.ts'
import type { Finding } from '../engine/finding.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { strayStore } from '../engine/put-back.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { KINDS } from '../runtime/kinds.ts'
import { putBackFunctions, replacedBy } from '../runtime/language-functions.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { howToFollow } from '../runtime/name-packages.ts'
import { isProxy } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA, saidBy } from '../runtime/thrown-value.ts'
import type { Scenario } from '../scenario.ts'
import { watchBuiltIns } from './built-ins.ts'
import { noteGlobals } from './global-state.ts'
import { LinearizabilityError } from './linearizability.ts'
import { changedPlace, privateState } from './private-state.ts'
import { watchPrivateState } from './private-watch.ts'

/** Executions after which what setup returned is looked through. */
const LOOKS = 64
/** Executions until the second look at the language's own objects; then twice as many, and so on. */
const BUILT_INS = 4096

export interface Verdict {
  /** A thread is about to begin. */
  begins(): void
  /** Judges an execution that has ended; its findings are in `x.findings` afterwards. */
  judge(ending: Ending): void
  /**
   * At the end of all, after so many steps: the finding that nothing was explored, or that a thread changed what
   * everybody relies on.
   */
  lastLook(steps: number): Finding | undefined
  /** Whether `after` could not tell, in the execution judged last, if its history is linearizable. */
  isUnknown(): boolean
}

/** Judges the executions of that scenario, the invariant at each step. `context` is what setup returned just now. */
export function createVerdict<Context>(
  x: Execution,
  { after, invariant }: Scenario<Context>,
  context: Context,
  detectors: Detectors,
  placeName: (address: number) => string,
): Verdict {
  const replaced = putBackFunctions()
  if (replaced !== undefined) throw new MisuseError(replacedBy('a module, or setup,', replaced))
  const privately = privateState(context)
  let isUnchanged = watchPrivateState(context)
  const builtIns = watchBuiltIns()
  // Looked at once: after the first execution others than threads may write there as well, such as `after`.
  let globals: 'unknown' | 'known' | (() => string | undefined) = 'unknown'
  let nextLook = 0
  let strayed = false
  let unknown = false
  /** A thread has waited for what nobody did. */
  let waited = false

  const brokenLanguage = (looked: string | undefined): Finding | undefined => {
    const broken = putBackFunctions() ?? (x.totals.replaced || looked)
    return broken === undefined ? undefined : refused(replacedBy('a thread', broken))
  }

  if (invariant !== undefined) {
    // Found at the store just performed: kept while that is replayed.
    x.hooks.performed = () => guard(x, 'invariant', 'the invariant', () => invariant(context), x.position.step - 1)
  }

  return {
    isUnknown: () => unknown,
    begins() {
      if (globals === 'unknown') globals = noteGlobals()
    },
    lastLook: (steps) =>
      brokenLanguage(builtIns.look()) ?? (steps === 0 && !waited ? refused(nothingSeen()) : undefined),
    judge(ending) {
      unknown = false
      if (ending === 'blocked') waited = true
      // After the first execution and then more and more rarely: it takes as long as some executions. The last look
      // tells what is broken in between.
      if (x.totals.executions >= nextLook) {
        nextLook = Math.max(BUILT_INS, x.totals.executions * 2)
        const finding = brokenLanguage(builtIns.glance())
        if (finding !== undefined) fail(x, finding)
        // With what the language has, which is as it was.
        const own = finding === undefined && typeof globals === 'function' ? globals() : undefined
        if (own !== undefined) fail(x, refused(`a thread changed ${own}, ${OWN}`))
      }
      if (x.position.stopped === 'steps') fail(x, livelock(x))
      globals = 'known'
      if (ending !== 'complete' && ending !== 'blocked') return
      const stray = x.totals.executions === 1 ? strayStore(x.memory) : -1
      if (stray >= 0) fail(x, unrepeatable(`${placeName(stray)} was changed by code that did not announce it`))
      detectors.atEnd(ending)
      if (ending === 'complete' && after !== undefined) {
        unknown = guard(x, 'assertion', 'after', () => {
          const answer: unknown = after(context, x.position.results)
          return isPromise(answer) || answer === false ? answer : undefined
        })
      }
      if (strayed || x.totals.executions > LOOKS || isUnchanged()) return
      const changed = changedPlace(privately, privateState(context))
      if (changed === undefined) {
        // Other objects that are equal.
        isUnchanged = watchPrivateState(context)
        return
      }
      // Said once: it would be found in every execution from now on.
      strayed = true
      const what = `a thread changed ${changed}, outside of shared memory`
      fail(x, unrepeatable(`${what}: the next execution would not start from what setup made`))
    },
  }
}

const OWN = 'which all threads here have in common and workers have for themselves'

/** Files that are told by name. */
const FILES = 5

/** No thread did anything that others could see: most often what it calls was not instrumented. */
function nothingSeen(): string {
  const files = runtime.modules.map(({ file }) => file)
  const latest = [...new Set(files)].slice(-FILES).map((file) => file.replace(/.*[\\/]/, ''))
  const told = latest.length === 0 ? 'no file is instrumented' : `instrumented are ${latest.join(', ')}`
  const rest = files.length > FILES ? ' and others' : ''
  return `no thread did anything that another could see, so nothing was explored: ${told}${rest}; ${howToFollow()}`
}

const refused = (message: string): Finding => ({ ...unrepeatable(message), kind: 'refused' })

const unrepeatable = (message: string): Finding => ({
  kind: 'nondeterminism',
  message,
  sites: [],
  events: [],
  thread: 0,
  at: -1,
})

/** A proxy is asked nothing. */
export const isPromise = (value: unknown): value is Promise<unknown> => !isProxy(value) && value instanceof Promise

/**
 * Runs the author's code outside threads; what it throws is a finding, at that event if it must be kept while that is
 * replayed. True: it could not tell whether its history is linearizable.
 */
function guard(x: Execution, kind: string, what: string, work: () => unknown, at = -1): boolean {
  const thread = x.position.current
  let unknown = false
  outsideThreads(x, () => {
    try {
      const answer = work()
      if (answer === false) throw new Error(`${what} does not hold`)
      if (isPromise(answer)) throw broken(answer, what)
    } catch (error) {
      const linearizability = isA(error, LinearizabilityError)
      unknown = linearizability && error.verdict === 'unknown'
      if (!unknown) fail(x, thrown(x, linearizability ? 'linearizability' : kind, thread, at, error))
    }
  })
  return unknown
}

/** A promise can't be waited for. What it will be rejected with is not looked at. */
function broken(promise: Promise<unknown>, what: string): Error {
  promise.catch(() => {})
  return new Error(`${what} returned a promise: what it awaits would be looked at when the search has long gone on`)
}

function thrown({ trace }: Execution, kind: string, thread: number, at: number, error: unknown): Finding {
  const i = trace.n - 1
  let last = i
  while (last > 0 && whereIs(trace.site[last]) === '') last--
  const message = saidBy(error)
  const slow = runtime.spare < 0
  return { kind, message, sites: last >= 0 ? [trace.site[last]] : [], events: [i], thread, at, error, slow }
}

/** What repeats at the end of an execution that came to no end. */
function livelock(x: Execution): Finding {
  const { trace } = x
  const { circle } = x.turns
  const from = circle >= 0 ? circle : Math.max(0, trace.n - 400)
  const turns = new Map<string, number>()
  for (let i = from; i < trace.n; i++) {
    const what = `${nameOfThread(x, trace.thread[i])}: ${KINDS[trace.kind[i]].name} ${whereIs(trace.site[i])}`.trim()
    turns.set(what, (turns.get(what) ?? 0) + 1)
  }
  const told = [...turns]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 6)
    .map(([what, times]) => `${what} (${times === 1 ? 'once' : `${times} times`})`)
  return {
    kind: 'livelock',
    message:
      circle >= 0
        ? `livelock: the last ${trace.n - from} steps lead back to where they began, and all threads that can go on have a part in them: ${told.join(', ')}`
        : `livelock: suspected, since there is no end after ${trace.n} steps (a turn of a loop that stores nothing and changes nothing would wait); the last ${trace.n - from} repeat ${told.join(', ')}`,
    sites: [...new Set(Array.from(trace.site.subarray(from, trace.n)))].slice(0, 4),
    events: [trace.n - 1],
    thread: trace.thread[trace.n - 1],
    at: -1,
  }
}
