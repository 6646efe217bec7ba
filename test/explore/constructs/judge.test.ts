/**
 * No construct of the language, and no native, touches shared memory without the explorer seeing it: each is set beside
 * a plain write by another thread. Whether it touches the bytes is found by a process that runs it plainly and knows
 * nothing of the explorer.
 */

import { describe, expect, it } from 'vitest'
import { check, loadInstrumented } from '../../../src/explore/index.ts'
import { shareOf } from '../../share.ts'
import { withFiles } from '../support/source.ts'
import { type Construct, nativeConstructs, nativesOf } from './natives.ts'
import { askPlainly } from './oracle.ts'
import { lateConstructs, positionConstructs } from './positions.ts'
import { moduleOf } from './program.ts'

/** Constructs that are taken of positions, and of natives. */
const POSITIONS = 200
const NATIVES = 250

/** Constructs of one module. */
const MODULE = 400

/** What the explorer says of each construct beside a write. */
async function exploreAll(constructs: readonly Construct[]): Promise<string[]> {
  return withFiles({ 'constructs.mjs': moduleOf(constructs) }, async (folder) => {
    const { scenarios, other } = await loadInstrumented(`${folder}/constructs.mjs`)
    return (scenarios as { setup: () => unknown; run: (context: unknown) => unknown }[]).map(({ setup, run }) => {
      const threads = [run, other as (context: unknown) => unknown]
      const { violation, exhaustive } = check({ setup, threads }, { shrink: false, maxExecutions: 500 })
      if (violation === null) return exhaustive ? 'clean' : 'cut short'
      return violation.message.startsWith('unseen access') ? 'unseen' : violation.kind
    })
  })
}

/**
 * Compares the two, a module's worth at a time. Gives how often each pair of answers came, and the constructs that were
 * answered wrongly.
 */
async function judge(some: readonly Construct[]): Promise<{ tally: Record<string, number>; wrong: string[] }> {
  const tally: Record<string, number> = {}
  const wrong: string[] = []
  for (let from = 0; from < some.length; from += MODULE) {
    const these = some.slice(from, from + MODULE)
    const plainly = askPlainly(these)
    const kept = these.flatMap((construct, at) => (plainly[at] === 'ends' ? [] : [{ construct, answer: plainly[at] }]))
    const explored = await exploreAll(kept.map(({ construct }) => construct))
    kept.forEach(({ construct, answer }, at) => {
      const key = `${answer}: ${explored[at]}`
      tally[key] = (tally[key] ?? 0) + 1
      const seen = ['data-race', 'refused', 'unseen', 'nondeterminism'].includes(explored[at])
      const right = construct.quiet ? explored[at] === 'clean' : answer !== 'touches' || seen
      if (!right || answer === 'fails to load') wrong.push(`${construct.name}: ${key}`)
    })
  }
  console.log(`${some.length} constructs:`, tally)
  return { tally, wrong }
}

describe('every construct that touches a word beside a plain write is a race or refused', {
  timeout: 3_600_000,
}, () => {
  it('in all positions, in all kinds of functions, made in the thread, in setup and in the module', async () => {
    expect((await judge(shareOf('positions', positionConstructs(), POSITIONS))).wrong).toEqual([])
  })

  it('made or begun in setup', async () => {
    const all = lateConstructs()
    const wrong = await exploreAll(all)
    expect(all.filter((_, at) => wrong[at] === 'clean').map(({ name }) => name)).toEqual([])
  })

  it('as natives, found by reflection and called in all ways', async () => {
    const { natives } = nativesOf()
    expect((await judge(shareOf('natives', nativeConstructs(natives), NATIVES))).wrong).toEqual([])
  })
})
