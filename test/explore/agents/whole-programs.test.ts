/**
 * Whole programs: a main file as it stands, with the workers that it starts.
 */
import { join, relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import explore from '../../../src/cli/explore.ts'
import { explorePlan } from '../../../src/cli/explore-plan.ts'
import { lineName, readLineName } from '../../../src/cli/line-name.ts'
import { replayOnce } from '../../../src/cli/replay-once.ts'
import { exploreProgram, type ProgramExploration } from '../../../src/explore/index.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import type { Result } from '../../../src/explore/result.ts'
import { withFiles } from '../support/source.ts'

const HEAD = `import { Worker, isMainThread, parentPort, workerData, threadId } from 'node:worker_threads'\n`

const explored = (main: string, worker = '', options: ProgramExploration = {}): Promise<Result> =>
  withFiles({ 'main.mjs': HEAD + main, 'worker.mjs': HEAD + worker }, (folder) =>
    exploreProgram(join(folder, 'main.mjs'), options),
  )

const outcomes = (result: Result): unknown[] => {
  expect(result.violation?.message ?? null).toBeNull()
  expect([result.exhaustive, result.redundant]).toEqual([true, 0])
  const told = result.outcomes.map(({ outcome }) => outcome).sort()
  return told.map((outcome) => JSON.parse(outcome) as unknown)
}

it('explores a program of one file that starts itself, and tells what each agent printed', async () => {
  const result = await explored(
    `if (isMainThread) {
       const words = new Int32Array(new SharedArrayBuffer(4))
       const workers = [1, 2].map(() => new Worker(new URL(import.meta.url), { workerData: words }))
       let left = 2
       for (const each of workers) each.on('exit', () => { if (--left === 0) console.log('sum', words[0]) })
     } else {
       const seen = Atomics.load(workerData, 0)
       Atomics.store(workerData, 0, seen + 1)
     }`,
  )
  expect(result.scenario).toBe('main.mjs')
  expect(outcomes(result)).toEqual([{ main: 'sum 1\n' }, { main: 'sum 2\n' }])
})

it('tells one outcome, whoever prints first', async () => {
  const result = await explored(
    `new Worker(new URL('./worker.mjs', import.meta.url), { workerData: new Int32Array(new SharedArrayBuffer(4)) })
     console.log('a')`,
    `if (Atomics.add(workerData, 0, 1) === 0) console.log('b')`,
  )
  expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['{"main":"a\\n","worker.mjs":"b\\n"}'])
})

it('hands over arguments, ends by process.exit, and tells its code', async () => {
  const result = await explored(
    `process.on('exit', (code) => console.log('exit', code))
     setTimeout(() => console.log('never'), 5)
     setImmediate(() => { console.error(process.argv.slice(2)); process.exit(3) })`,
    '',
    { argv: ['a', '-b'] },
  )
  expect(outcomes(result)).toEqual([{ main: "[ 'a', '-b' ]\nexit 3\n", 'exit code': 3 }])
})

it('runs nothing behind process.exit that was there already', async () => {
  const ends = `const told = (code) => console.log('immediate')
     process.on('exit', (code) => console.log('exit', code))
     setImmediate(told)
     queueMicrotask(() => process.exit(7))`
  expect(outcomes(await explored(ends))).toEqual([{ main: 'exit 7\n', 'exit code': 7 }])
  const main = `new Worker(new URL('./worker.mjs', import.meta.url)).on('error', () => {}).on('exit', (code) => console.log(code))`
  expect(outcomes(await explored(main, ends))).toEqual([{ main: '7\n', 'worker.mjs': 'exit 7\n' }])
  const fails = `setImmediate(() => console.log('immediate')); queueMicrotask(() => { throw new Error('no') })`
  expect(outcomes(await explored(main, fails))).toEqual([{ main: '1\n' }])
})

it('goes on where somebody hears of what it throws, and ends as a listener for exit says', async () => {
  const result = await explored(
    `process.on('uncaughtException', (error) => console.log('caught', error.message))
     process.on('exit', (code) => { console.log('exit', code); process.exit(3) })
     process.on('exit', () => console.log('never'))
     setImmediate(() => { throw new Error('no') })
     setTimeout(() => console.log('goes on'), 5)`,
  )
  expect(outcomes(result)).toEqual([{ main: 'caught no\ngoes on\nexit 0\n', 'exit code': 3 }])
})

it('ends when nothing keeps it, after beforeExit', async () => {
  const result = await explored(
    `let more = 1
     process.on('beforeExit', () => { if (more-- > 0) setTimeout(() => console.log('once more')) })
     process.on('exit', () => console.log('end'))
     setTimeout(() => console.log('unheard'), 50).unref()`,
  )
  expect(outcomes(result)).toEqual([{ main: 'once more\nend\n' }])
})

it('is stuck where Node would hang, and at rest where it waits for messages', async () => {
  const sleeps = await explored(
    `const words = new Int32Array(new SharedArrayBuffer(4))
     new Worker(new URL('./worker.mjs', import.meta.url), { workerData: words })
     Atomics.wait(words, 0, 0)`,
    `if (Atomics.load(workerData, 0) === 1) Atomics.notify(workerData, 0)`,
  )
  expect(sleeps.violation?.message).toMatch(/^stuck: main sleeps on/)
  const serves = await explored(
    `new Worker(new URL('./worker.mjs', import.meta.url)).on('message', (m) => console.log(m))`,
    `parentPort.on('message', () => {}); parentPort.postMessage('ready')`,
  )
  expect(outcomes(serves)).toEqual([{ main: 'ready\n' }])
})

it('ends beside a port that does not keep it, when all others are at rest', async () => {
  const result = await explored(
    `const worker = new Worker(new URL('./worker.mjs', import.meta.url))
     const { port1 } = new MessageChannel()
     port1.on('message', () => {})
     port1.unref()
     worker.on('exit', () => console.log('end'))`,
  )
  expect(outcomes(result)).toEqual([{ main: 'end\n' }])
})

it.each([
  [
    'a message of a worker',
    `worker.unref(); worker.on('message', (m) => console.log(m))`,
    `parentPort.postMessage(1); parentPort.postMessage(2)`,
    ['1\n', '1\n2\n', ''],
  ],
  ['the exit of a worker', `worker.unref(); worker.on('exit', () => console.log(1))`, '', ['1\n', '']],
  [
    'a message at a port',
    `const { port1, port2 } = new MessageChannel(); port1.on('message', (m) => console.log(m)); port1.unref()
     worker.postMessage(port2, [port2])`,
    `parentPort.once('message', (port) => { port.postMessage(1); port.close() })`,
    ['1\n', ''],
  ],
  [
    'what makes more to do',
    `worker.unref(); worker.on('message', () => setTimeout(() => console.log('later'), 5))`,
    `parentPort.postMessage(1)`,
    ['later\n', ''],
  ],
  [
    'a broadcast',
    `const all = new BroadcastChannel('all'); all.onmessage = (e) => console.log(e.data); all.unref(); worker.unref()`,
    `const all = new BroadcastChannel('all'); all.postMessage(1); all.close()`,
    ['1\n', ''],
  ],
])('may end before it hears of what does not keep it: %s', async (_, main, worker, expected) => {
  const result = await explored(`const worker = new Worker(new URL('./worker.mjs', import.meta.url))\n${main}`, worker)
  expect(outcomes(result)).toEqual(expected.map((main) => (main === '' ? {} : { main })))
})

it('tells of its end once, whether or not a message comes before that', async () => {
  const result = await explored(
    `const worker = new Worker(new URL('./worker.mjs', import.meta.url))
     worker.unref()
     worker.on('message', () => console.log('heard'))
     process.on('beforeExit', () => console.log('before'))
     process.on('exit', () => console.log('exit'))`,
    `parentPort.on('message', () => {}); parentPort.postMessage(1)`,
  )
  expect(outcomes(result)).toEqual([{ main: 'before\nexit\n' }, { main: 'heard\nbefore\nexit\n' }])
})

it('terminates a worker that only waits, and ends beside one that is unref’d', async () => {
  const worker = `parentPort.on('message', (m) => parentPort.postMessage(m + 1))`
  const terminated = await explored(
    `const worker = new Worker(new URL('./worker.mjs', import.meta.url))
     worker.on('exit', (code) => console.log('exit', code))
     worker.on('message', async (m) => { console.log(m, await worker.terminate(), worker.threadId) })
     worker.postMessage(1)`,
    worker,
  )
  expect(outcomes(terminated)).toEqual([{ main: 'exit 1\n2 1 -1\n' }])
  const left = await explored(
    `const worker = new Worker(new URL('./worker.mjs', import.meta.url))
     worker.on('message', (m) => { console.log(m); worker.unref() })
     worker.postMessage(1)`,
    worker,
  )
  expect(outcomes(left)).toEqual([{ main: '2\n' }])
})

const ENDED = `const d = new Int32Array(new SharedArrayBuffer(12))
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: d })
`

it('ends a worker between any two of its steps, and before the first', async () => {
  const result = await explored(
    `${ENDED}worker.on('exit', (code) => console.log(code, d[0], d[1]))
     worker.on('message', () => worker.terminate())`,
    `parentPort.postMessage(1); Atomics.add(workerData, 0, 1); Atomics.add(workerData, 1, 1); Atomics.add(workerData, 0, 1)`,
  )
  expect(outcomes(result).map((each) => (each as { main: string }).main)).toEqual([
    ...['0 2 1\n', '1 0 0\n', '1 1 0\n', '1 1 1\n', '1 2 1\n'],
  ])
  // What others do meanwhile does not depend on it: two of its six orders have the worker end by itself.
  expect(result.complete).toBe(6)
  const first = await explored(
    `${ENDED}worker.on('exit', (code) => console.log(code, d[0])); worker.terminate()`,
    `Atomics.store(workerData, 0, 1)`,
  )
  // Node has no exit code for one that it has not begun.
  const all = ['0 0\n', '0 1\n', '1 0\n', '1 1\n']
  expect(outcomes(first)).toEqual(all.map((main) => ({ main })))
})

it('takes one that is ended out of the queues in which it waits', async () => {
  const result = await explored(
    `${ENDED}worker.on('exit', () => console.log('exit', Atomics.notify(d, 0)))
     worker.on('message', () => { worker.terminate(); console.log(Atomics.notify(d, 0)) })`,
    `parentPort.postMessage(1); Atomics.wait(workerData, 0, 0)`,
  )
  expect(outcomes(result)).toEqual([{ main: '0\nexit 0\n' }, { main: '1\nexit 0\n' }])
})

it('closes the ports of one that is ended, and those that it had not taken', async () => {
  const channel = `const { port1, port2 } = new MessageChannel()
     port1.on('close', () => console.log('closed'))`
  const result = await explored(
    `${ENDED}${channel}
     worker.postMessage(port2, [port2])
     worker.terminate()`,
    `parentPort.on('message', (port) => { Atomics.store(workerData, 0, 1); port.on('message', () => {}) })`,
  )
  // Who listens for the end of a port alone does not wait for it.
  expect(outcomes(result)).toEqual([{ main: 'closed\n' }, {}])
})

it.each([
  [
    'terminate() of one that prints',
    `worker.on('message', () => worker.terminate())`,
    `parentPort.postMessage(1); console.log(1)`,
    /terminate\(\) of a worker that prints/,
  ],
  [
    'the end of one that has not taken a port',
    `const { port2 } = new MessageChannel(); worker.postMessage(port2, [port2])`,
    '',
    /ends before it takes a message with a port in it/,
  ],
  [
    'terminate() of one that has started another',
    `worker.terminate()`,
    `new Worker('setTimeout(() => {}, 10)', { eval: true })`,
    /ends while one that it has started still runs/,
  ],
  ['its end beside a step', `worker.unref()`, `console.log(1)`, /the program ends while a worker prints/],
  ['process.exit beside a step', `process.exit()`, `console.log(1)`, /the program ends while a worker prints/],
  ['a clock that is printed', `console.time()`, '', /console.time prints what a clock tells/],
  ['a print of a promise', `console.log(Promise.resolve(1))`, '', /a promise is printed/],
  [
    'a print of what holds shared memory',
    `console.log({ a: new Int32Array(new SharedArrayBuffer(4)) })`,
    '',
    /is printed, which reads its elements/,
  ],
])('refuses %s by name', async (_, main, worker, sentence) => {
  const { violation } = await explored(
    `const worker = new Worker(new URL('./worker.mjs', import.meta.url))\n${main}`,
    worker,
  )
  expect(violation?.message).toMatch(sentence)
})

it('takes no option that it has no use for', async () => {
  for (const option of ['memory', 'resume', 'onCheckpoint'])
    await expect(explored('', '', { [option]: undefined })).rejects.toThrow(
      `${option}: a whole program is explored without`,
    )
  for (const flag of [
    'memory',
    'resume',
    'checkpoint',
    'queue',
    'edits',
    'watch',
    'all',
    'litmus',
    'scenario',
    'layout',
  ]) {
    const value = { memory: ['x86'], watch: [], all: [], queue: ['redis://x'], layout: ['1'] }[flag] ?? ['x']
    await expect(explore(['--program', 'x.mjs', `--${flag}`, ...value])).rejects.toThrow(
      `--program: got --${flag} as well, expected it without`,
    )
  }
  await expect(explore(['x.mjs', '--globals', 'browser'])).rejects.toThrow(
    '--globals: got browser without --program, expected --program FILE with it',
  )
  await expect(exploreProgram('/nowhere.mjs')).rejects.toThrow('program: got /nowhere.mjs, expected a file that exists')
})

it('tells a line that the command follows', async () => {
  await withFiles(
    { 'main file.mjs': `${HEAD}if (process.argv[2] === 'a#b') throw new Error('it is')` },
    async (folder) => {
      const file = join(folder, 'main file.mjs')
      const source = { program: file, argv: ['a#b', 'c d'], raw: false, packages: '*' }
      const name = lineName(source, 'main file.mjs')
      expect(readLineName(name)).toEqual({
        source: { ...source, program: relative(process.cwd(), file) },
        scenario: 'main file.mjs',
      })
      const inBrowser = { ...source, program: relative(process.cwd(), file), globals: 'browser' as const }
      expect(readLineName(lineName(inBrowser, 'main file.mjs')).source).toEqual(inBrowser)
      const plan = { source, scenario: 'main file.mjs', strategy: 'optimal', options: {} } as const
      const { violation } = await explorePlan(plan)
      const request = { line: violation!.replay, source, wanted: '', maxSteps: 100 }
      expect((await replayOnce(request, () => {})).result).toMatchObject({
        stale: false,
        violation: { message: 'main threw: it is' },
      })
    },
  )
})

it('follows tags in what an agent evaluates', async () => {
  const worker = `/** @explore lock words[at] */
     function lock(words, at) { while (Atomics.compareExchange(words, at, 0, 1) !== 0); }
     /** @explore unlock words[at] */
     function unlock(words, at) { Atomics.store(words, at, 0) }
     lock(workerData, 0); workerData[1] += 1; unlock(workerData, 0)`
  const result = await explored(
    `${ENDED}const two = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: d })
     let left = 2
     for (const each of [worker, two]) each.on('exit', () => { if (--left === 0) console.log(d[1]) })`,
    worker,
  )
  expect(outcomes(result)).toEqual([{ main: '2\n' }])
})

it('tells in a column for each agent what it starts, posts and hears', async () => {
  const { violation } = await explored(
    `const worker = new Worker(new URL('./worker.mjs', import.meta.url))
     worker.on('message', (m) => { throw new Error(m) })`,
    `parentPort.postMessage('bad')`,
  )
  const rows = formatViolation(violation!, { width: 200 })
    .split('\n')
    .filter((line) => /^(step| +\d+) /.test(line))
  expect(rows[0]).toMatch(/^step {2}main +worker\.mjs *$/)
  expect(violation!.steps.map(({ place }) => place).filter((place) => place !== '')).toEqual([
    'the start of a worker',
    'that worker.mjs is online',
    'message 1 to main from worker.mjs',
    'the end of worker.mjs',
    'message 1 to main from worker.mjs',
  ])
  const { steps, threadNames } = violation!
  const at = rows[0].indexOf('worker.mjs')
  expect(rows.slice(1).map((row) => (row.padEnd(at + 1)[at] === ' ' ? 'main' : 'worker'))).toEqual(
    steps.map(({ thread }) => (threadNames[thread] === 'worker.mjs' ? 'worker' : 'main')),
  )
})

it.each([
  [
    'a message that comes late',
    `worker.on('message', () => Atomics.store(d, 0, 1))
     worker.on('online', () => setImmediate(() => process.exit(Atomics.load(d, 0))))`,
  ],
  [
    'an immediate and a timer',
    `worker.on('message', () => process.exit(Atomics.load(d, 0)))
     setImmediate(() => setImmediate(() => Atomics.store(d, 0, 1)))`,
  ],
])('what might come before the task that ends the program does: %s', async (_, main) => {
  const result = await explored(ENDED + main, `setImmediate(() => parentPort.postMessage(1))`)
  expect(outcomes(result)).toEqual([{ 'exit code': 1 }, {}])
})

it('lets go of what an execution has made that WeakRefs refer to', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  let most = 0
  const first = used()
  const result = await explored(
    `${ENDED}const ref = new WeakRef({ own: new Array(100_000).fill(0) })
     for (let i = 0; i < 7; i++) Atomics.add(d, 0, 1)
     worker.on('exit', () => console.log(ref.deref().own.length, ref instanceof WeakRef, Object.keys(ref).length))
     try { new WeakRef(1) } catch (error) { console.log(error.name) }`,
    `for (let i = 0; i < 7; i++) Atomics.add(workerData, 0, 1)`,
    { maxExecutions: 600, keepGoing: true, onProgress: () => (most = Math.max(most, used() - first)) },
  )
  expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['{"main":"TypeError\\n100000 true 0\\n"}'])
  expect(result.complete).toBe(600)
  // All of them would be 480 MB.
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(200e6)
})
