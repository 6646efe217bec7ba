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

const PROGRAMS = LONG ? 4000 : 120
const STATES = LONG ? 60_000 : 6_000
const EXECUTIONS = LONG ? 40_000 : 3_000

it('agents come to what a plain search says', { timeout: 7_200_000 }, async () => {
  const seed = seedOf(`${PROGRAMS} programs of agents`)
  const { below } = drawer(seed)
  const seen = { compared: 0, outcomes: 0, blocked: 0, slept: 0 }
  for (let n = 0; n < PROGRAMS; n++) {
    const program = randomAgents(below)
    const expected = agentsSearch(program, STATES)
    if (expected === undefined) continue
    const text = agentsText(program)
    const { threads } = await instrumented(text, {}, 'agents.js')
    const setup = () => words(AGENT_WORDS + NOTES * program.length)
    const outcome = (w: Int32Array) => [...w].join()
    const options = { keepGoing: true, shrink: false, maxExecutions: EXECUTIONS, detect: { deadlocks: false } }
    const result = check({ setup, threads, outcome }, options)
    if (!expectOutcomes(result, expected, `program ${n}:\n${text}`)) continue
    seen.compared++
    seen.outcomes += expected.size
    if (result.timeouts === 'idle') seen.slept++
    if ([...expected].some((each) => each.endsWith('(blocked)'))) seen.blocked++
  }
  console.log(seen)
  expect(seen.compared).toBeGreaterThan(PROGRAMS / 2)
  expect(seen.outcomes).toBeGreaterThan(PROGRAMS * 2)
  expect(seen.blocked).toBeGreaterThan(PROGRAMS / 20)
  expect(seen.slept).toBeGreaterThan(PROGRAMS / 10)
})
