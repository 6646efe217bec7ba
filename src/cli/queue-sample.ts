/**
 * A sample in a queue: cut into blocks of executions, each a root. A block is the sample of its own seed, drawn as one
 * core draws it, so that what all of them tell depends on the seed and the number of executions alone.
 */

import type { Checkpoint, Result } from '../explore/index.ts'
import { STRATEGIES } from '../explore/internals.ts'
import { noCounts } from '../explore/internals-load.ts'
import type { Plan } from './explore-plan.ts'
import type { Commit, OpenRoot, Root } from './queue-store.ts'
import type { Told } from './queue-told.ts'
import { runJob } from './scenario-process.ts'

/** Blocks of a sample at the most, and executions of one at the least, unless it has fewer in all. */
const MOST_BLOCKS = 256
const LEAST_EXECUTIONS = 1000

/** What a block is, and how far it has been drawn. JSON. */
export interface Block {
  readonly executions: number
  readonly from: Checkpoint
}

export const isSample = ({ strategy }: Pick<Plan, 'strategy'>): boolean => !STRATEGIES[strategy].exact

/**
 * The same scenario as an exact search: what that begins with tells whether the code, the memory and the first
 * execution are the same elsewhere.
 */
export function asExact(plan: Plan): Plan {
  const { seed: _seed, depth: _depth, maxExecutions: _most, ...options } = plan.options
  return { ...plan, strategy: 'optimal', options }
}

/** The blocks of a sample by name, in the order of their seeds. */
export function blocksOf({ strategy, options }: Plan, fingerprint: string): ReadonlyMap<string, Root> {
  const { seed = 0, maxExecutions = 0 } = options
  const size = Math.max(LEAST_EXECUTIONS, Math.ceil(maxExecutions / MOST_BLOCKS))
  const count = Math.ceil(maxExecutions / size)
  return new Map(
    Array.from({ length: count }, (_, k) => {
      const executions = Math.min(size, maxExecutions - k * size)
      const from = notBegun(strategy, fingerprint, (seed + k * size) >>> 0)
      const block: Block = { executions, from }
      const root = { walk: block, completed: true, share: executions / maxExecutions, gifts: 0 }
      return [`r${String(k).padStart(DIGITS, '0')}`, root]
    }),
  )
}
const DIGITS = 4

/** Where a sample of that seed stands before its first execution. */
function notBegun(strategy: Plan['strategy'], fingerprint: string, seed: number): Checkpoint {
  const samplers = STRATEGIES[strategy].samplers.map(() => ({ drawn: 0, sum: 0, steps: 0, perWord: [] }))
  const counts = noCounts()
  return { schema: 1, fingerprint, seed, counts, outcomes: [], failed: null, search: { turn: 0, samplers } }
}

/** How a block is worked at. */
export interface BlockWork {
  /** Seconds after which it is committed as far as it is. */
  readonly slice: number
  readonly patience: number
  /** Ends it: what it has drawn since the last commit will be drawn again. */
  readonly signal: AbortSignal
}

/** Draws on at a block until it has all its executions, one of them fails, or its time is over. */
export async function drawBlock(
  plan: Plan,
  root: OpenRoot,
  before: Told | undefined,
  { slice, patience, signal }: BlockWork,
): Promise<Commit> {
  const { executions, from } = root.walk as Block
  let latest = from
  const explore = { ...plan, options: { ...plan.options, maxExecutions: executions, seconds: slice, shrink: false } }
  const answer = await runJob(
    { explore, resume: from, checkpoints: true },
    {
      ...{ name: plan.scenario, patience, signal },
      onCheckpoint: (checkpoint) => {
        latest = checkpoint
      },
    },
  )
  const { result } = answer as { result: Result }
  const found = endsAll(result, plan)
  const drawn = result.executions - from.counts.executions
  const isLeft = !found && result.budget === 'time'
  return {
    told: toldBy(result, before),
    executions: drawn,
    behind: (root.share * drawn) / executions,
    left: isLeft ? { ...root, walk: { executions, from: latest } satisfies Block } : undefined,
    gifts: new Map(),
    found,
  }
}

/** Whether what was found ends the sample: one goes on after violations, if that is asked for, but not after these. */
export const endsAll = ({ violation }: Result, { options }: Plan): boolean =>
  violation !== null && (options.keepGoing !== true || /^(refused|nondeterminism)$/.test(violation.kind))

/** All that was told of a block; `before` is what was told of it before this part. */
function toldBy(result: Result, before: Told | undefined): Told {
  const { complete, blocked, redundant, failing, unknown, executions, steps } = result
  const { violation, outcomes, newSteps, drawn } = result
  return {
    counts: { complete, blocked, redundant, failing, unknown, executions, steps },
    outcomes,
    newSteps: newSteps + (before?.newSteps ?? 0),
    failed: before?.failed ?? violation?.schedule ?? null,
    ...{ suspected: [], learned: [], drawn },
    peakAhead: 0,
    cutShort: false,
    slept: result.timeouts !== undefined,
    broken: violation?.kind === 'nondeterminism',
  }
}

/** A sample of which that was told, with nothing left to draw: whoever goes on from there has the result. */
export function drawnPlan(plan: Plan, sum: Told, fingerprint: string): { explore: Plan; resume: Checkpoint } {
  const { counts, outcomes, failed, drawn, slept } = sum
  const begin = notBegun(plan.strategy, fingerprint, plan.options.seed ?? 0)
  return {
    explore: { ...plan, options: { ...plan.options, maxExecutions: counts.executions } },
    resume: { ...begin, counts, outcomes, failed, drawn, slept: slept ? true : undefined },
  }
}
