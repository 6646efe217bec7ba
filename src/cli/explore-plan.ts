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
import { lineName, loadScenarios, type Source } from './scenario-source.ts'

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
    | 'detect'
    | 'coverage'
  >
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
  const { source, scenario: name, strategy, options } = plan
  const scenario = (await loadScenarios(source, 'object' in source ? name : '')).get(name)
  if (scenario === undefined) throw new UsageError(`got the scenario ${name}, expected one that is still there`)
  const { onLoaded, ...others } = listeners
  onLoaded?.()
  try {
    const result = check(
      { ...scenario, name: lineName(source, name) },
      { ...options, ...others, strategy, ...(resume && { resume }) },
    )
    return { ...result, scenario: name }
  } catch (error) {
    // Threads that are not instrumented, a checkpoint of other code: the engine's own words.
    if (error instanceof MisuseError) throw new UsageError(`${name}: ${error.sentence}`)
    throw error
  }
}
