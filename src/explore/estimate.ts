/**
 * How many executions there will be in all, while that is not known.
 */
import type { Execution } from './engine/state.ts'
import type { Progress } from './result.ts'
import { nextExecution, type Search } from './search/search.ts'
import { STRATEGIES } from './search/strategies.ts'

/** Random walks that estimate how many schedules there are, for a strategy that can't tell. */
const PROBES = 30

/** By what the search itself knows, after so many executions. */
export function estimateBy(search: Search, exact: boolean, executions: number): Progress['estimate'] {
  if (!exact) return bySpace(search, 'over random runs')
  const share = search.progress()
  if (share <= 0) return undefined
  return {
    executions: Math.round(executions / share),
    method: 'by known branches, each taken for equally large; more may appear',
  }
}

/** By random walks of its own, which are run for that. */
export function estimateByProbes(x: Execution, seed: number): Progress['estimate'] {
  const walks = STRATEGIES.random.create(x, { seed, depth: 0 })
  for (let k = 0; k < PROBES; k++) nextExecution(x, walks)
  return bySpace(walks, `over ${PROBES} random runs at the end`)
}

function bySpace(search: Search, runs: string): Progress['estimate'] {
  const space = search.space?.()
  if (space === undefined) return undefined
  return {
    executions: Math.round(space),
    method: `Knuth's: mean product of branchings ${runs}; schedules, not traces`,
  }
}
