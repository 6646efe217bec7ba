/** What docs/limits.md says of the explorer's claims, where no other test holds it: also what is *not* seen. */

import { describe, expect, it } from 'vitest'
import { check, loadInstrumented, type Options, type Scenario } from '../../src/explore/index.ts'
import { instrumented, withFiles } from './support/source.ts'

const SETUP = `const setup = () => {
  const sab = new SharedArrayBuffer(16)
  return { sab, w: new Int32Array(sab), u8: new Uint8Array(sab) }
}`

async function explored(threads: string, options: Options = {}, module = SETUP) {
  const { it } = await instrumented(`${module}\nexport const it = { setup, threads: [${threads}] }`, {}, 'limits.mjs')
  return check(it, options)
}

describe('sequential consistency', () => {
  it('has no race where plain stores would need a value out of thin air', async () => {
    const result = await explored(
      '({ w }) => { const a = w[0]; if (a === 1) w[1] = 1; return a }, ({ w }) => { const b = w[1]; if (b === 1) w[0] = 1; return b }',
    )
    expect(result).toMatchObject({ violation: null, exhaustive: true })
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['0 | 0'])
  })

  it.each([
    ['a failing compareExchange', 'Atomics.compareExchange(w, 0, 7, 8)', null],
    ['a load', 'Atomics.load(w, 0)', null],
    ['a plain read', 'w[0]', 'data-race'],
  ])('is ordered by %s as ECMAScript says', async (_, seen, kind) => {
    const { violation } = await explored(
      `({ w }) => { w[1] = 5; Atomics.store(w, 0, 1) }, ({ w }) => ${seen} === 1 ? w[1] : -1`,
    )
    expect(violation?.kind ?? null).toBe(kind)
  })
})

describe('not seen', () => {
  it('is what would be called when something is collected, which nothing is', async () => {
    const result = await explored(`({ w }) => {
      const registry = new FinalizationRegistry(() => { w[0] = 1 }), ref = new WeakRef({ n: 5 })
      registry.register({}, 1)
      return ref.deref().n
    }, ({ w }) => w[0]`)
    expect(result).toMatchObject({ violation: null, exhaustive: true })
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['5 | 0'])
  })

  it('is state of a closure that shows in no step, value or result', async () => {
    const module = `const setup = () => {
      let calls = 0
      return { w: new Int32Array(new SharedArrayBuffer(4)), count: () => { calls++ } }
    }`
    const thread = '({ w, count }) => { count(); Atomics.add(w, 0, 1) }'
    expect(await explored(`${thread}, ${thread}`, {}, module)).toMatchObject({ violation: null, exhaustive: true })
  })

  it('is a worker that gets a clone of the buffer', async () => {
    const module = `import { Worker } from 'node:worker_threads'
      const setup = () => {
        const sab = new SharedArrayBuffer(4)
        new Worker('0', { eval: true, workerData: structuredClone(sab) }).unref()
        return { w: new Int32Array(sab) }
      }`
    const thread = '({ w }) => Atomics.add(w, 0, 1)'
    expect(await explored(`${thread}, ${thread}`, {}, module)).toMatchObject({ violation: null, exhaustive: true })
  })
})

describe('a value that is compared while others store parts of it', () => {
  const threads = '({ u8 }) => { Atomics.store(u8, 1, 1) }, ({ w }) => Atomics.compareExchange(w, 0, 0, 5)'

  it('is a data race first', async () => {
    const { violation } = await explored(threads)
    // Whatever the other view calls it, it is one byte of the word.
    expect(violation).toMatchObject({ kind: 'data-race', message: expect.stringContaining(' of byte 1 of w[0] ') })
  })

  it('is refused by an exact search, and taken by a sample', async () => {
    const detect = { dataRaces: false }
    const exact = await explored(threads, { detect })
    expect(exact).toMatchObject({ violation: { kind: 'refused' }, exhaustive: false })
    const sample = await explored(threads, { detect, strategy: 'random', seed: 1, maxExecutions: 50 })
    expect(sample.violation).toBeNull()
    expect(sample.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['undefined | 0', 'undefined | 256'])
  })
})

it('clocks stand still, and the verdict says who asked', async () => {
  const thread = '({ w }) => { const from = Date.now(); Atomics.add(w, 0, 1); return Date.now() - from }'
  const { drawn, outcomes, exhaustive } = await explored(`${thread}, ${thread}`)
  expect({ drawn, exhaustive }).toEqual({ drawn: ['Date.now'], exhaustive: true })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['0 | 0'])
})

it('code that is not followed may not sleep for real in a thread: it is refused, with how to follow it', async () => {
  const sleeper =
    'const w = new Int32Array(new SharedArrayBuffer(4)); exports.sleep = () => Atomics.wait(w, 0, 0); exports.held = Atomics.wait'
  const text = (how: string) => `import { held, sleep } from 'sleeper'
    const w = new Int32Array(new SharedArrayBuffer(4))
    const thread = () => { Atomics.add(w, 0, 1); ${how} }
    export const it = { setup: () => w, threads: [thread, () => Atomics.load(w, 0)] }`
  const files = { 'node_modules/sleeper/index.js': sleeper, 'a.mjs': text('sleep()'), 'b.mjs': text('held(w, 0, 7)') }
  await withFiles(files, async (folder) => {
    const { it: slept } = await loadInstrumented(`${folder}/a.mjs`)
    expect(check(slept as Scenario<unknown>).violation).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(
        /^thread 0: code that is not followed sleeps in Atomics.wait, .*--packages sleeper/,
      ),
    })
    // Handed on to code that is followed it is what it is there.
    const { it: handed } = await loadInstrumented(`${folder}/b.mjs`)
    expect(check(handed as Scenario<unknown>)).toMatchObject({ violation: null, exhaustive: true })
  })
})

it('a loop that waits for a clock without a sleep is refused in the end', { timeout: 600_000 }, async () => {
  const { violation } = await explored(
    '({ w }) => { Atomics.add(w, 0, 1); const end = Date.now() + 5; while (Date.now() < end); }, ({ w }) => Atomics.load(w, 0)',
  )
  expect(violation).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('a loop without a visible step'),
  })
})

describe('async code', () => {
  it('has two tasks of one thread in both orders, though they touch nothing in common', async () => {
    const waits = `({ w }) => {
      const { async, value } = Atomics.waitAsync(w, 0, 0)
      if (async) value.then(() => { Atomics.store(w, 2, 1) })
      if (async) setImmediate(() => { Atomics.store(w, 3, 1) })
      return async
    }`
    const { outcomes, exhaustive } = await explored(
      `${waits}, ({ w }) => { Atomics.store(w, 0, 1); Atomics.notify(w, 0) }`,
    )
    expect(exhaustive).toBe(true)
    expect(outcomes.map(({ outcome, count }) => [outcome, count])).toContainEqual(['true | undefined', 2])
  })

  it('that polls by await is run as it stands, turn by turn', async () => {
    const polls = 'async ({ w }) => { while (Atomics.load(w, 0) === 0) await null }'
    const ended = await explored(`${polls}, ({ w }) => Atomics.store(w, 0, 1)`, { maxSteps: 300 })
    expect(ended).toMatchObject({ violation: null, exhaustive: false })
    // Where nobody else could go on, it is one.
    const { violation } = await explored(`${polls}, () => {}`, { maxSteps: 300 })
    expect(violation).toMatchObject({ kind: 'livelock', message: expect.stringContaining('(300 times)') })
  })

  it('leaves the iterator of an array pattern with an await open outside of threads alone', async () => {
    const text = `export async function fails(close) {
      const next = () => ({ done: false })
      const it = { [Symbol.iterator]: () => ({ next, return() { close(); return {} } }) }
      try { let a; [a = await Promise.reject(1)] = it } catch { return 'caught' }
    }
    export const thread = async (w) => { await fails(() => { Atomics.add(w, 0, 1) }); return Atomics.load(w, 0) }`
    const { fails, thread } = await instrumented(text, {}, 'pattern.mjs')
    let closed = 0
    expect(await fails(() => closed++)).toBe('caught')
    expect(closed).toBe(0)
    const { outcomes } = check({ setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: [thread] })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['1'])
  })
})

it.each([
  [1024, null],
  [1028, 'nondeterminism'],
])('what after stores into a buffer of %i bytes is put back, or not', async (bytes, kind) => {
  const { threads } = await instrumented(
    'export const threads = [(w) => Atomics.add(w, 5, 1), (w) => Atomics.load(w, 5) + Atomics.load(w, 250)]',
    {},
    'after.mjs',
  )
  const setup = () => new Int32Array(new SharedArrayBuffer(bytes))
  const { violation } = check({ setup, threads, after: (w: Int32Array) => void (w[250] += 100) })
  expect(violation?.kind ?? null).toBe(kind)
})

it('tells a thousand outcomes apart, and the others together', async () => {
  const swaps = (first: number) => `({ w }) => [1, 2, 3].map((n) => Atomics.exchange(w, 0, ${first} + n)).join('')`
  const { complete, outcomes, exhaustive } = await explored([0, 3, 6].map(swaps).join())
  expect({ complete, exhaustive, told: outcomes.length }).toEqual({ complete: 1680, exhaustive: true, told: 1001 })
})

describe('a dereference', () => {
  const thread = (load: string) => `
    /** @explore deref words[at] */
    const deref = (words, at) => words[at]
    const load = (words, at) => Atomics.load(words, at)
    export const threads = [
      (w) => { w[1] = 5; Atomics.store(w, 0, 0) },
      (w) => { if (${load}(w, 0) === 0) return w[1] },
    ]`

  it.each([
    ['deref', 'data-race'],
    ['load', undefined],
  ])('that finds NULL orders nothing, where a real load does: %s', async (load, kind) => {
    const { threads } = await instrumented(thread(load), {}, 'null.mjs')
    const setup = () => new Int32Array(new SharedArrayBuffer(8)).fill(16)
    expect(check({ setup, threads }).violation?.kind).toBe(kind)
  })
})

it('a listener of the process may be handed to it, and is never called', async () => {
  const before = process.listenerCount('exit')
  const text = `process.once('exit', call)
    Atomics.load(w, 0)`
  const { threads } = await instrumented(
    `export const threads = (call) => [(w) => { ${text} }, (w) => Atomics.load(w, 1)]`,
    {},
    'listens.mjs',
  )
  let calls = 0
  const setup = () => new Int32Array(new SharedArrayBuffer(8))
  const call = () => void calls++
  expect(check({ setup, threads: threads(call) }).violation).toBeNull()
  expect(calls).toBe(0)
  while (process.listeners('exit').includes(call)) process.off('exit', call)
  expect(process.listenerCount('exit')).toBe(before)
})

it('a getter in a message with a port in its transfer list is asked twice, and else once', async () => {
  const text = (transfer: string) => `import { MessageChannel } from 'node:worker_threads'
    export const setup = () => ({ ...new MessageChannel(), other: new MessageChannel().port1, w: new Int32Array(new SharedArrayBuffer(8)) })
    export const threads = [({ port1, other, w }) => {
      const port = { a: 1, get asked() { return Atomics.add(w, 0, 1) } }
      ${transfer}
      return Atomics.load(w, 0)
    }]`
  const asked = async (transfer: string) => {
    const { setup, threads } = await instrumented(text(transfer), {}, 'asked.mjs')
    return check({ setup, threads }).outcomes.map(({ outcome }) => outcome)
  }
  expect(await asked('port1.postMessage(port)')).toEqual(['1'])
  expect(await asked('port1.postMessage({ port, other }, [other])')).toEqual(['2'])
})
