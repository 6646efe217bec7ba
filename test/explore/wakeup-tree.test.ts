/** What the wakeup trees hold while a search runs: what lies ahead, and nothing of what lies behind. */
import { describe, expect, it } from 'vitest'
import { litmus } from '../../src/explore/litmus.ts'
import { createOptimal } from '../../src/explore/optimal.ts'
import type { SavedOptimal } from '../../src/explore/optimal-checkpoint.ts'
import { createExecution } from '../../src/explore/state.ts'
import { answering } from './counting.ts'

type Node = SavedOptimal['levels'][number]['tree'][number]

/** Branches that end below these siblings, all nodes there, and how deep they go. */
function measure(siblings: readonly Node[]): { leaves: number; nodes: number; depth: number } {
  const sum = { leaves: 0, nodes: 0, depth: 0 }
  for (const [, , , , children] of siblings) {
    const below = measure(children)
    sum.leaves += Math.max(1, below.leaves)
    sum.nodes += 1 + below.nodes
    sum.depth = Math.max(sum.depth, 1 + below.depth)
  }
  return sum
}

/** After each execution: how many sequences lie ahead, and how many nodes they take. */
function ahead(text: string) {
  const { threads } = litmus(text)
  const x = createExecution(threads, [])
  const after: { leaves: number; nodes: number }[] = []
  let longest = 0
  const peak = answering(x, () => {
    const search = createOptimal(x)
    while (search.next() !== undefined) {
      const sum = { leaves: 0, nodes: 0 }
      longest = Math.max(longest, x.trace.n)
      ;(search.save!() as SavedOptimal).levels.forEach(({ tree }, level) => {
        const { leaves, nodes, depth } = measure(tree)
        sum.leaves += leaves
        sum.nodes += nodes
        expect(level + depth).toBeLessThanOrEqual(longest)
      })
      after.push(sum)
    }
    return search.peakNodes
  })
  return { after, longest, peak }
}

const readers = (n: number): string => `W x 1${' | R x'.repeat(n)}`

describe('the wakeup trees', () => {
  for (const [name, text] of [
    ['readers(8)', readers(8)],
    ['CoRR2', 'W x 1 | W x 2 | R x; R x | R x; R x'],
    ['wrw(3)', 'W x 1 | R x; W x 0 | R x; W x 1 | R x; W x 2'],
    ['casrot(5)', 'C x 0 1 | C x 1 2 | C x 2 3 | C x 3 4 | C x 4 5'],
    ['locks', 'L m; A x 1; U m | L m; A x 1; U m | L m; A x 1; U m | L m; A x 1; U m'],
  ] as const) {
    it(`of ${name} hold a sequence for each trace known to come, none longer than an execution, and end empty`, () => {
      const { after, longest, peak } = ahead(text)
      after.forEach(({ leaves, nodes }, k) => {
        // Each branch leads to a trace of its own that has not been explored.
        expect(leaves).toBeLessThanOrEqual(after.length - 1 - k)
        expect(nodes).toBeLessThanOrEqual(leaves * longest)
      })
      expect(after.at(-1)).toEqual({ leaves: 0, nodes: 0 })
      // None but these are alive: what has been explored was given back.
      expect(peak).toBe(Math.max(...after.map(({ nodes }) => nodes)))
    })
  }

  it('can hold more than the depth: which traces begin elsewhere is learned in the first half of the search', () => {
    const { after, longest } = ahead(readers(8))
    expect(Math.max(...after.map(({ leaves }) => leaves))).toBeGreaterThan(longest)
  })
})
