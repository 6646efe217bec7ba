/**
 * A scenario made ready to run: its threads as generators, its hooks into the engine, its verdict on an execution.
 */

import { attachDetectors, type DetectorOptions } from '../detectors/detectors.ts'
import { announce } from '../engine/announce.ts'
import type { Ending } from '../engine/ending.ts'
import { outsideThreads } from '../engine/execution.ts'
import { type Finding, fail } from '../engine/finding.ts'
import { shapeOf, strayStore } from '../engine/memory.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { createPlaceNames } from '../engine/place-names.ts'
import { createExecution, type Execution, nameOfThread } from '../engine/state.ts'
import { KINDS } from '../runtime/kinds.ts'
import { type Engine, Refusal, runtime, type Twin, twinOf } from '../runtime/runtime.ts'
import type { Scenario } from '../scenario.ts'
import { codeFingerprint } from '../schedule/replay-line.ts'
import { LinearizabilityError } from './history.ts'
import { changedPlace, privateState } from './private-state.ts'

/** Executions after which what setup returned is looked through: it takes as long as a short execution. */
const LOOKS = 64

export interface Program {
  readonly x: Execution
  readonly name: string
  /** Of the code that these sites stand in; of all code without sites. */
  fingerprint(sites?: readonly number[]): string
  readonly placeName: (address: number) => string
  /** Judges an execution that has ended; its findings are in `x.findings` afterwards. */
  judge(ending: Ending): void
  /** From now on judges each execution as if there had been no other: orders of locks are those that it takes itself. */
  judgeAlone(): void
  /** Whether `after` could not tell, in the execution judged last, if its history is linearizable. */
  unknown: boolean
  /** The outcome of a complete execution, as text. */
  outcome(): string
  /** Does something while the runtime's questions are answered by this program. */
  answering<T>(work: () => T): T
}

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise

/** Throws a TypeError for a scenario that is none. */
function refuseNone<Context>(scenario: Scenario<Context>): void {
  const { setup, threads } = scenario
  if (typeof setup !== 'function') throw new TypeError(`explore: setup: got ${typeof setup}, expected a function`)
  if (!Array.isArray(threads) || threads.length === 0) {
    throw new TypeError('explore: threads: expected an array of functions, at least one')
  }
  for (const name of ['after', 'invariant', 'outcome', 'placeName'] as const) {
    const its: unknown = scenario[name]
    if (its !== undefined && typeof its !== 'function') {
      throw new TypeError(`explore: ${name}: got ${typeof its}, expected a function`)
    }
  }
}

/** Runs `setup` and prepares the threads. Throws a TypeError for a thread that is not instrumented. */
export function createProgram<Context>(
  scenario: Scenario<Context>,
  detect: DetectorOptions,
  raw = runtime.raw,
): Program {
  refuseNone(scenario)
  const { threads, after, invariant, outcome } = scenario
  let x: Execution | undefined
  const engine: Engine = {
    op: (kind, site, view, index, a, b) => x === undefined || announce(x, kind, site, view, index, a, b),
    plain(kind, site, view) {
      if (x === undefined || x.position.current < 0 || shapeOf(x.memory, view) === null) return
      engine.refuse(site, `${KINDS[kind].name} of shared memory in code that can't be interrupted`)
    },
    refuse(site, reason) {
      if (x === undefined || x.position.current < 0) return
      const { current } = x.position
      const before = whereIs(site) === '' ? latestEvent(x, current) : -1
      const known = before < 0 ? site : x.trace.site[before]
      const where = whereIs(known)
      const near = where === '' ? '' : ` (${before < 0 ? '' : 'after '}${where})`
      const message = `${nameOfThread(x, current)}: ${reason}${near}`
      fail(x, { kind: 'refused', message, sites: [known], events: before < 0 ? [] : [before], thread: current, at: -1 })
      throw new Refusal(message)
    },
  }
  const answering = <T>(work: () => T): T => {
    const before = runtime.install(engine)
    const rawBefore = runtime.raw
    runtime.raw = raw
    try {
      return work()
    } finally {
      runtime.raw = rawBefore
      runtime.install(before)
    }
  }

  // The execution exists before setup, so that what setup allocates enters its shadow.
  let context: Context
  const bodies = threads.map((thread, t) => {
    const body = bodyOf(thread, t)
    return () => body(context)
  })
  const made = createExecution(bodies, scenario.threadNames ?? threads.map((_, t) => `${t}`), {
    timeouts: scenario.timeouts === true,
    watched: invariant !== undefined,
  })
  x = made
  context = answering(() => scenario.setup())
  if (isPromise(context)) throw new TypeError('explore: setup returned a promise, expected the context itself')
  const placeName = createPlaceNames(made, context, scenario.placeName)
  const detectors = attachDetectors(made, detect, placeName)
  const privately = privateState(context)

  /** Runs the author's code outside threads; what it throws is a finding, at that event if it must be kept while that is replayed. */
  const guard = (kind: string, what: string, work: () => unknown, at = -1) => {
    const thread = made.position.current
    const looksAt = () => {
      const answer = work()
      if (answer === false) throw new Error(`${what} does not hold`)
      if (!isPromise(answer)) return
      answer.catch(() => {})
      throw new Error(`${what} returned a promise: what it awaits would be looked at when the search has long gone on`)
    }
    outsideThreads(made, () => {
      try {
        looksAt()
      } catch (error) {
        const i = made.trace.n - 1
        let last = i
        while (last > 0 && whereIs(made.trace.site[last]) === '') last--
        const message = error instanceof Error ? error.message : String(error)
        if (error instanceof LinearizabilityError) {
          program.unknown = error.verdict === 'unknown'
          if (program.unknown) return
          kind = 'linearizability'
        }
        const sites = last >= 0 ? [made.trace.site[last]] : []
        fail(made, { kind, message, sites, events: [i], thread, at, error })
      }
    })
  }

  if (invariant !== undefined) {
    made.hooks.performed = () => guard('invariant', 'the invariant', () => invariant(context), made.position.step - 1)
  }

  let strayed = false
  const program: Program = {
    x: made,
    unknown: false,
    name: scenario.name ?? '',
    fingerprint: (sites) => codeFingerprint(threads, sites),
    placeName,
    answering,
    judgeAlone: detectors.judgeAlone,
    judge(ending) {
      program.unknown = false
      if (made.position.stopped === 'steps') fail(made, livelock(made))
      if (ending !== 'complete' && ending !== 'blocked') return
      const stray = made.totals.executions === 1 ? strayStore(made.memory) : -1
      if (stray >= 0) {
        fail(made, {
          kind: 'nondeterminism',
          message: `${placeName(stray)} was changed by code that did not announce it`,
          sites: [],
          events: [],
          thread: 0,
          at: -1,
        })
      }
      detectors.atEnd(ending)
      if (ending === 'complete' && after !== undefined) {
        guard('assertion', 'after', () => {
          const answer: unknown = after(context, made.position.results)
          return isPromise(answer) ? answer : undefined
        })
      }
      const looks = !strayed && made.totals.executions <= LOOKS
      const changed = looks ? changedPlace(privately, privateState(context)) : undefined
      if (changed !== undefined) {
        // Said once: it would be found in every execution from now on.
        strayed = true
        fail(made, {
          kind: 'nondeterminism',
          message: `a thread changed ${changed}, outside of shared memory: the next execution would not start from what setup made`,
          sites: [],
          events: [],
          thread: 0,
          at: -1,
        })
      }
    },
    outcome() {
      if (outcome !== undefined) return show(outcome(context, made.position.results.slice(0, made.program.given)))
      let answered = false
      for (let t = 0; t < made.program.given; t++) if (made.position.results[t] !== undefined) answered = true
      return answered ? made.position.results.slice(0, made.program.given).map(show).join(' | ') : ''
    },
  }
  return program
}

/** The latest step of that thread in this execution; -1 for none. */
function latestEvent({ trace, position }: Execution, t: number): number {
  for (let i = position.step - 1; i >= 0; i--) if (trace.thread[i] === t) return i
  return -1
}

/** The generator function of a thread: its twin, or the function itself if it is a generator function. */
function bodyOf<Context>(thread: (context: Context) => unknown, t: number): (context: Context) => Twin {
  const twin = twinOf(thread) as ((context: Context) => Twin) | null | undefined
  const tag = Object.prototype.toString.call(thread)
  if (tag.startsWith('[object Async')) {
    throw new TypeError(
      `explore: thread ${t} is an async function, and what follows an await runs when no thread does. Give a plain function that waits by Atomics.wait, or loops.`,
    )
  }
  const generates = tag === '[object GeneratorFunction]'
  if (twin === undefined && generates) return thread as (context: Context) => Twin
  if (generates)
    throw new TypeError(
      `explore: thread ${t} is a generator function, and nobody would step it. Give a plain function.`,
    )
  // A leaf has nothing to stop at, and no twin.
  if (twin === null) {
    // biome-ignore lint/correctness/useYield: it runs to its end at once.
    return function* (context) {
      return thread(context)
    } as (context: Context) => Twin
  }
  if (twin !== undefined) return twin
  throw new TypeError(
    `explore: thread ${t} is not instrumented. Load its file through the plugin (sk-storage/vite) or the loader (sk-storage/register).`,
  )
}

const show = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : (JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)) ?? 'undefined')

/** What repeats at the end of an execution that came to no end. */
function livelock(x: Execution): Finding {
  const { trace } = x
  const from = Math.max(0, trace.n - 400)
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
    message: `livelock: suspected, since there is no end after ${trace.n} steps (a spin loop must call Atomics.pause or its like to be seen waiting); the last ${trace.n - from} repeat ${told.join(', ')}`,
    sites: [...new Set(Array.from(trace.site.subarray(from, trace.n)))].slice(0, 4),
    events: [trace.n - 1],
    thread: trace.thread[trace.n - 1],
    at: -1,
  }
}
