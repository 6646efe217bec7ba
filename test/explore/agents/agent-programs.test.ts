/**
 * Random programs of two and three agents with promises, timers, immediates and waits, held against a search that knows
 * nothing of the engine.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { LONG, seedOf } from '../../share.ts'
import { AGENT_WORDS, agentsSearch, agentsText, NOTES, randomAgents } from '../support/agent-programs.ts'
import { instrumented, words } from '../support/source.ts'
import { drawer } from '../support/spin-programs.ts'
import { expectOutcomes } from '../support/states.ts'

const PROGRAMS = LONG ? 4000 : 60
const STATES = LONG ? 60_000 : 6_000
const EXECUTIONS = LONG ? 40_000 : 3_000

/** Of the programs that are drawn, where timeouts run out at any moment or never. */
const SHARE = 3

it.each(['idle', true, false] as const)(
  'agents come to what a plain search says, with timeouts: %s',
  { timeout: 7_200_000 },
  async (timeouts) => {
    const programs = timeouts === 'idle' ? PROGRAMS : Math.ceil(PROGRAMS / SHARE)
    const seed = seedOf(`${programs} programs of agents`)
    const { below } = drawer(seed)
    const seen = { compared: 0, outcomes: 0, blocked: 0, slept: 0 }
    for (let n = 0; n < programs; n++) {
      const program = randomAgents(below)
      const expected = agentsSearch(program, STATES, timeouts)
      if (expected === undefined) continue
      const text = agentsText(program)
      const { threads } = await instrumented(text, {}, 'agents.js')
      const setup = () => words(AGENT_WORDS + NOTES * program.length)
      const outcome = (w: Int32Array) => [...w].join()
      const options = { keepGoing: true, shrink: false, maxExecutions: EXECUTIONS, detect: { deadlocks: false } }
      const result = check({ setup, threads, outcome, timeouts }, options)
      if (!expectOutcomes(result, expected, `program ${n}:\n${text}`)) continue
      seen.compared++
      seen.outcomes += expected.size
      if (result.timeouts === 'idle') seen.slept++
      if ([...expected].some((each) => each.endsWith('(blocked)'))) seen.blocked++
    }
    console.log(seen)
    expect(seen.compared).toBeGreaterThan(programs / 2)
    // Most come to two or more; where no timeout runs out, to one or two.
    expect(seen.outcomes).toBeGreaterThan(seen.compared)
    expect(seen.blocked).toBeGreaterThan(programs / 20)
    if (timeouts === 'idle') expect(seen.slept).toBeGreaterThan(programs / 10)
  },
)
