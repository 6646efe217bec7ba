/** Threads that serve for ever: waiting for the next request is no deadlock. */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { resultLine } from '../../../src/explore/report/json.ts'
import { instrumented } from '../support/source.ts'

const source = `
  /** @explore lock w[at] */
  function lock(w, at) { while (Atomics.compareExchange(w, at, 0, 1) !== 0); }
  export const ask = (w) => {
    Atomics.add(w, 0, 1)
    Atomics.notify(w, 0)
    while (Atomics.load(w, 1) === 0) Atomics.wait(w, 1, 0)
    return Atomics.load(w, 1)
  }
  export const serve = (w) => {
    for (let seen = 0; ; seen++) {
      while (Atomics.load(w, 0) === seen) Atomics.wait(w, 0, seen)
      Atomics.add(w, 1, 1)
      Atomics.notify(w, 1)
    }
  }
  export const spin = (w) => {
    for (let seen = 0; ; seen++) {
      while (Atomics.load(w, 0) === seen) {}
      Atomics.add(w, 1, 1)
      Atomics.notify(w, 1)
    }
  }
  export const deaf = (w) => { Atomics.wait(w, 1, 0) }
  export const keep = (w) => { lock(w, 2) }
  export const want = (w) => { Atomics.load(w, 0); lock(w, 2); lock(w, 3) }
`
const setup = () => new Int32Array(new SharedArrayBuffer(16))

describe('a daemon', () => {
  it.each(['serve', 'spin'])('may be left waiting for the next request: %s', async (server) => {
    const all = await instrumented(source, {}, 'serve.js')
    const threads = [all.ask, all[server]]
    const seen: unknown[] = []
    const scenario = { setup, threads, threadNames: ['client', 'server'] }
    expect(check(scenario).violation?.kind).toBe('deadlock')
    for (const daemons of [['server'], [1]]) {
      const after = (_: Int32Array, results: readonly unknown[]) => void seen.push(results[0], results[1])
      const result = check({ ...scenario, daemons, after })
      expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null, daemons: ['server'] })
      expect(resultLine(result)).toMatchObject({ daemons: ['server'], blocked: 0 })
      expect(result.complete).toBeGreaterThan(1)
    }
    expect(new Set(seen)).toEqual(new Set([1, undefined]))
  })

  it('does not excuse the others', async () => {
    const { deaf, serve } = await instrumented(source, {}, 'serve.js')
    const { violation } = check({ setup, threads: [deaf, serve], daemons: [1] })
    expect(violation).toMatchObject({
      kind: 'deadlock',
      message: expect.stringContaining('thread 0 sleeps on shared[1]'),
    })
  })

  it('may not be left waiting for a lock', async () => {
    const { keep, want } = await instrumented(source, {}, 'serve.js')
    const result = check(
      { setup, threads: [keep, want], daemons: [1] },
      { keepGoing: true, detect: { locks: false, dataRaces: false } },
    )
    expect(result.violation).toMatchObject({ kind: 'deadlock', message: expect.stringMatching(/thread 1 waits for/) })
    expect(result.blocked).toBeGreaterThan(0)
  })

  it('has to be a thread', async () => {
    const { ask, serve } = await instrumented(source, {}, 'serve.js')
    const threads = [ask, serve]
    const expected =
      /^explore: daemons: got "nobody", expected names or numbers of threads: 'client' \(0\), 'server' \(1\)$/
    expect(() => check({ setup, threads, threadNames: ['client', 'server'], daemons: ['nobody'] })).toThrow(expected)
    expect(() => check({ setup, threads, daemons: [2] })).toThrow(/daemons: got 2, expected .* threads: 0, 1$/)
  })
})
