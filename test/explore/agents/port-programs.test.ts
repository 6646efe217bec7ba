/**
 * Random programs of two and three threads that post messages to each other, held against a search that knows nothing
 * of the engine.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { LONG, seedOf } from '../../share.ts'
import { portsSearch, portsText, randomPorts } from '../support/port-programs.ts'
import { instrumented } from '../support/source.ts'
import { drawer } from '../support/spin-programs.ts'
import { expectOutcomes } from '../support/states.ts'

const PROGRAMS = LONG ? 2000 : 12
const STATES = LONG ? 60_000 : 6_000
const EXECUTIONS = LONG ? 40_000 : 3_000

it('threads that post to each other come to what a plain search says', { timeout: 7_200_000 }, async () => {
  const { below } = drawer(seedOf(`${PROGRAMS} programs of ports`))
  const seen = { compared: 0, outcomes: 0, traces: 0 }
  for (let n = 0; n < PROGRAMS; n++) {
    const program = randomPorts(below)
    const expected = portsSearch(program, STATES)
    if (expected === undefined) continue
    const text = portsText(program)
    const { setup, threads } = await instrumented(text, {}, 'ports.js')
    const outcome = ({ w }: { w: Int32Array }) => [...w].join()
    const options = { keepGoing: true, shrink: false, maxExecutions: EXECUTIONS }
    const result = check({ setup: setup as () => { w: Int32Array }, threads: threads as never, outcome }, options)
    if (!expectOutcomes(result, expected, `program ${n}:\n${text}`)) continue
    seen.compared++
    seen.outcomes += expected.size
    seen.traces += result.complete
  }
  console.log(seen)
  expect(seen.compared).toBeGreaterThan(PROGRAMS / 2)
  expect(seen.outcomes).toBeGreaterThan(PROGRAMS)
})
