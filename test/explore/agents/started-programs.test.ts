/**
 * Random programs of a thread and the workers that it starts, held against a search that knows nothing of the engine.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { LONG, seedOf } from '../../share.ts'
import { withFiles } from '../support/source.ts'
import { drawer } from '../support/spin-programs.ts'
import { randomStarted, startedFiles, startedSearch } from '../support/started-programs.ts'
import { expectOutcomes } from '../support/states.ts'

const PROGRAMS = LONG ? 2000 : 8
const STATES = LONG ? 60_000 : 6_000
const EXECUTIONS = LONG ? 40_000 : 400

it('a thread and its workers come to what a plain search says', { timeout: 7_200_000 }, async () => {
  const { below } = drawer(seedOf(`${PROGRAMS} programs of workers`))
  const seen = { compared: 0, outcomes: 0, traces: 0, ended: 0 }
  for (let n = 0; n < PROGRAMS; n++) {
    const program = randomStarted(below)
    const expected = startedSearch(program, STATES)
    if (expected === undefined) continue
    const files = startedFiles(program)
    const text = Object.values(files).join('\n')
    const options = { keepGoing: true, shrink: false, maxExecutions: EXECUTIONS, detect: { deadlocks: false } }
    const result = await withFiles(files, async (folder) => {
      const { setup, threads } = await loadInstrumented(join(folder, 'main.mjs'))
      return check(
        { setup: setup as () => Int32Array, threads: threads as never, outcome: (w) => [...w].join() },
        options,
      )
    })
    if (!expectOutcomes(result, expected, `program ${n}:\n${text}`)) continue
    seen.compared++
    seen.outcomes += expected.size
    seen.traces += result.complete
    if (text.includes('.terminate()')) seen.ended++
  }
  console.log(seen)
  expect(seen.compared).toBeGreaterThanOrEqual(PROGRAMS / 2)
  expect(seen.outcomes).toBeGreaterThan(seen.compared)
  expect(seen.ended).toBeGreaterThan(0)
})

it('may do what waits for its turn before the task that ends it', async () => {
  const files = {
    'main.mjs': `import { Worker } from 'node:worker_threads'
      export const setup = () => new Int32Array(new SharedArrayBuffer(8))
      export const threads = [(w) => new Worker(new URL('./ends.mjs', import.meta.url), { workerData: w }).postMessage(1)]`,
    'ends.mjs': `import { parentPort, workerData as w } from 'node:worker_threads'
      parentPort.on('message', () => process.exit(7))
      setImmediate(() => Atomics.store(w, 0, 1))`,
  }
  const result = await withFiles(files, async (folder) => {
    const { setup, threads } = await loadInstrumented(join(folder, 'main.mjs'))
    const outcome = (w: Int32Array) => `${w[0]}`
    return check({ setup: setup as () => Int32Array, threads: threads as never, outcome }, { keepGoing: true })
  })
  expect(result).toMatchObject({ violation: null, exhaustive: true })
  expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['0', '1'])
})
