/**
 * Searches that two and three worker threads share: what comes back is what one core finds. They run what was built.
 */
import { MessageChannel, Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Checkpoint, check, litmusScenario, type Options, type Result } from '../../../src/explore/index.ts'
import { createCalls, handOn, type ShareOptions, shareOut } from '../../../src/explore/internals-load.ts'
import { LONG, seedOf } from '../../share.ts'

const THREADS = 3
const workers = Array.from({ length: THREADS }, () => new Worker(new URL('./workers/litmus.js', import.meta.url)))
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()))
})

/** Explores a litmus program on so many threads. */
async function shared(text: string, jobs: number, options: Options & ShareOptions): Promise<Result> {
  const { onCheckpoint, resume, first, ...rest } = options
  const search = shareOut({ first, onCheckpoint, resume })
  const ports = workers.slice(0, jobs).map((worker) => {
    const { port1, port2 } = new MessageChannel()
    const calls = createCalls()
    port1.on('message', search.join(handOn(port1, calls)))
    worker.once('error', search.fail)
    worker.postMessage({ text, options: rest, line: { port: port2, calls } }, [port2])
    return port1
  })
  try {
    return await search.result
  } finally {
    for (const port of ports) port.close()
    for (const worker of workers) worker.removeAllListeners('error')
  }
}

/** What does not depend on the clock, or on who had how much in memory. */
const told = ({ seconds: _s, peakAhead: _p, ...result }: Result) => ({
  ...result,
  violation: result.violation && { ...result.violation, error: undefined },
  estimate: undefined,
})

const alone = (text: string, options: Options) => told(check(litmusScenario(text), options))

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const many = (n: number, thread: (i: number) => string) =>
  range(0, n - 1)
    .map(thread)
    .join(' | ')

const PROGRAMS: readonly string[] = [
  ...range(1, 8).map((n) => `W x 42 | ${many(n, () => 'R x')}`),
  ...range(1, 5).map((n) => many(n, () => 'A x 1')),
  ...range(1, 6).map((n) => many(n, (i) => `C x 0 ${i + 1}`)),
  ...range(2, 7).map((n) => many(n, (i) => `C x ${i} ${i + 1}`)),
  ...range(2, 5).map((n) => many(n, () => 'L m; A x 1; U m')),
  ...range(1, 4).map((k) => many(k, (i) => `L a${i}; U a${i} | L m; L a${i}; U a${i}; U m`)),
  'W x 1; R y | W y 1; R x',
  'W x 1; W y 1 | R y; R x',
  'W x 1; W x 2 | R x; R x',
  'W x 1 | W x 2 | R x; R x | R x',
  'W x 1 | W x 2 | R x; R x | R x; R x',
  'W x 1 | R x; R y | R y; R x | W y 1',
  'W x 1 | R x; W x 0 | R x; W x 1 | R x; W x 2',
  'C x 0 42 | C x 0 17; R x',
  'W x 1; W y 1 | A y 1; R y | W y 3; R x',
  'W x 1; R y; R x | W x 2; R x | W y 3',
  'A x 1; L l; U l | L l; A x 1; U l',
  'W w 1 | W x 1 | W y 1 | W x 2 | W y 2 | W z 1 | W z 2 | W w 2',
  many(3, () => 'L m; A x 1'),
  'W x 1; AWAIT y==0; W x 0 | W y 1; AWAIT x==0; W y 0',
  'AWAIT x==0; W x 1 | AWAIT x==0; W x 1',
  'W x 1; R y; W x 0 | W y 1; AWAIT x==0; W y 0',
  'L m; A d 1; U m | L m; A d 2; U m | L m; R d; U m',
  'L a; L b; U b; U a | L b; L a; U a; U b',
]

describe.each([2, 3])('on %i threads', (jobs) => {
  it('has each program of the counts the counts, the outcomes and the violation of one core', async () => {
    for (const text of PROGRAMS) {
      for (const keepGoing of [false, true]) {
        const options = { keepGoing, detect: { dataRaces: false } }
        expect(told(await shared(text, jobs, options)), text).toEqual(alone(text, options))
      }
    }
  })

  it('has a random program the same as on one core, races and all', async () => {
    const name = fc.constantFrom('x', 'y', 'z')
    const value = fc.integer({ min: 0, max: 2 })
    const statement = fc.oneof(
      fc.tuple(fc.constantFrom('W', 'A', 'X'), name, value).map((each) => each.join(' ')),
      name.map((each) => `R ${each}`),
      fc.tuple(name, value, value).map(([word, a, b]) => `C ${word} ${a} ${b}`),
      fc.tuple(name, value).map(([word, a]) => `AWAIT ${word}==${a}`),
      fc.constantFrom('m', 'n').map((lock) => `L ${lock}; A x 1; U ${lock}`),
      fc.constantFrom('m', 'n').map((lock) => `T ${lock}`),
    )
    const thread = fc.array(statement, { minLength: 1, maxLength: 3 }).map((each) => each.join('; '))
    const program = fc.array(thread, { minLength: 3, maxLength: 4 }).map((each) => each.join(' | '))
    await fc.assert(
      fc.asyncProperty(program, fc.boolean(), async (text, keepGoing) => {
        const options = { keepGoing, maxSteps: 300 }
        expect(told(await shared(text, jobs, options))).toEqual(alone(text, options))
      }),
      { numRuns: LONG ? 400 : 40, seed: seedOf('random programs that are shared') },
    )
  })

  const LARGE = many(6, () => 'L m; A x 1; U m')

  it('stops after as many executions as it may run, and goes on from there on another number of threads', async () => {
    const options = { keepGoing: true, detect: { dataRaces: false } }
    const whole = alone(LARGE, options)
    let last: Checkpoint | undefined
    const onCheckpoint = (checkpoint: Checkpoint) => {
      last = checkpoint
    }
    const part = await shared(LARGE, jobs, { ...options, maxExecutions: 300, onCheckpoint })
    expect(part).toMatchObject({ executions: 300, budget: 'executions', exhaustive: false })
    const kept = JSON.parse(JSON.stringify(last)) as Checkpoint
    expect(kept.counts.executions).toBe(300)
    const { outcomes, ...counts } = whole
    const sorted = (all: Result['outcomes']) => all.map(({ outcome, count }) => `${outcome}: ${count}`).sort()
    for (const others of [1, 5 - jobs]) {
      const rest = await shared(LARGE, others, { ...options, resume: kept })
      const { complete, blocked, redundant, failing, executions, exhaustive } = counts
      expect(rest).toMatchObject({ complete, blocked, redundant, failing, executions, exhaustive })
      expect(sorted(rest.outcomes)).toEqual(sorted(outcomes))
    }
  })

  it('takes any violation with first', async () => {
    const text = `${many(4, (i) => `W x ${i}; R x`)} | L a; L b; U b; U a | L b; L a; U a; U b`
    const { violation } = await shared(text, jobs, { first: true, detect: { dataRaces: false } })
    expect(violation?.kind).toBe('deadlock')
  })
})
