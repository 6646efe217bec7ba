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

const outcomesOf = async (files: Record<string, string>, timeouts: 'idle' | true = 'idle'): Promise<unknown> => {
  const result = await withFiles(files, async (folder) => {
    const { setup, threads } = await loadInstrumented(join(folder, 'main.mjs'))
    const outcome = (w: Int32Array) => `${w[1]}${w[2]}`
    return check(
      { setup: setup as () => Int32Array, threads: threads as never, outcome, timeouts },
      { keepGoing: true },
    )
  })
  expect(result).toMatchObject({ violation: null, exhaustive: true, redundant: 0 })
  return [result.outcomes.map(({ outcome }) => outcome).sort(), result.complete]
}

const IN_WORKER = `import { MessageChannel, parentPort, workerData as w } from 'node:worker_threads'\n`
const startOf = (name: string) => `new Worker(new URL('./${name}.mjs', import.meta.url), { workerData: w })`
const thread = (body: string) => `import { Worker } from 'node:worker_threads'
  export const setup = () => new Int32Array(new SharedArrayBuffer(16))
  export const threads = [(w) => { ${body} }]`

const BOTH = ['00', '01']
const stores = 'Atomics.store(w, 2, 1)'
const exits = 'process.exit(7)'

it.each([
  [
    'an immediate and a message that exits',
    'k.postMessage(1)',
    `parentPort.on('message', () => ${exits}); setImmediate(() => ${stores})`,
  ],
  [
    'a message and an immediate that exits',
    'k.postMessage(1)',
    `parentPort.on('message', () => ${stores}); setImmediate(() => ${exits})`,
  ],
  [
    'a message that comes late',
    "k.on('online', () => k.postMessage(1))",
    `parentPort.on('message', () => ${stores}); setImmediate(() => ${exits})`,
  ],
  [
    'a message, and what throws',
    "k.on('error', () => {}); k.postMessage(1)",
    `parentPort.on('message', () => ${stores}); setImmediate(() => { throw new Error('x') })`,
  ],
  [
    'messages by two ports',
    'k.postMessage(1)',
    `const { port1, port2 } = new MessageChannel(); port2.on('message', () => ${stores}); port1.postMessage(1); parentPort.on('message', () => ${exits})`,
  ],
])('what might come before the task that ends its worker does: %s', async (_, main, worker) => {
  const files = { 'main.mjs': thread(`const k = ${startOf('ends')}; ${main}`), 'ends.mjs': IN_WORKER + worker }
  expect(((await outcomesOf(files)) as [unknown])[0]).toEqual(BOTH)
})

it.each([
  [
    'a timer and a message that exits',
    `parentPort.on('message', () => ${exits}); setTimeout(() => ${stores}, 5)`,
    ['00'],
    BOTH,
  ],
  [
    'a message and a timer that exits',
    `parentPort.on('message', () => ${stores}); setTimeout(() => ${exits}, 5)`,
    ['01'],
    BOTH,
  ],
])('a timer may be first where it may run out at any moment: %s', async (_, worker, idle, always) => {
  const files = { 'main.mjs': thread(`${startOf('ends')}.postMessage(1)`), 'ends.mjs': IN_WORKER + worker }
  expect(((await outcomesOf(files)) as [unknown])[0]).toEqual(idle)
  expect(((await outcomesOf(files, true)) as [unknown])[0]).toEqual(always)
})

it('a step that an end cut off comes before and behind what others do meanwhile, whoever was started first', async () => {
  const starts = [`const k = ${startOf('adds')}; k.on('message', () => k.terminate())`, startOf('waits')]
  const files = (body: string[]) => ({
    'main.mjs': thread(body.join('; ')),
    'adds.mjs': `${IN_WORKER}parentPort.postMessage(1); Atomics.add(w, 1, 1)`,
    'waits.mjs': `${IN_WORKER}w[2] = 1 + ['ok', 'timed-out', 'not-equal'].indexOf(Atomics.wait(w, 1, 0, 10))`,
  })
  const expected = [['02', '12', '13'], 13]
  expect(await outcomesOf(files(starts))).toEqual(expected)
  expect(await outcomesOf(files(starts.reverse()))).toEqual(expected)
})
