/**
 * The strategies, by name. The names that `explore` and the command take, their list and their lines of help come from
 * here.
 */
import type { Execution } from '../engine/state.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { createBounded } from './bounded.ts'
import { createOptimal } from './optimal.ts'
import { createPct } from './pct.ts'
import { createPortfolio } from './portfolio.ts'
import { createPos } from './pos.ts'
import { createRandomWalk } from './random-walk.ts'
import type { CreateSampler } from './sampler.ts'
import type { Search } from './search.ts'
import { createSurw } from './surw.ts'

/** What a search is made with, beside the program. */
export interface SearchSettings {
  /** Where the random choices begin. */
  readonly seed: number
  /** pct's d. */
  readonly depth: number
  /** Only what can be reached with so many preemptions. */
  readonly maxPreemptions?: number | undefined
}

/** A strategy, as the table has it. */
export interface StrategyEntry {
  /** What it does, in one line of help. */
  readonly help: string
  /** It runs every trace once and then ends. The others sample until a budget is spent. */
  readonly exact: boolean
  /** What a sample is drawn by, in turn; none where it is exact. */
  readonly samplers: readonly CreateSampler[]
  /** Puts it to work on a program. */
  readonly create: (x: Execution, settings: SearchSettings) => Search
}

const sampling = (help: string, ...samplers: readonly CreateSampler[]): StrategyEntry => ({
  help,
  exact: false,
  samplers,
  create: (x, { seed, depth }) => createPortfolio(x, samplers, seed, depth),
})

const samplers: readonly CreateSampler[] = [createRandomWalk, createPct, createPos, createSurw]

export const STRATEGIES = {
  optimal: {
    help: 'every interleaving, one of each class that no thread could tell apart',
    exact: true,
    samplers: [],
    create: (x, { maxPreemptions }) =>
      maxPreemptions === undefined ? createOptimal(x) : createBounded(x, maxPreemptions),
  },
  random: sampling('a sample: any thread that can go on, with equal chance', createRandomWalk),
  pct: sampling(
    'a sample: random priorities, and --depth - 1 places where the running thread gets the lowest',
    createPct,
  ),
  pos: sampling(
    'a sample: random priorities, drawn anew for threads whose next step races with the last one',
    createPos,
  ),
  surw: sampling('a sample: the steps on one word in an order drawn evenly from all, the rest at random', createSurw),
  portfolio: sampling('a sample by random, pct, pos and surw in turn', ...samplers),
} satisfies Readonly<Record<string, StrategyEntry>>

/**
 * How schedules are chosen: `optimal` takes every trace once, the others sample. `sk-storage explore --help` lists
 * them.
 */
export type StrategyName = keyof typeof STRATEGIES

/** All names, in the order of the table. */
export const STRATEGY_NAMES = Object.keys(STRATEGIES) as [StrategyName, ...StrategyName[]]

/** The strategy of that name. Throws a MisuseError for a name that there is none of. */
export function strategyNamed(name: string): StrategyEntry {
  if (Object.hasOwn(STRATEGIES, name)) return STRATEGIES[name as StrategyName]
  const [last, ...others] = STRATEGY_NAMES.map((each) => `'${each}'`).reverse()
  throw new MisuseError(`strategy: got '${name}', expected ${others.reverse().join(', ')} or ${last}`)
}
