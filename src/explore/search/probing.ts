/**
 * How many executions an exact search will have, by random probes.
 *
 * The executions of an exact search are a tree: below each are those of its reversals, and what those are is told by
 * the execution alone. Knuth (Estimating the efficiency of backtrack programs, 1975): go down a path at random, and
 * count each execution on it as often as there are paths of that length so far; the mean over paths is the size of the
 * tree. Chen (Heuristic sampling: a method for predicting the performance of tree searching programs, 1992): go down
 * all at once, keep one execution of each kind, and let it stand for the others of its kind. What depth and place of
 * the reversal are the same is of a kind here. Both are right on the average, and Chen's strays less.
 */
import { fraction, type Random } from '../../random/random.ts'
import type { Execution } from '../engine/state.ts'
import type { Frame } from './ahead.ts'
import type { SavedWalk } from './saved-walk.ts'
import { nextExecution, type Search } from './search.ts'

/** A reversal that stands for so many of its kind. */
interface Representative {
  readonly walk: SavedWalk
  weight: number
}

/**
 * One probe: about how many executions the search has. `root` is what the search saved after its first execution.
 * Forgets what lies ahead of the search.
 */
export function probe(x: Execution, search: Search, root: SavedWalk, random: Random): number {
  let size = 1
  let depth = kindsBelow(root, 1, random, new Map())
  while (depth.size > 0) {
    const next = new Map<number, Representative>()
    for (const { walk, weight } of depth.values()) {
      search.restore!(walk)
      if (nextExecution(x, search) === undefined) continue
      size += weight
      kindsBelow(search.save!() as SavedWalk, weight, random, next)
    }
    depth = next
  }
  return size
}

/** Adds the reversals of the latest execution, each of which stands for as many as that does. */
function kindsBelow(
  saved: SavedWalk,
  weight: number,
  random: Random,
  kinds: Map<number, Representative>,
): Map<number, Representative> {
  const frame = saved.frames.at(-1)
  if (frame === undefined) return kinds
  for (let k = frame.begun; k < frame.reversals.length; k++) {
    const reversal = frame.reversals[k]
    const known = kinds.get(reversal.at)
    const all = (known?.weight ?? 0) + weight
    const taken = known === undefined || fraction(random) < weight / all
    const alone: Frame = { threads: frame.threads, reversals: [reversal], begun: 0 }
    if (taken) kinds.set(reversal.at, { walk: { ...saved, frames: [alone] }, weight: all })
    else known.weight = all
  }
  return kinds
}
