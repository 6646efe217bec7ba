/**
 * Tasks of agents: timers, immediates and waits that are awaited, beside other threads.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import { instrumented, words } from '../support/source.ts'

const outcomesOf = (result: ReturnType<typeof check>) => result.outcomes.map(({ outcome }) => outcome).sort()

it('a wait that is not awaited gives its immediate answer, in both orders', async () => {
  const { threads } = await instrumented(
    `export const threads = [
  (w) => Atomics.waitAsync(w, 0, 0).async,
  (w) => { Atomics.store(w, 0, 1); Atomics.notify(w, 0) },
]`,
    {},
    'wait.js',
  )
  const result = check({ setup: () => words(1), threads })
  expect(result.violation).toBeNull()
  expect(result.exhaustive).toBe(true)
  expect(outcomesOf(result)).toEqual(['false | undefined', 'true | undefined'])
})

it('a mutex that awaits loses nothing, in all orders', async () => {
  const { threads } = await instrumented(
    `const lock = async (words) => {
  while (Atomics.compareExchange(words, 0, 0, 1) !== 0) {
    const result = Atomics.waitAsync(words, 0, 1)
    if (result.async) await result.value
  }
}
const unlock = (words) => {
  Atomics.store(words, 0, 0)
  Atomics.notify(words, 0, 1)
}
const add = async (words) => {
  await lock(words)
  words[1]++
  unlock(words)
}
export const threads = [add, add]`,
    {},
    'mutex.js',
  )
  const after = (w: Int32Array) => expect(w[1]).toBe(2)
  const result = check({ setup: () => words(2), threads, after })
  expect(result.violation).toBeNull()
  expect(result.exhaustive).toBe(true)
  expect(result.redundant).toBe(0)
})

it('timers run when nobody can go on, immediates at any moment', async () => {
  const { threads } = await instrumented(
    `export const threads = [
  (w) => { setTimeout(() => Atomics.store(w, 0, Atomics.load(w, 1)), 10) },
  (w) => { setImmediate(() => Atomics.store(w, 2, Atomics.load(w, 1))) },
  (w) => { Atomics.store(w, 1, 7) },
]`,
    {},
    'timers.js',
  )
  const result = check({ setup: () => words(3), threads, outcome: (w: Int32Array) => [...w].join() })
  expect(result.violation).toBeNull()
  expect(outcomesOf(result)).toEqual(['7,7,0', '7,7,7'])
  expect(result.exhaustive).toBe(true)
})

/** The report on one thread, and what is told of it. */
async function told(thread: string) {
  const { threads } = await instrumented(`export const threads = [${thread}]`, {}, 'one.js')
  return check({ setup: () => words(2), threads }).violation
}

it.each([
  [
    'a timer that throws',
    "(w) => { setTimeout(() => { w[0] = 1; throw new Error('late') }, 10) }",
    /^thread 0 \(timer 10 ms, one\.js:1\) threw: late$/,
  ],
  [
    'an immediate',
    "(w) => { setImmediate(() => { w[0] = 1; throw new Error('soon') }) }",
    /^thread 0 \(immediate, one\.js:1\) threw: soon$/,
  ],
  ['a job', "(w) => { w[0] = 1; queueMicrotask(() => { throw new Error('job') }) }", /^thread 0 threw: job$/],
  [
    'a rejection that nobody handles',
    "(w) => { w[0] = 1; Promise.reject(new Error('left')) }",
    /^thread 0 left a rejection unhandled: left$/,
  ],
  [
    'a thread that is rejected',
    "async (w) => { w[0] = 1; await null; throw new Error('mine') }",
    /^thread 0 threw: mine$/,
  ],
  [
    'a thread that is rejected by a task',
    "async (w) => { await new Promise((r) => setTimeout(r, 1)); w[0] = 1; throw new Error('mine') }",
    /^thread 0 \(timer 1 ms, one\.js:1\) threw: mine$/,
  ],
])('%s is a finding', async (_, thread, message) => {
  const violation = await told(thread)
  expect(violation).toMatchObject({ kind: 'assertion', message: expect.stringMatching(message) })
  expect(violation!.sites[0]).toMatch(/one\.js:1$/)
})

it.each([
  [
    'a rejection that is handled in time',
    '(w) => { const p = Promise.reject(1); w[0] = 1; queueMicrotask(() => p.catch(() => {})) }',
  ],
  ['a wait that nobody awaits, at the end', '(w) => { Atomics.waitAsync(w, 0, 0); w[1] = 1 }'],
  ['a timer that was told to unref', '(w) => { setTimeout(() => { throw 1 }, 5).unref(); w[1] = 1 }'],
  [
    'a timer that was cleared',
    '(w) => { const t = setTimeout(() => { throw 1 }, 5); w[1] = 1; setImmediate(() => clearTimeout(t)) }',
  ],
  [
    'an interval that clears itself',
    '(w) => { let n = 0; const t = setInterval(() => { w[0]++; if (++n === 3) clearInterval(t) }, 5) }',
  ],
])('%s is none', async (_, thread) => {
  expect(await told(thread)).toBeNull()
})

it('a promise that nobody settles is a deadlock, where it is awaited', async () => {
  const violation = await told('async (w) => { w[0] = 1; await new Promise(() => {}) }')
  expect(violation).toMatchObject({
    kind: 'deadlock',
    message: expect.stringMatching(/thread 0 awaits a promise that nobody settles at .*one\.js:1$/),
  })
})

it('a wait stands in one queue with those that sleep, first come first', async () => {
  const { threads } = await instrumented(
    `export const threads = [
  async (w) => { const r = Atomics.waitAsync(w, 0, 0); Atomics.store(w, 1, 1); Atomics.notify(w, 1); return r.value },
  (w) => { Atomics.wait(w, 1, 0); return Atomics.wait(w, 0, 0, 10) },
  (w) => { while (Atomics.load(w, 1) === 0); Atomics.notify(w, 0, 1) },
]`,
    {},
    'queue.js',
  )
  const result = check({ setup: () => words(2), threads })
  expect(result.violation).toBeNull()
  // Whoever is notified, the first one comes first.
  expect(new Set(outcomesOf(result))).toEqual(new Set(['ok | timed-out | undefined']))
})

it.each([
  ['a promise of setup', '({ p }) => p', /a promise that no code of this thread made/],
  [
    'a promise that is awaited',
    'async ({ p, w }) => { w[0] = 1; await p }',
    /a promise that no code of this thread made/,
  ],
])('%s is refused where a thread waits for it', async (_, thread, message) => {
  const { threads } = await instrumented(`export const threads = [${thread}]`, {}, 'one.js')
  const setup = () => ({ p: Promise.resolve(1), w: words(1) })
  const { violation, exhaustive } = check({ setup, threads })
  expect([violation?.kind, exhaustive]).toEqual(['refused', false])
  expect(violation?.message).toMatch(message)
})

it('a timer runs out at any moment with timeouts: true, those of one thread by their times', async () => {
  const { threads } = await instrumented(
    `export const threads = [
  (w) => {
    setTimeout(() => { w[1] = w[1] * 10 + 2; Atomics.load(w, 0) }, 20)
    setTimeout(() => { w[1] = w[1] * 10 + 1; w[2] = Atomics.load(w, 0) }, 10)
    setTimeout(() => { throw new Error('cleared') }, 5).close()
  },
  (w) => { Atomics.store(w, 0, 1); Atomics.store(w, 0, 2) },
]`,
    {},
    'any.js',
  )
  const scenario = { setup: () => words(3), threads, outcome: (w: Int32Array) => [w[1], w[2]].join() }
  const any = check({ ...scenario, timeouts: true })
  expect(any.violation).toBeNull()
  expect([any.exhaustive, any.timeouts]).toEqual([true, undefined])
  expect(outcomesOf(any)).toEqual(['12,0', '12,1', '12,2'])
  expect(outcomesOf(check(scenario))).toEqual(['12,2'])
})

it('a timer that its thread does not wait for runs out with timeouts: true only while something else keeps it', async () => {
  const late = "setTimeout(() => { throw new Error('late') }, 5).unref()"
  const { threads } = await instrumented(
    `export const threads = [(w) => { ${late}; w[0] = 1 }, (w) => { ${late}; setImmediate(() => { w[1] = 1 }) }]`,
    {},
    'late.js',
  )
  const alone = check({ setup: () => words(2), threads: [threads[0]], timeouts: true })
  expect([alone.violation, alone.exhaustive]).toEqual([null, true])
  const kept = check({ setup: () => words(2), threads: [threads[1]], timeouts: true })
  expect(kept.violation).toMatchObject({ kind: 'assertion', message: expect.stringMatching(/threw: late/) })
})

it('a timer never runs out with timeouts: false, and what waits for it is a deadlock that says so', async () => {
  const { threads } = await instrumented(
    `export const threads = [
  (w) => { w[0] = 1; setTimeout(() => { w[0] = 2 }, 1) },
  (w) => { w[1] = 1; const t = setTimeout(() => { throw 1 }, 5); setImmediate(() => clearTimeout(t)) },
]`,
    {},
    'never.js',
  )
  const scenario = { setup: () => words(2), threads, timeouts: false }
  expect(check(scenario).violation).toMatchObject({
    kind: 'deadlock',
    message: expect.stringMatching(
      /thread 0 \(timer 1 ms, never\.js:2\) waits for a timer that never runs out, since the scenario says timeouts: false/,
    ),
  })
  expect(check({ ...scenario, threads: [threads[1]] }).violation).toBeNull()
})

it.each([
  [
    'an emitter calls its listeners as they can be interrupted',
    `import { EventEmitter } from 'node:events'
export const thread = (w) => { const e = new EventEmitter(); e.once('x', (v) => { w[0] = v }); e.on('x', (v) => { w[1] += v }); e.emit('x', 1); e.emit('x', 2); return w[0] * 10 + w[1] }`,
    '13',
  ],
  [
    'events.once gives a promise of the thread',
    `import { EventEmitter, once } from 'node:events'
export const thread = async (w) => { const e = new EventEmitter(); setImmediate(() => e.emit('x', 4, 5)); const [a, b] = await once(e, 'x'); w[0] = a; return w[0] + b }`,
    '9',
  ],
  [
    'events.once is rejected by an error',
    `import { EventEmitter, once } from 'node:events'
export const thread = async (w) => { const e = new EventEmitter(); setImmediate(() => e.emit('error', 4)); w[0] = 1; return once(e, 'x').catch((error) => error) }`,
    '4',
  ],
  [
    'AbortSignal.timeout aborts in virtual time',
    `export const thread = async (w) => { const s = AbortSignal.timeout(50); const from = Date.now(); await new Promise((done) => s.addEventListener('abort', done)); w[0] = 1; return [s.aborted, s.reason.name, Date.now() - from].join() }`,
    'true,TimeoutError,50',
  ],
  [
    'timers/promises sleeps in virtual time',
    `import { setTimeout as sleep, setImmediate as rest, scheduler } from 'node:timers/promises'
export const thread = async (w) => { const from = performance.now(); w[0] = await sleep(5000, 7); await scheduler.wait(20); return [await rest(8), w[0], performance.now() - from].join() }`,
    '8,7,5020',
  ],
  [
    'timers/promises waits for nobody where it is told so',
    `import { setTimeout as sleep } from 'node:timers/promises'
export const thread = (w) => { sleep(5, null, { ref: false }).then(() => { w[0] = 1 }); sleep(3, null, { ref: true }).then(() => { w[1] = 1 }) }
export const outcome = (w) => w.join()`,
    '0,1',
  ],
  [
    'a task draws from the numbers of its agent',
    `export const thread = async (w) => { const a = Math.random(); await new Promise((done) => setTimeout(done, 1)); w[0] = 1; return a !== Math.random() }`,
    'true',
  ],
])('%s', async (_, text, outcome) => {
  const { thread, outcome: told } = await instrumented(text, {}, 'events.js')
  const result = check({ setup: () => words(2), threads: [thread], ...(told && { outcome: told }) })
  expect(result.violation).toBeNull()
  expect(outcomesOf(result)).toEqual([outcome])
})

it('code that is not followed may not be handed a promise of a thread', async () => {
  const { threads } = await instrumented(
    'export const threads = [({ w, f }) => { w[0] = 1; f({ p: [Promise.resolve()] }.p) }]',
    {},
    'one.js',
  )
  const setup = () => ({ w: words(1), f: (list: unknown[]) => list.length })
  const { violation } = check({ setup, threads })
  expect(violation).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/is handed a promise of a thread/),
  })
})

it.each([
  ['an async thread', 'async (w) => { await null; w[0] = 1 }'],
  ['a job', '(w) => { w[0] = 1; queueMicrotask(() => { w[0] = 2 }) }'],
  ['a promise', '(w) => { w[0] = 1; Promise.resolve().then(() => { w[0] = 2 }) }'],
  ['a timer', '(w) => { w[0] = 1; setTimeout(() => { w[0] = 2 }, 1) }'],
  ['a wait', '(w) => { Atomics.waitAsync(w, 0, 0) }'],
])('%s is refused under a memory model', async (_, thread) => {
  const { threads } = await instrumented(`export const threads = [${thread}, (w) => Atomics.load(w, 0)]`, {}, 'one.js')
  const result = check({ setup: () => words(1), threads }, { memory: 'arm' })
  expect(result.exhaustive).toBe(false)
  expect(result.violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(/without a memory model/) })
})

it('a report tells of each step which task and which job it is in', async () => {
  const { threads } = await instrumented(
    `export const threads = [async (w) => {
  w[0] = 1
  await null
  w[0] = 2
  queueMicrotask(() => {
    w[0] = 3
  })
  Promise.resolve().then(() => {
    process.nextTick(() => {
      w[0] = 5
    })
    w[0] = 4
  })
  setTimeout(async () => {
    w[0] = 6
    await null
    w[0] = 7
  }, 10)
}]`,
    {},
    'tasks.js',
  )
  const { violation } = check({ setup: () => words(1), threads, after: () => false })
  const stores = violation!.steps.filter(({ operation }) => operation === 'write')
  expect(stores.map(({ after, task }) => [after, task])).toEqual([
    ['1', undefined],
    ['2', 'after await, tasks.js:3'],
    ['3', 'job, tasks.js:5'],
    ['4', 'job, tasks.js:8'],
    ['5', 'tick, tasks.js:9'],
    ['6', 'timer 10 ms'],
    ['7', 'timer 10 ms, after await, tasks.js:16'],
  ])
  const report = formatViolation(violation!)
  expect(report).toMatch(/write shared\[0\]: 1 -> 2 .*tasks\.js:4 {2}after await, tasks\.js:3$/m)
  expect(report).toMatch(/write shared\[0\]: 6 -> 7 .*tasks\.js:17 {2}timer 10 ms, after await, tasks\.js:16$/m)
})
