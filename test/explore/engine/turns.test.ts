/**
 * Loops that wait, each with the right value.
 */

import { describe, expect, it } from 'vitest'
import { sleeperLeavesNoMark } from '../../../museum/exhibits/d52-sleeper-leaves-no-mark.ts'
import { openScenario } from '../../../museum/open.ts'
import { check } from '../../../src/explore/explore.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import type { Result } from '../../../src/explore/result.ts'
import type { Checkpoint } from '../../../src/explore/scenario.ts'
import { instrumented, words } from '../support/source.ts'

const PRELUDE = `
/** @explore lock w[at] */ function lock(w, at) {}
/** @explore unlock w[at] */ function unlock(w, at) {}
/** @explore trylock w[at] */ function tryLock(w, at) {}
/** @explore read-enter */ function enter() {}
/** @explore read-exit */ function exit() {}
/** @explore grace-period */ function grace() {}
/** @explore pause */ function relax() {}
`

/** Threads that are written as bodies of functions of `w`, loaded once and explored as often as asked. */
async function loaded(bodies: readonly string[]): Promise<(options?: object) => Result> {
  const text = `${PRELUDE}\nexport const threads = [${bodies.map((body) => `(w) => { ${body} }`).join(', ')}]`
  const { threads } = await instrumented(text, {}, 'source.js')
  const outcome = (_: Int32Array, results: readonly unknown[]) => results.map((each) => each ?? '-').join(' | ')
  const scenario = { setup: () => words(8), threads, outcome }
  return (options = {}) => check(scenario, { keepGoing: true, shrink: false, ...options })
}

const explored = async (bodies: readonly string[], options?: object): Promise<Result> => (await loaded(bodies))(options)

const outcomes = ({ outcomes }: Result) => outcomes.map(({ outcome }) => outcome).sort()

const bounded = (turns: number) =>
  `for (let i = 0; i < ${turns}; i++) { if (Atomics.load(w, 0)) return 'got it'; relax() } return 'gave up'`

describe('a spin with a bound', () => {
  it.each([1, 2, 3, 5, 100, 20_000])('of %d turns gives up beside a thread that stores another word', async (turns) => {
    const result = await explored([bounded(turns), 'Atomics.store(w, 1, 1)'])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(outcomes(result)).toEqual(['gave up | -'])
  })

  it.each([1, 2, 3, 5, 100, 20_000])(
    'of %d turns gets it or gives up beside one that stores its word',
    async (turns) => {
      const result = await explored([bounded(turns), 'Atomics.store(w, 0, 1)'])
      expect(result).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, violation: null })
      expect(outcomes(result)).toEqual(['gave up | -', 'got it | -'])
    },
  )

  it.each([
    ['while (Atomics.load(w, 0) === 0 && n++ < 50) relax()', 'n++'],
    ['while (n < 50) { if (Atomics.load(w, 0)) return 1; n += 3; relax() }', 'n += 3'],
    ['for (;;) { if (Atomics.load(w, 0)) break; if (++n > 50) break; relax() }', '++n'],
    ['let m = 50; do { if (Atomics.load(w, 0)) return 1; relax() } while (m--)', 'm--'],
    [
      'outer: for (;;) { for (n = 0; n < 50; n++) { if (Atomics.load(w, 0)) break outer; relax() } return 2 }',
      'nested',
    ],
  ])('may count in other ways: %s', async (loop) => {
    const result = await explored([`let n = 0; ${loop}; return Atomics.load(w, 0)`, 'Atomics.store(w, 0, 1)'])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(result.complete).toBeLessThan(20)
    expect(outcomes(result).length).toBeGreaterThan(1)
  })

  it.each([
    [
      'the turn in which it got it',
      "for (let i = 0; i < 9; i++) { if (Atomics.load(w, 0)) return i; relax() } return 'none'",
      10,
    ],
    ['how often it saw it', 'let n = 0; for (let i = 0; i < 9; i++) { n += Atomics.load(w, 0); relax() } return n', 10],
  ])('that tells %s is run as it stands', async (_, body, count) => {
    const result = await explored([body, 'Atomics.store(w, 0, 1)'])
    expect(outcomes(result)).toHaveLength(result.exhaustive ? count : outcomes(result).length)
    expect(result.violation).toBe(null)
  })

  it('says that it is not exhaustive where the turns that were left out may matter', async () => {
    const adds = 'let n = 0; for (let i = 0; i < 100; i++) { n += Atomics.load(w, 0); relax() } return n'
    const explore = await loaded([adds, 'Atomics.store(w, 0, 1)'])
    const all = explore()
    expect(all).toMatchObject({ exhaustive: false, budget: '' })
    // A search that was broken off and goes on knows it still.
    let saved: Checkpoint | undefined
    const keep = (checkpoint: Checkpoint) => (saved = JSON.parse(JSON.stringify(checkpoint)))
    explore({ maxExecutions: all.executions - 1, onCheckpoint: keep })
    expect(saved).toMatchObject({ cutShort: true })
    expect(explore({ resume: saved })).toMatchObject({ exhaustive: false, budget: '' })
  })

  it('that parks when it has given up loses the wake-up of one that looked for sleepers too early', async () => {
    const park = 'for (let i = 0; i < 2; i++) { if (Atomics.load(w, 0)) return 1; relax() }'
    const sleeper = `${park} Atomics.store(w, 1, 1); if (Atomics.load(w, 2) === 0) Atomics.wait(w, 0, 0); return 2`
    const waker = 'if (Atomics.load(w, 1)) { Atomics.store(w, 0, 1); Atomics.notify(w, 0) } else Atomics.store(w, 3, 1)'
    expect((await explored([sleeper, waker])).violation).toMatchObject({ kind: 'deadlock' })
  })
})

describe('a loop on trylock', () => {
  it('ends when the lock is released, whose word never changes', async () => {
    const locks = 'lock(w, 4); Atomics.add(w, 0, 1); unlock(w, 4)'
    const tries = 'while (!tryLock(w, 4)) relax(); Atomics.add(w, 0, 1); unlock(w, 4)'
    expect(await explored([tries, locks])).toMatchObject({ exhaustive: true, complete: 3, blocked: 0, violation: null })
    expect(await explored([tries, tries])).toMatchObject({
      exhaustive: true,
      complete: 4,
      redundant: 0,
      violation: null,
    })
    expect(await explored([tries, tries, tries])).toMatchObject({
      exhaustive: true,
      complete: 60,
      redundant: 0,
      violation: null,
    })
  })

  it('waits for ever where nobody releases it', async () => {
    const { violation } = await explored(['lock(w, 4)', 'while (!tryLock(w, 4)) relax()'])
    expect(violation).toMatchObject({ kind: 'deadlock' })
  })
})

describe('polling', () => {
  const sets = 'lock(w, 4); Atomics.store(w, 0, 1); unlock(w, 4)'
  it.each([
    [
      'under a lock',
      'for (;;) { lock(w, 4); const seen = Atomics.load(w, 0); unlock(w, 4); if (seen) return; relax() }',
    ],
    ['in a read section', 'for (;;) { enter(); const seen = Atomics.load(w, 0); exit(); if (seen) return; relax() }'],
    [
      'letting the lock go',
      'lock(w, 4); while (!Atomics.load(w, 0)) { unlock(w, 4); relax(); lock(w, 4) } unlock(w, 4)',
    ],
    ['letting the section go', 'enter(); while (!Atomics.load(w, 0)) { exit(); relax(); enter() } exit()'],
  ])('%s ends when the word is set, and hangs if it never is', async (_, poll) => {
    for (const threads of [
      [poll, sets],
      [sets, poll],
      [poll, poll, sets],
    ]) {
      expect(await explored(threads)).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, violation: null })
    }
    expect((await explored([poll, 'Atomics.store(w, 1, 1)'])).violation).toMatchObject({ kind: 'deadlock' })
  })

  it('under a lock does not keep a grace period waiting', async () => {
    const poll = 'for (;;) { enter(); const seen = Atomics.load(w, 0); exit(); if (seen) return; relax() }'
    expect(await explored([poll, 'grace(); Atomics.store(w, 0, 1)'])).toMatchObject({
      exhaustive: true,
      violation: null,
    })
  })

  it('under a lock is seen by one who fails to take it, as often as he tries', async () => {
    const poll = 'for (;;) { lock(w, 4); const seen = Atomics.load(w, 0); unlock(w, 4); if (seen) return; relax() }'
    const tries = `let got = ''; for (let i = 0; i < 3; i++) { const is = tryLock(w, 4); got += is ? 1 : 0; if (is) unlock(w, 4) }
      Atomics.store(w, 0, 1); return got`
    const result = await explored([poll, tries])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(outcomes(result)).toEqual([
      '- | 000',
      '- | 001',
      '- | 010',
      '- | 011',
      '- | 100',
      '- | 101',
      '- | 110',
      '- | 111',
    ])
  })
})

describe('what a turn has read', () => {
  it('is two words, whatever lies between them in memory', async () => {
    const spin = (a: number, b: number) => `while (!Atomics.load(w, ${a}) || !Atomics.load(w, ${b})) relax()`
    const store = (...at: number[]) => at.map((k) => `Atomics.store(w, ${k}, 1)`).join('; ')
    const near = await explored([spin(0, 1), store(0, 3, 4, 1)])
    const far = await explored([spin(0, 5), store(0, 3, 4, 5)])
    expect(near).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0 })
    expect(far).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, complete: near.complete })
  })

  it('begins at its loop: a ticket lock of three has 60 traces', async () => {
    const ticket = `const mine = Atomics.add(w, 0, 1); while (Atomics.load(w, 1) !== mine) relax()
      Atomics.store(w, 2, mine); Atomics.add(w, 1, 1)`
    expect(await explored([ticket, ticket, ticket])).toMatchObject({
      complete: 60,
      blocked: 0,
      redundant: 0,
      exhaustive: true,
    })
  })

  it('ends with its loop: the next one does not wait for its words', async () => {
    const spin = (at: number) => `while (!Atomics.load(w, ${at})) relax()`
    const after = await explored([
      `${spin(0)}; ${spin(1)}`,
      'Atomics.store(w, 0, 1)',
      'Atomics.store(w, 0, 2)',
      'Atomics.store(w, 1, 1)',
    ])
    expect(after).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, violation: null })
    const { violation } = await explored([`${spin(0)}; ${spin(1)}`, 'Atomics.store(w, 0, 1); Atomics.store(w, 0, 2)'])
    expect(violation).toMatchObject({ kind: 'deadlock', message: 'stuck: thread 0 spins until shared[1] changes' })
  })

  it('may be no word at all that others store: a plain load of one that they do is a data race', async () => {
    for (const spin of ['while (w[0] === 0);', 'while (w[0] === 0) relax()'])
      for (const threads of [
        [spin, 'w[0] = 1'],
        ['w[0] = 1', spin],
        [spin, 'Atomics.store(w, 0, 1)'],
      ])
        expect((await explored(threads)).violation).toMatchObject({ kind: 'data-race' })
  })
})

describe('what a turn changes that is private', () => {
  const stops = 'if (Atomics.load(w, 0)) break; relax();'
  it.each([
    ['a field', `const o = { n: 0 }; for (;;) { ${stops} if (++o.n > 3) break } return o.n`],
    ['an element', `const o = [0]; for (;;) { ${stops} o[0]++; if (o[0] > 3) break } return o[0]`],
    ['an array', `const o = []; for (;;) { ${stops} o.push(1); if (o.length > 3) break } return o.length`],
    [
      'a map',
      `const o = new Map([[1, 0]]); for (;;) { ${stops} o.set(1, o.get(1) + 1); if (o.get(1) > 3) break } return o.get(1)`,
    ],
    [
      'an outer variable',
      `let n = 0; const bump = () => { n++ }; for (;;) { ${stops} bump(); if (n > 3) break } return n`,
    ],
    [
      'a variable of a generator',
      `const g = (function* () { for (let n = 1; ; n++) yield n })(); let n = 0
      for (;;) { ${stops} n = g.next().value; if (n > 3) break } return n`,
    ],
    [
      'an iterator',
      `const it = [1, 2, 3, 4][Symbol.iterator](); for (;;) { ${stops} if (it.next().done) break } return 4`,
    ],
    [
      'a private field',
      `class C { #n = 0; up() { return ++this.#n } } const c = new C(); for (;;) { ${stops} if (c.up() > 3) break } return 4`,
    ],
    [
      'a property that is deleted',
      `const o = { a: 1, b: 1, c: 1, d: 1 }; for (;;) { ${stops} const [key] = Object.keys(o)
      if (key === undefined) break; delete o[key] } return 4`,
    ],
    [
      'by destructuring',
      `const o = { n: 0 }; for (;;) { ${stops} ({ n: o.n } = { n: o.n + 1 }); if (o.n > 3) break } return 4`,
    ],
    [
      'by Object.assign',
      `const o = { n: 0 }; for (;;) { ${stops} Object.assign(o, { n: o.n + 1 }); if (o.n > 3) break } return 4`,
    ],
    [
      'by a closure in a native',
      `let n = 0; for (;;) { ${stops} [1].forEach(() => { n++ }); if (n > 3) break } return 4`,
    ],
    ['a parameter', `const f = (n) => { for (;;) { ${stops} if (n-- === 0) break } }; f(3); return 4`],
    [
      'a variable that two loops count',
      `let n = 0; for (;;) { ${stops} n++; if (n > 1) break } for (;;) { ${stops} n++; if (n > 3) break } return 4`,
    ],
  ])('is seen: %s', async (_, body) => {
    const result = await explored([body, 'Atomics.store(w, 1, 1)'])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(outcomes(result)).toEqual(['4 | -'])
  })

  it.each([
    ['nothing, by a function', 'const get = () => Atomics.load(w, 0); while (!get()) relax()'],
    ['a variable that it assigns to first', 'let seen; do { seen = Atomics.load(w, 0); relax() } while (!seen)'],
    [
      'an object that it makes',
      'for (;;) { const both = [Atomics.load(w, 0), Atomics.load(w, 1)]; if (both[0]) break; relax() }',
    ],
    ['a loop inside', 'for (;;) { let n = 0; for (const k of [0, 1]) n += Atomics.load(w, k); if (n) break; relax() }'],
    ['what it saw last', 'let seen = -1; while ((seen = Atomics.load(w, 0)) === 0) relax(); '],
    [
      'nothing, and looks at the clock',
      'const end = performance.now() + 1e9; while (!Atomics.load(w, 0)) { relax(); if (performance.now() > end) break }',
    ],
  ])('is told from what it does not: %s', async (_, body) => {
    expect(await explored([body, 'Atomics.store(w, 0, 1)'])).toMatchObject({
      exhaustive: true,
      complete: 2,
      blocked: 0,
    })
    expect((await explored([body, 'Atomics.store(w, 2, 1)'])).violation).toMatchObject({ kind: 'deadlock' })
  })
})

describe('a poll under a lock that nobody tagged', () => {
  const LOCKS: Readonly<Record<string, string>> = {
    'a compare-and-swap': 'while (Atomics.compareExchange(w, 0, 0, 1) !== 0);',
    'an exchange': 'while (Atomics.exchange(w, 0, 1) !== 0);',
    'test and test-and-set':
      'for (;;) { while (Atomics.load(w, 0) !== 0); if (Atomics.compareExchange(w, 0, 0, 1) === 0) break }',
    'a trylock with a tag': 'while (!tryLock(w, 0)) relax();',
  }
  const under = (lock: string, body: string) =>
    `${lock} ${body}; ${lock === LOCKS['a trylock with a tag'] ? 'unlock(w, 0)' : 'Atomics.store(w, 0, 0)'};`

  it.each(Object.entries(LOCKS))('waits as under a tagged one: %s', async (_, lock) => {
    const polls = `for (let x;;) { ${under(lock, 'x = Atomics.load(w, 1)')} if (x) return x }`
    const sets = under(lock, 'Atomics.store(w, 1, 7)')
    for (const threads of [
      [polls, sets],
      [sets, polls],
    ]) {
      const result = await explored(threads)
      expect(result).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, violation: null })
      expect(result.complete).toBeLessThan(60)
      expect(outcomes(result).every((each) => /7/.test(each))).toBe(true)
    }
    const never = await explored([polls, under(lock, 'Atomics.store(w, 2, 7)')])
    expect(never.violation).toMatchObject({ kind: lock.includes('tryLock') ? 'deadlock' : 'livelock' })
  })

  it('is seen by one who tries once', async () => {
    const lock = LOCKS['a compare-and-swap']
    const polls = `for (let x;;) { ${under(lock, 'x = Atomics.load(w, 1)')} if (x) return x }`
    const tries =
      "const got = Atomics.compareExchange(w, 0, 0, 2); if (got === 0) Atomics.store(w, 0, 0); Atomics.store(w, 1, 1); return got ? 'busy' : 'free'"
    const result = await explored([polls, tries])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(outcomes(result)).toEqual(['1 | busy', '1 | free'])
  })

  it('is given up where the lock wakes sleepers: neither a livelock nor exhaustive', async () => {
    const lock = 'while (Atomics.compareExchange(w, 0, 0, 1) !== 0) Atomics.wait(w, 0, 1);'
    const wakes = (body: string) => `${lock} ${body}; Atomics.store(w, 0, 0); Atomics.notify(w, 0);`
    const polls = `for (let x;;) { ${wakes('x = Atomics.load(w, 1)')} if (x) return x }`
    const result = await explored([polls, wakes('Atomics.store(w, 1, 7)')], { maxExecutions: 4_000 })
    expect(result).toMatchObject({ exhaustive: false, violation: null, budget: '' })
    expect(result.leftOut).toHaveLength(1)
    expect(result.complete).toBeGreaterThan(100)
  })

  it('is a livelock where who waits stores in each try, and loses the lock each time', async () => {
    const under = (body: string) => `
      let c = Atomics.compareExchange(w, 0, 0, 1)
      while (c !== 0) { Atomics.wait(w, 0, 2); c = Atomics.exchange(w, 0, 2) }
      ${body}
      if (Atomics.sub(w, 0, 1) !== 1) { Atomics.store(w, 0, 0); Atomics.notify(w, 0, 1) }`
    const polls = `for (;;) { ${under('const x = w[1]')}; if (x) return x }`
    const { violation } = await explored([polls, under('w[1] = 7')], { maxExecutions: 4_000 })
    expect(violation).toMatchObject({ kind: 'livelock' })
    expect(violation?.message).toMatch(/lead back to where they began, and all threads that can go on have a part/)
  })
})

describe('a turn that notifies', () => {
  const notifies = 'while (!Atomics.load(w, 0)) Atomics.notify(w, 1)'

  it('waits where nobody sleeps', async () => {
    expect(await explored([notifies, 'Atomics.store(w, 0, 1)'])).toMatchObject({
      exhaustive: true,
      complete: 2,
      blocked: 0,
      violation: null,
    })
    expect((await explored([notifies])).violation).toMatchObject({ kind: 'deadlock' })
  })

  it('wakes whoever comes to sleep later', async () => {
    const sleeps = 'const how = Atomics.wait(w, 1, 0); Atomics.store(w, 0, 1); return how'
    for (const threads of [
      [notifies, sleeps],
      [sleeps, notifies],
    ]) {
      const result = await explored(threads)
      expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
      expect(outcomes(result)).toEqual([threads[0] === sleeps ? 'ok | -' : '- | ok'])
    }
    const two = await explored([notifies, 'return Atomics.wait(w, 1, 0)', sleeps])
    expect(two.violation).toMatchObject({ kind: 'deadlock' })
  })

  it('tells how many it woke', async () => {
    const counts = 'let n = 0; while (!Atomics.load(w, 0)) n += Atomics.notify(w, 1); return n'
    const result = await explored([counts, 'Atomics.wait(w, 1, 0); Atomics.store(w, 0, 1)'])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(outcomes(result)).toEqual(['1 | -'])
  })
})

describe('letting a lock go without a pause', () => {
  const lets = 'lock(w, 4); while (!Atomics.load(w, 0)) { unlock(w, 4); lock(w, 4) } unlock(w, 4)'

  it('is no livelock where another takes the lock that is let go: the search gives such executions up', async () => {
    const sets = 'lock(w, 4); Atomics.store(w, 0, 1); unlock(w, 4)'
    for (const threads of [
      [lets, sets],
      [sets, lets],
      [lets, lets, sets],
    ]) {
      const result = await explored(threads)
      expect(result).toMatchObject({ violation: null, exhaustive: false, budget: '' })
      expect(result.complete).toBeGreaterThan(0)
    }
  })

  it('is one where nobody ever stores what it looks for', async () => {
    const { violation } = await explored([lets, 'lock(w, 4); Atomics.store(w, 1, 1); unlock(w, 4)'])
    expect(violation).toMatchObject({ kind: 'livelock' })
  })
})

describe('going round for ever', () => {
  const polite = (a: number, b: number) =>
    `for (;;) { lock(w, ${a}); if (tryLock(w, ${b})) break; unlock(w, ${a}); relax() } unlock(w, ${b}); unlock(w, ${a})`
  const words = (a: number, b: number) => `for (;;) { if (Atomics.compareExchange(w, ${a}, 0, 1) === 0) {
      if (Atomics.compareExchange(w, ${b}, 0, 1) === 0) break; Atomics.store(w, ${a}, 0) } relax() }
      Atomics.store(w, ${b}, 0); Atomics.store(w, ${a}, 0)`
  const backingOff = (a: number, b: number) =>
    words(a, b).replace('relax()', 'for (let i = 0; i < 2; i++) Atomics.load(w, 0)')

  it.each([
    ['two polite trylocks', [polite(4, 5), polite(5, 4)]],
    ['the same with words', [words(4, 5), words(5, 4)]],
    ['who look elsewhere a few times before they try again', [backingOff(4, 5), backingOff(5, 4)]],
    [
      'one that stores and takes it back, and nobody else',
      ['for (;;) { Atomics.store(w, 1, 1); if (Atomics.load(w, 0)) break; Atomics.store(w, 1, 0) }'],
    ],
  ])('is a livelock that is found within a few steps: %s', async (_, threads) => {
    const result = await explored(threads, { keepGoing: false })
    expect(result).toMatchObject({ exhaustive: false, violation: { kind: 'livelock' } })
    expect(result.violation!.message).toMatch(
      /^livelock: the last \d+ steps lead back|stores something and takes it back in each turn$/,
    )
    expect(result.violation!.steps.length).toBeLessThan(100)
  })

  it.each([
    [
      'a compare-and-swap that loses to those that get on',
      Array.from(
        { length: 3 },
        () => `for (;;) {
      const seen = Atomics.load(w, 0); if (Atomics.compareExchange(w, 0, seen, seen + 1) === seen) break }`,
      ),
    ],
    ['trylocks in one order', [polite(4, 5), polite(4, 5)]],
    [
      'one that stores and takes it back beside one that counts its turns',
      [
        'for (;;) { Atomics.store(w, 1, 1); if (Atomics.load(w, 0)) break; Atomics.store(w, 1, 0) }',
        'for (let i = 0; i < 5; i++) if (Atomics.load(w, 1)) break; Atomics.store(w, 0, 1)',
      ],
    ],
  ])('is not %s', async (_, threads) => {
    expect(await explored(threads)).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, violation: null })
  })
})

describe('an execution without an end', () => {
  const polls = 'lock(w, 4); while (Atomics.load(w, 1) !== 1) { unlock(w, 4); relax(); lock(w, 4) } unlock(w, 4)'
  const tries =
    'enter(); Atomics.store(w, 0, 1); exit(); while (!tryLock(w, 4)) relax(); Atomics.store(w, 0, 1); unlock(w, 4)'
  const ticket =
    'const mine = Atomics.add(w, 1, 1); while (Atomics.load(w, 2) !== mine) relax(); Atomics.store(w, 0, 1)'

  it('is no livelock if it leaves a thread out, where others come to theirs', async () => {
    // It counts what it sees, so no turn is like the one before.
    const counts = 'let n = 0; while (Atomics.load(w, 0) === 0) n += Atomics.add(w, 1, 1); return n'
    const result = await explored([tries, counts], { maxSteps: 100, maxExecutions: 6_000 })
    expect(result).toMatchObject({ violation: null, exhaustive: false, leftOut: [expect.stringMatching(/:\d+$/)] })
    expect(result.complete).toBeGreaterThan(50)
    expect(result.executions).toBeGreaterThan(result.complete)
  })

  it('is none where one polls under a lock that others try to take: it waits', async () => {
    expect(await explored([polls, ticket, tries])).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
  })

  it('is none either where a loop can only be run as it stands, and another thread would end it', async () => {
    const letsGo = 'lock(w, 4); while (!Atomics.load(w, 0)) { unlock(w, 4); lock(w, 4) } unlock(w, 4)'
    for (const loop of [letsGo]) {
      const result = await explored([loop, 'Atomics.store(w, 0, 1)'])
      expect(result).toMatchObject({ violation: null, exhaustive: false, budget: '' })
      expect(result.steps).toBeLessThan(100)
      expect(formatResult(result)).toMatch(
        /\nnot exhaustive: loops went on without an end, or turns of theirs were left out: \S+source.js:\d+ \(/,
      )
      expect((await explored([loop])).violation).toMatchObject({
        kind: 'livelock',
        message: expect.stringMatching(/^livelock: the last \d+ steps lead back/),
      })
    }
  })

  it('is none where a loop goes on for those that come to their ends', async () => {
    const parks = `for (;;) { const seen = Atomics.load(w, 0); if (seen === 0) { if (Atomics.compareExchange(w, 0, 0, 1) === 0) break; continue }
      if (seen < 16 && Atomics.compareExchange(w, 0, seen, seen + 16) !== seen) continue; Atomics.wait(w, 0, seen | 16) }`
    const holds = 'if (Atomics.compareExchange(w, 0, 0, 2) === 0) { Atomics.store(w, 0, 0); Atomics.notify(w, 0) }'
    const result = await explored([holds, holds, parks])
    expect(result.violation).toBeNull()
    expect(result.complete).toBeGreaterThan(10)
  })

  it('is one if nobody is left out, or none comes to an end', async () => {
    const forEver = 'for (;;) Atomics.add(w, 0, 1)'
    for (const threads of [[forEver], [forEver, 'Atomics.load(w, 1)']])
      expect((await explored(threads, { maxSteps: 120 })).violation).toMatchObject({
        kind: 'livelock',
        message: expect.stringMatching(/^livelock: suspected/),
      })
  })
})

describe('our own lock, which looks a hundred times before it parks', () => {
  const scenario = (name: string) => ({ file: 'props/scenarios/waiting.ts', name, raw: true })

  it('loses the sleeper of D52 with all its turns, too', async () => {
    const broken = await openScenario(scenario('threeLockers'), sleeperLeavesNoMark.edits)
    const { violation } = check(broken, { shrink: false, maxExecutions: 5_000 })
    expect(violation).toMatchObject({ kind: 'deadlock' })
  })

  it('is clean: between two to the last trace, between three as far as the search comes, which says so', async () => {
    const two = check(await openScenario(scenario('twoLockers')))
    expect(two).toMatchObject({ exhaustive: true, blocked: 0, redundant: 0, violation: null })
    const three = check(await openScenario(scenario('threeLockers')), { maxExecutions: 1_500 })
    expect(three).toMatchObject({ exhaustive: false, budget: 'executions', blocked: 0, redundant: 0, violation: null })
  })
})

describe('a turn that calls something that changes what it stands on does more than look', () => {
  const CLASS = 'class C { n = 0; bump() { return ++this.n } get next() { return ++this.n }'
  it.each([
    ['a method', `${CLASS} } const c = new C()`, 'c.bump()'],
    ['a getter', `${CLASS} } const c = new C()`, 'c.next'],
    ['a private method', `${CLASS} #m() { return ++this.n } m() { return this.#m() } } const c = new C()`, 'c.m()'],
    ['a static method', 'class C { static n = 0; static up() { return ++C.n } }', 'C.up()'],
    ['a constructor', 'let n = 0; class C { constructor() { n++ } }', '(new C(), n)'],
    ['a field', 'let n = 0; class C { x = n++ }', '(new C(), n)'],
    ['a setter', 'let n = 0; class C { set x(v) { n += v } } const c = new C()', '(c.x = 1, n)'],
    ['a method of an object', 'const c = { n: 0, bump() { return ++this.n } }', 'c.bump()'],
    [
      'accessors of an object',
      'let n = 0; const c = { get x() { return ++n }, set x(v) { n += v } }',
      '(c.x = 0, c.x)',
    ],
    ['what an operator calls', 'let n = 0; const c = { valueOf() { return ++n } }', 'c'],
    ['what sort calls', 'let n = 0', '([2, 1].sort((a, b) => { n++; return a - b }), n)'],
    ['a trap', 'let n = 0; const c = new Proxy({}, { get: () => ++n })', 'c.x'],
  ])('%s', async (_, before, count) => {
    const loop = `while (Atomics.load(w, 0) === 0) { if (${count} > 3) return 'gave up' } return 'got it'`
    const result = await explored([`${before}; ${loop}`, 'Atomics.store(w, 1, 1)'])
    expect(result).toMatchObject({ exhaustive: true, blocked: 0, violation: null })
    expect(outcomes(result)).toEqual(['gave up | -'])
    expect(outcomes(await explored([`${before}; ${loop}`, 'Atomics.store(w, 0, 1)']))).toEqual([
      'gave up | -',
      'got it | -',
    ])
  })
})
