/**
 * The hunt in the explorer: a program in every interleaving, or in as many as there is time for. A program that failed
 * on real threads is brought here too, to get a schedule that shows why.
 */

import {
  type Coverage,
  check,
  type Edit,
  loadInstrumented,
  type Options,
  type Result,
  type Scenario,
} from '../../src/explore/index.ts'
import type { HuntProgram } from './program.ts'

/** The author's text, also when this runs from dist. */
export const SCENARIO = new URL(
  import.meta.url.endsWith('.ts') ? './scenario.ts' : '../../../props/hunt/scenario.ts',
  import.meta.url,
)

/**
 * Turns a program into a scenario of an instrumented copy of the storage. With a `layout` its objects are at other
 * addresses, the same for the same number: on other buckets, from other magazines. 0, the default: as they come.
 */
export type ScenarioOf = (program: HuntProgram, layout?: number) => Scenario<unknown>

/**
 * Loads the storage instrumented, with edits if a bug is to be planted; from another tree's scenario, if it is said.
 */
export async function loadStorage(edits: readonly Edit[] = [], scenario: string | URL = SCENARIO): Promise<ScenarioOf> {
  const { programScenario } = await loadInstrumented(scenario, { edits })
  return programScenario as ScenarioOf
}

/** How long to look. */
export interface Budget {
  /** Seconds in all. */
  readonly seconds: number
  /** Executions of each search. No limit by default. */
  readonly maxExecutions?: number
  /** Of the sampling. */
  readonly seed?: number
  /** What the program's objects are laid out by: 0 by default. */
  readonly layout?: number
  /** Told, of each search, which visible operations of the storage were raced. */
  readonly onCoverage?: (coverage: Coverage) => void
}

/** So many executions tell of most small programs whether they are right. */
const FEW = 10_000

/**
 * Looks for a schedule that shows what is wrong with a program: through all interleavings if they are few; else a third
 * of the time by sampling, which finds most faults soon, then through all interleavings, which says for sure. The
 * result's violation, if there is one, has the shortest schedule that was found and the line that replays it, under
 * `name`.
 */
export function findSchedule(scenarioOf: ScenarioOf, program: HuntProgram, budget: Budget, name?: string): Result {
  const { seconds, seed = 1, maxExecutions = Number.POSITIVE_INFINITY, layout = 0, onCoverage } = budget
  const scenario = { ...scenarioOf(program, layout), ...(name !== undefined && { name }) }
  const search = (options: Options): Result => {
    const result = check(scenario, { seconds: seconds / 3, coverage: onCoverage !== undefined, ...options })
    if (result.coverage !== undefined) onCoverage?.(result.coverage)
    return result
  }
  const begun = search({ maxExecutions: Math.min(FEW, maxExecutions) })
  if (begun.exhaustive || begun.violation !== null) return begun
  const sampled = search({ strategy: 'portfolio', seed, maxExecutions })
  return sampled.violation === null ? search({ maxExecutions }) : sampled
}
