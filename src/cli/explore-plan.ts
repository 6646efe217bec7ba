/**
 * What is to be explored and how, as data: the same in this thread and in a worker.
 */

import { UsageError } from '../command/usage-error.ts'
import {
  type Checkpoint,
  check,
  MisuseError,
  type Options,
  type Progress,
  type Result,
  type StrategyName,
} from '../explore/index.ts'
import { type Beforehand, exploreShared, type Line, tellBeforehand } from '../explore/internals-load.ts'
import { lineName, type Source } from './line-name.ts'
import { type AnyScenario, loadScenarios } from './scenario-source.ts'

/** One scenario and the options of its exploration. */
export interface Plan {
  readonly source: Source
  readonly scenario: string
  readonly strategy: StrategyName
  readonly options: Pick<
    Options,
    | 'memory'
    | 'maxPreemptions'
    | 'maxSteps'
    | 'maxExecutions'
    | 'seconds'
    | 'seed'
    | 'depth'
    | 'keepGoing'
    | 'shrink'
    | 'detect'
    | 'coverage'
  > & {
    /** Of several workers, take what any of them finds first. */
    readonly first?: boolean
  }
}

/** Who wants to hear of it on the way. */
export interface Listeners {
  /** All code is there. */
  readonly onLoaded?: () => void
  readonly onProgress?: (progress: Progress) => void
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void
}

/**
 * Explores one scenario. Its modules are loaded afresh, so that what one scenario left in them is not there for the
 * next.
 */
export async function explorePlan(plan: Plan, listeners: Listeners = {}, resume?: Checkpoint): Promise<Result> {
  const { strategy } = plan
  const { first: _ofSeveral, ...options } = plan.options
  const { onLoaded, ...others } = listeners
  return withScenario(plan, onLoaded, (scenario) => ({
    ...check(scenario, { ...options, ...others, strategy, ...(resume && { resume }) }),
    scenario: plan.scenario,
  }))
}

/**
 * Has a part in the exploration of one scenario, loaded afresh. Returns whether its code may have left something behind
 * that another job would find.
 */
export async function sharePlan(plan: Plan, onLoaded: () => void, line: Line): Promise<boolean> {
  const { first: _ofAll, ...options } = plan.options
  return withScenario(plan, onLoaded, (scenario) =>
    exploreShared(scenario, { ...options, strategy: plan.strategy }, line),
  )
}

/** Tells beforehand how long the exploration of one scenario would take. */
export async function estimatePlan(
  plan: Plan,
  onLoaded: () => void,
  seconds: number,
  seed: number,
): Promise<Beforehand> {
  const { first: _ofAll, ...options } = plan.options
  return withScenario(plan, onLoaded, (scenario) => tellBeforehand(scenario, options, seconds, seed))
}

async function withScenario<T>(
  { source, scenario: name }: Plan,
  onLoaded: (() => void) | undefined,
  work: (scenario: AnyScenario) => T,
): Promise<T> {
  const scenario = (await loadScenarios(source, 'object' in source ? name : '')).get(name)
  if (scenario === undefined) throw new UsageError(`got the scenario ${name}, expected one that is still there`)
  onLoaded?.()
  try {
    return work({ ...scenario, name: lineName(source, name) })
  } catch (error) {
    // Threads that are not instrumented, a checkpoint of other code: the engine's own words.
    if (error instanceof MisuseError) throw new UsageError(`${name}: ${error.sentence}`)
    throw error
  }
}
