/**
 * Explores a scenario: all its interleavings, or a sample of them, or those with few preemptions.
 */

import { NO_DETECTORS } from './detectors/detectors.ts'
import { exploreProgram } from './exploration.ts'
import { exploreMemory } from './memory/explore-memory.ts'
import { refuseForeign } from './memory/foreign.ts'
import { optionsOf } from './program/given.ts'
import { createProgram } from './program/program.ts'
import { formatViolation } from './report/text.ts'
import type { Result } from './result.ts'
import type { Options, Scenario } from './scenario.ts'
import { strategyNamed } from './search/strategies.ts'

/** What `explore` throws: its message is the report. */
export class ExplorationFailure extends Error {
  override name = 'ExplorationFailure'
  /** What the exploration found. */
  readonly result: Result
  constructor(result: Result) {
    super(formatViolation(result.violation!), { cause: result.violation!.error })
    this.result = result
  }
}

/** Whether this process has been told that a search was cut. */
let told = false

/**
 * Explores a scenario and throws an `ExplorationFailure` if it finds anything. Options stand in the scenario or beside
 * it. A search that ends before all interleavings were run, or leaves something out that the memory model has, is told
 * on the console, once in a process: it is no proof, for which there is `prove`.
 */
export function explore<Context, Results extends readonly unknown[] | [] = readonly unknown[]>(
  scenario: Scenario<Context, Results> & Options,
  options: Options = {},
): Result {
  const result = check(scenario, options)
  if (result.violation !== null) throw new ExplorationFailure(result)
  const { exact } = strategyNamed(optionsOf(scenario, options).strategy ?? 'optimal')
  if (exact && !result.exhaustive && !told) {
    told = true
    console.warn(`explore: ${cutSentence(result)}. This is told once; prove() makes it an error`)
  }
  return result
}

/** Why a search that found nothing is no proof. */
export function cutSentence({ scenario, budget, executions, estimate, memory }: Result): string {
  const which = scenario === '' ? 'a search' : `the search of ${scenario}`
  if (memory?.allButBuffering === true)
    return `${which} left out what ${memory.model} may do: that these loads take a value from their own future (${memory.loadBuffering.join(', ')})`
  const of = memory === undefined ? 'interleavings' : `executions of ${memory.model}`
  const what = { time: 'its time was over', executions: 'it had run as many executions as it may', '': '' }[budget]
  const why = what || 'executions were cut off or left a thread out'
  const all = estimate === undefined ? '' : ` of about ${Math.max(executions, estimate.executions).toPrecision(1)}`
  return `${which} ended before all ${of} were run: ${why}, after ${executions} executions${all}`
}

/** Explores a scenario and returns what it found. Options stand in the scenario or beside it. */
export function check<Context, Results extends readonly unknown[] | [] = readonly unknown[]>(
  scenario: Scenario<Context, Results> & Options,
  options: Options = {},
): Result {
  const given = optionsOf(scenario, options)
  if (given.memory !== undefined) return checkMemory(scenario as Scenario<Context>, given)
  const program = createProgram(scenario as Scenario<Context>, given.detect ?? {}, given.raw)
  return program.answering(() => exploreProgram(program, given))
}

/** Interleavings that are run first under a memory model. */
const FIRST = 20

/**
 * The same under a memory model. No detector looks: what they know of an execution is one order of its steps. What
 * nobody announces, and what does not repeat, is looked for in some interleavings first.
 */
function checkMemory<Context>(scenario: Scenario<Context>, options: Options): Result {
  refuseForeign(options, scenario)
  const program = createProgram(scenario, NO_DETECTORS, options.raw)
  const { memory, maxSteps, seconds, time, maxExecutions = FIRST } = options
  return program.answering(() => {
    const budgets = Object.entries({ maxSteps, seconds, time }).filter(([, value]) => value !== undefined)
    const first = exploreProgram(program, {
      ...Object.fromEntries(budgets),
      keepGoing: true,
      shrink: false,
      maxExecutions: Math.min(FIRST, maxExecutions),
    })
    const kind = first.violation?.kind
    if (kind !== 'refused' && kind !== 'nondeterminism') return exploreMemory(program, options)
    return {
      ...first,
      strategy: `memory ${memory}`,
      exhaustive: false,
      outcomes: [],
      memory: { model: memory!, loadBuffering: [], allButBuffering: false, races: [], violates: 'sc' },
    }
  })
}
