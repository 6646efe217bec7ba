/**
 * Tags from source text to verdict: what a tag promises is what the explorer counts and finds.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { instrumented, words } from '../support/source.ts'

const locks = `
/** @explore lock words[lock] */
export function lock(words: Int32Array, lock: number): void {
  while (Atomics.compareExchange(words, lock, 0, 1) !== 0) relax(words, lock)
}
/** @explore unlock words[lock] */
export function unlock(words: Int32Array, lock: number): void { Atomics.store(words, lock, 0) }
/** @explore pause */
function relax(_words: Int32Array, _lock: number): void {}
export function increment({ words }: { words: Int32Array }): void { lock(words, 0); words[1]!++; unlock(words, 0) }
`

const rcu = `
/** @explore deref words[at] */
export function dereference(words: Int32Array, at: number): number { return words[at]! }
/** @explore read-enter */ export function readLock(): void {}
/** @explore read-exit */ export function readUnlock(): void {}
/** @explore alloc words[result] size=2 kind='pair' */
function alloc(words: Int32Array): number { const at = words[1]!; words[1] = at + 2; return at }
/** @explore free words[at] */
function free(words: Int32Array, at: number): void { words[2] = at }
const callbacks = [free]
/** @explore callback callbacks[kind](words, at) */
function later(words: Int32Array, at: number, kind: number): void { void [words, at, kind] }
/** @explore arena words[4] to=words.length */
export function init(words: Int32Array): void { words[1] = 4 }
export function publish(words: Int32Array, value: number): void {
  const at = alloc(words)
  words[at] = value
  Atomics.store(words, 0, at)
}
export function read({ words }: { words: Int32Array }): number {
  readLock()
  const at = dereference(words, 0)
  const value = at === 0 ? 0 : words[at]!
  readUnlock()
  return value
}
export function remove({ words }: { words: Int32Array }): void {
  const at = Atomics.exchange(words, 0, 0)
  if (at !== 0) later(words, at, 0)
}
export function removeAtOnce({ words }: { words: Int32Array }): void {
  const at = Atomics.exchange(words, 0, 0)
  if (at !== 0) free(words, at)
}
`

describe('a tagged lock', () => {
  it('costs one execution per order of taking it, and raw finds the same verdict in more', async () => {
    const scenario = (exports: { increment: (context: { words: Int32Array }) => void }) => ({
      setup: () => ({ words: words(2) }),
      threads: [exports.increment, exports.increment, exports.increment],
      after: (context: { words: Int32Array }) => expect(context.words[1]).toBe(3),
    })
    const tagged = check(scenario((await instrumented(locks)) as never))
    expect(tagged).toMatchObject({ complete: 6, blocked: 0, redundant: 0, exhaustive: true, violation: null })
    const raw = check(scenario((await instrumented(locks, { raw: true })) as never))
    expect(raw).toMatchObject({ blocked: 0, redundant: 0, exhaustive: true, violation: null })
    expect(raw.complete).toBeGreaterThan(6)
  })
})

describe('tagged RCU', () => {
  it('lets a reader use what it dereferenced, if the free waits for it', async () => {
    const { init, publish, read, remove, removeAtOnce } = await instrumented(rcu)
    const setup = () => {
      const context = { words: words(16) }
      init(context.words)
      publish(context.words, 7)
      return context
    }
    const clean = check({ setup, threads: [read, remove] })
    expect(clean).toMatchObject({ blocked: 0, redundant: 0, exhaustive: true, violation: null })
    expect(clean.outcomes.map(({ outcome }) => outcome).join()).toMatch(/7/)
    const broken = check({ setup, threads: [read, removeAtOnce] })
    expect(broken.violation?.kind).toBe('use-after-free')
  })
})

describe('raw, for one call', () => {
  const scenario = (increment: unknown) => ({
    setup: () => ({ words: words(2) }),
    threads: [increment, increment] as ((context: { words: Int32Array }) => void)[],
    after: (context: { words: Int32Array }) => expect(context.words[1]).toBe(2),
    outcome: (context: { words: Int32Array }) => context.words.join(),
  })

  it('explores the implementation of the same loaded function, with the same verdict and outcome in more traces', async () => {
    const { increment } = await instrumented(locks)
    const tagged = check(scenario(increment))
    const raw = check(scenario(increment), { raw: true })
    expect(tagged).toMatchObject({ complete: 2, redundant: 0, exhaustive: true, violation: null })
    expect(raw).toMatchObject({ blocked: 0, redundant: 0, exhaustive: true, violation: null })
    expect(raw.complete).toBeGreaterThan(2)
    // The primitive leaves the lock's word alone; its implementation has released it.
    expect(raw.outcomes.map(({ outcome }) => outcome)).toEqual(tagged.outcomes.map(({ outcome }) => outcome))
    // As many as when the tags were never read, and the call after it is as it was.
    const unread = check(scenario((await instrumented(locks, { raw: true })).increment))
    expect(raw.complete).toBe(unread.complete)
    expect(check(scenario(increment)).complete).toBe(2)
  })

  it('finds what is wrong with an implementation that its tag hides', async () => {
    const { increment } = await instrumented(
      locks
        .replace('Atomics.compareExchange(words, lock, 0, 1) !== 0', 'Atomics.load(words, lock) !== 0')
        .replace('relax(words, lock)\n}', 'relax(words, lock)\n  Atomics.store(words, lock, 1)\n}'),
    )
    expect(check(scenario(increment)).violation).toBeNull()
    const { violation } = check(scenario(increment), { raw: true })
    expect(violation).toMatchObject({ kind: 'data-race' })
    expect(replay(scenario(increment), violation!.replay, { raw: true })).toMatchObject({
      stale: false,
      diverged: undefined,
      violation: { kind: 'data-race' },
    })
  })

  it('holds for methods, arrow functions and trylocks, too', async () => {
    const source = `
      class Lock {
        words; constructor(words) { this.words = words }
        /** @explore trylock this.words[0] */ attempt() { return Atomics.compareExchange(this.words, 0, 0, 1) === 0 }
        /** @explore unlock this.words[0] */ release() { Atomics.store(this.words, 0, 0) }
      }
      /** @explore await words[at] until=(value) => value === 0 */
      const awaitZero = (words, at) => { while (Atomics.load(words, at) !== 0) relax() }
      /** @explore pause */ function relax() {}
      export const a = ({ words }) => { const lock = new Lock(words); if (!lock.attempt()) return 'busy'; words[1]++; lock.release(); return 'done' }
      export const b = ({ words }) => { awaitZero(words, 0); return Atomics.load(words, 0) }`
    const { a, b } = await instrumented(source, {}, 'source.js')
    const both = [a, a]
    const of = (threads: unknown[], raw: boolean) => {
      const { violation, complete, outcomes } = check(
        { setup: () => ({ words: words(2) }), threads: threads as ((context: { words: Int32Array }) => unknown)[] },
        { raw },
      )
      expect(violation).toBeNull()
      return { complete, outcomes: outcomes.map(({ outcome }) => outcome).sort() }
    }
    expect(of(both, true).outcomes).toEqual(of(both, false).outcomes)
    const unread = await instrumented(source, { raw: true }, 'source.js')
    expect(of(both, true)).toEqual(of([unread.a, unread.a], false))
    expect(of([a, b], true)).toEqual(of([unread.a, unread.b], false))
  })
})

describe('a tag that says a place outside of its view is refused, or the error that Atomics throw there:', () => {
  const TAGS = {
    'arena w[1] to=undefined': 'an arena at element 1, NaN long',
    'arena w[1] to=5': 'an arena at element 1, 4 long',
    'arena w[2] to=2': 'an arena at element 2, 0 long',
    'alloc w[result] size=9': 'an object at element 1, 9 long',
    'alloc w[result] size=w.size': 'an object at element 1, undefined long',
    'free w[4]': 'an object at element 4',
    'lock w[4]': 'a lock at element 4',
    'unlock w[-1]': 'a lock at element',
    'trylock w[4]': 'a lock at element 4',
    'await w[4] until=(x) => x > 0': 'a word to wait for at element 4',
  }
  it.each(Object.entries(TAGS))('%s', async (tag, told) => {
    const text = `/** @explore ${tag} */ export function f(w) { return 1 } export const done = () => 0`
    const { f, done } = await instrumented(text, {}, 'source.mjs')
    const message = new RegExp(`got ${told}.* in a view of 4, expected it inside`)
    if (!tag.startsWith('arena')) {
      const inThread = check({ setup: () => words(4), threads: [f, done] })
      const kind = tag.includes('lock') ? 'assertion' : 'refused'
      expect(inThread.violation).toMatchObject({ kind, message: expect.stringMatching(message) })
    }
    if (/^(arena|alloc|free)/.test(tag)) {
      const setup = () => {
        const w = words(4)
        f(w)
        return w
      }
      expect(() => check({ setup, threads: [done, done] })).toThrow(message)
    }
  })
})
