/**
 * A scenario made ready to run: its threads as generators, its answers to the runtime, its verdict on an execution.
 */

import type { Suspicion } from '../detectors/detector.ts'
import { attachDetectors, type DetectorOptions } from '../detectors/detectors.ts'
import { placeOf } from '../engine/agents.ts'
import type { Ending } from '../engine/ending.ts'
import type { Finding } from '../engine/finding.ts'
import { createPlaceNames } from '../engine/place-names.ts'
import { createExecution, type Execution } from '../engine/state.ts'
import { putBackFunctions, replacedBy } from '../runtime/language-functions.ts'
import { collectBuffers } from '../runtime/made-buffers.ts'
import { collectChannels } from '../runtime/made-channels.ts'
import { QUEUE_BYTES } from '../runtime/message-port.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Scenario } from '../scenario.ts'
import { answering, createAnswers } from './answers.ts'
import { copierOf } from './copies.ts'
import { codeFingerprint } from './fingerprint.ts'
import { refuseSlips } from './given.ts'
import { type OwnClasses, ownClassesOf } from './own-classes.ts'
import { buffersIn, privateState } from './private-state.ts'
import { bodyOf, loadedFrom } from './threads.ts'
import { createVerdict, isPromise, type Verdict } from './verdict.ts'

export interface Program {
  readonly x: Execution
  readonly name: string
  /** Of the code that these sites stand in; of all code without sites. */
  fingerprint(sites?: readonly number[]): string
  readonly placeName: (address: number) => string
  /** What the scenario says that threads asked for and that was the same in every execution. */
  inputs(): readonly string[]
  /**
   * Shared buffers that the threads may reach: those that setup made or returned, and those made at the tops of
   * modules.
   */
  readonly buffers: readonly SharedArrayBuffer[]
  /** Judges an execution that has ended; its findings are in `x.findings` afterwards. */
  judge(ending: Ending): void
  /**
   * At the end of all, after so many steps: the finding that nothing was explored, or that a thread changed what
   * everybody relies on.
   */
  lastLook(steps: number): Finding | undefined
  /**
   * From now on judges each execution as if there had been no other: orders of locks are those that it takes itself.
   * Given a kind of fault, of those that another execution would show only that one is told.
   */
  judgeAlone(only?: string): void
  /** From now on keeps what another execution would show: for a search that runs them all, and so would find it. */
  keepSuspicions(): void
  /** What was kept. */
  readonly suspicions: readonly Suspicion[]
  /** Threads of executions up to where a detector learned what may make another execution suspect. */
  learned(): readonly (readonly number[])[]
  /** What setup made outside of shared memory, as text. */
  privately(): string
  /** Whether `after` could not tell, in the execution judged last, if its history is linearizable. */
  isUnknown(): boolean
  /** What the threads returned, as text. */
  results(): string
  /** The outcome of an execution that came to its end, or in which a thread is stuck, as text. */
  outcome(isStuck: boolean): string
  /** Does something while the runtime's questions are answered by this program. */
  answering<T>(work: () => T): T
}

const MAX_SEED = 2 ** 31 - 1

/** Throws a TypeError for a scenario that is none. */
function refuseNone<Context>(scenario: Scenario<Context>): void {
  const { setup, threads } = scenario
  refuseSlips(scenario)
  if (typeof setup !== 'function') throw new MisuseError(`setup: got ${typeof setup}, expected a function`)
  if (!Array.isArray(threads) || threads.length === 0) {
    throw new MisuseError('threads: expected an array of functions, at least one')
  }
  for (const name of ['after', 'invariant', 'outcome', 'placeName'] as const) {
    const its: unknown = scenario[name]
    if (its !== undefined && typeof its !== 'function') {
      throw new MisuseError(`${name}: got ${typeof its}, expected a function`)
    }
  }
  const { threadNames, seed = 1 } = scenario
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED)
    throw new MisuseError(`seed: got ${JSON.stringify(seed)}, expected an integer from 0 to ${MAX_SEED}`)
  if (threadNames !== undefined && !Array.isArray(threadNames))
    throw new MisuseError(`threadNames: got ${typeof threadNames}, expected an array`)
}

function timeoutsOf<Context>({ timeouts = 'idle' }: Scenario<Context>): 'idle' | boolean {
  if (timeouts === 'idle' || typeof timeouts === 'boolean') return timeouts
  throw new MisuseError(`timeouts: got ${JSON.stringify(timeouts)}, expected 'idle', true or false`)
}

/** By thread: whether it may be left waiting. Throws a TypeError for a name or number of no thread. */
function daemonsOf<Context>({ daemons = [], threads }: Scenario<Context>, names: readonly string[]): boolean[] {
  if (!Array.isArray(daemons)) throw new MisuseError(`daemons: got ${typeof daemons}, expected an array`)
  const are = threads.map(() => false)
  for (const each of daemons as readonly unknown[]) {
    const t = typeof each === 'number' ? each : names.indexOf(String(each))
    if (are[t] === undefined) {
      const known = names.map((name, i) => (name === `${i}` ? name : `'${name}' (${i})`)).join(', ')
      throw new MisuseError(`daemons: got ${JSON.stringify(each)}, expected names or numbers of threads: ${known}`)
    }
    are[t] = true
  }
  return are
}

/** What threads begin with, when setup has run. */
interface Beginning<Context> {
  readonly context: Context
  /** Makes a copy of that for a thread; undefined: none has one of its own. */
  readonly copy: (() => Context) | undefined
  readonly classes: OwnClasses
  readonly caught: ((error: unknown) => void) | null
  readonly handedOver: ReadonlySet<object>
  readonly seed: number
  readonly verdict: Verdict
  /** Threads have no copies, and no classes, for themselves. */
  readonly plainly: boolean
}

/** What a thread runs that begins with more than its function. `place`: where it was loaded from, if that awaits. */
function beginWith<Context>(
  { context, copy, classes }: Beginning<Context>,
  body: (context: Context) => Twin,
  place: string | undefined,
): Twin {
  const begin = () =>
    classes.any ? withClasses(classes, body, copy, context) : body(copy === undefined ? context : copy())
  return (place === undefined ? null : runtime.afterModules(place, begin)) ?? begin()
}

/** A thread that first makes the classes that it has for itself, for what it is given is of them. */
function* withClasses<Context>(
  classes: OwnClasses,
  body: (context: Context) => Twin,
  copy: (() => Context) | undefined,
  context: Context,
): Twin {
  yield* classes.begin(copy !== undefined)
  try {
    return yield* body(copy === undefined ? context : copy())
  } catch (error) {
    classes.judge(copy !== undefined)?.(error)
    throw error
  }
}

/** Does something with the threads. If one replaces what that needs, it is the thread that is blamed. */
function withLanguage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const replaced = putBackFunctions()
    throw replaced === undefined ? error : new MisuseError(replacedBy('a thread', replaced))
  }
}

/** Runs `setup` and prepares the threads. Throws a TypeError for a thread that is not instrumented. */
export function createProgram<Context>(
  scenario: Scenario<Context>,
  detect: DetectorOptions,
  raw = runtime.raw,
): Program {
  refuseNone(scenario)
  const { threads, invariant, outcome } = scenario
  let beginning: Beginning<Context> | undefined
  const bodies = threads.map((thread, t) => {
    const body = bodyOf(thread, t)
    const place = loadedFrom(thread)
    return () => {
      const its = beginning!
      its.verdict.begins()
      runtime.starts[t] = runtime.started++
      // A set of its own for each program. To store what stands there already costs more than to look.
      if (runtime.handedOver !== its.handedOver) {
        runtime.handedOver = its.handedOver
        runtime.seed = its.seed
        runtime.caught = its.caught
      }
      return place === undefined && its.plainly ? body(its.context) : beginWith(its, body, place)
    }
  })
  // The execution exists before setup, so that what setup allocates enters its shadow.
  const names = scenario.threadNames ?? threads.map((_, t) => `${t}`)
  const x = createExecution(bodies, names, {
    timeouts: timeoutsOf(scenario),
    daemons: daemonsOf(scenario, names),
    watched: invariant !== undefined,
  })
  const answers = createAnswers(x)
  const { value: made, buffers } = collectBuffers(() =>
    collectChannels(() => answering(answers, raw, () => scenario.setup())),
  )
  const context = made.value
  // In the order in which they were made, so that every search of the program has the same addresses for them.
  for (const { port1, port2 } of made.channels) {
    placeOf(x, port1, QUEUE_BYTES)
    placeOf(x, port2, QUEUE_BYTES)
  }
  const classes = ownClassesOf(context)
  const copy = copierOf(context, classes.prototypeOf)
  const handedOver = buffersIn(context)
  if (isPromise(context)) throw new MisuseError('setup returned a promise, expected the context itself')
  const placeName = createPlaceNames(x, context, scenario.placeName)
  const detectors = attachDetectors(x, detect, placeName)
  const verdict = createVerdict(x, scenario, context, detectors, placeName)
  const caught = classes.judge(copy !== undefined)
  const plainly = copy === undefined && !classes.any
  beginning = { context, copy, classes, caught, handedOver, seed: scenario.seed ?? 1, verdict, plainly }

  return {
    x,
    name: scenario.name ?? '',
    fingerprint: (sites) => codeFingerprint(threads, sites),
    placeName,
    inputs: () => [...(scenario.inputs ?? [])],
    buffers: [...new Set([...buffers, ...handedOver])],
    answering: (work) => withLanguage(() => classes.during(() => answering(answers, raw, work))),
    judge: verdict.judge,
    lastLook: verdict.lastLook,
    judgeAlone: detectors.judgeAlone,
    keepSuspicions: detectors.keepSuspicions,
    suspicions: detectors.suspicions,
    learned: detectors.learned,
    privately: () => [...privateState(context)].join('\n'),
    isUnknown: verdict.isUnknown,
    results: () => x.position.results.slice(0, x.program.given).map(show).join(' | '),
    outcome(isStuck) {
      const { results } = x.position
      if (outcome === undefined && returnsNothing(results, x.program.given)) return ''
      return outcomeOf(outcome, context, results.slice(0, x.program.given), isStuck)
    },
  }
}

function returnsNothing(results: readonly unknown[], threads: number): boolean {
  for (let t = 0; t < threads; t++) if (results[t] !== undefined) return false
  return true
}

/** What the scenario says of an execution that has ended, or else what its threads returned. */
function outcomeOf<Context>(
  outcome: Scenario<Context>['outcome'],
  context: Context,
  results: readonly unknown[],
  isStuck: boolean,
): string {
  if (outcome !== undefined) {
    try {
      return show(outcome(context, results))
    } catch (error) {
      // Of a thread that is stuck there is no result, and it need not reckon with that.
      if (!isStuck) throw new MisuseError(`outcome threw: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return results.some((result) => result !== undefined) ? results.map(show).join(' | ') : ''
}

function show(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  try {
    return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)) ?? 'undefined'
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n')
    throw new MisuseError(`an outcome can't be told: got a value that JSON.stringify throws on (${why}), expected plainer \
results of the threads, or an outcome()`)
  }
}
