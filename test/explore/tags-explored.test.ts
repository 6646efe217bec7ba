/**
 * Tags from source text to verdict: what a tag promises is what the explorer counts and finds.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { instrumented, words } from './support/source.ts'

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
