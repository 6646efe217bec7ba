/**
 * Of which loops the engine is asked at each head: those of which a turn may do the same again.
 */
import { describe, expect, it } from 'vitest'
import { transform } from '../../../src/explore/transform/transform.ts'

const asks = (loop: string): boolean =>
  /\.turn\(/.test(transform(`export function f(words, i) { ${loop}; return i }`, '/loop.js').code)

describe('a loop', () => {
  it.each([
    'while (Atomics.load(words, i) !== 0) i--',
    'for (let k = 0; ; k++) if (Atomics.load(words, k) !== 0) continue',
    'do { words[0] = 1; i += 2 } while (Atomics.load(words, i) !== 0)',
    'while (words[i++] !== 0);',
  ])('has no head if something moves on in each of its turns: %s', (loop) => {
    expect(asks(loop)).toBe(false)
  })

  it.each([
    'while (Atomics.load(words, 0) !== 0);',
    'while (Atomics.load(words, 0) !== 0) if (words[1] !== 0) i++',
    'while (Atomics.load(words, 0) !== 0) words[1] !== 0 && i++',
    'for (;;) { if (Atomics.load(words, i) !== 0) continue; i++ }',
    'for (;;) { try { Atomics.load(words, i); i++ } catch {} }',
    'for (; ; i++) { if (Atomics.load(words, i) !== 0) i = 0 }',
    'for (;;) { Atomics.load(words, i); i += 0.5 }',
    'for (;;) { Atomics.load(words, i); for (let k = 0; k < words[2]; k++) i++ }',
    'for (const g = () => { i = 0 }; ; g()) { Atomics.load(words, i); i++ }',
  ])('has one if a turn may leave all as it was: %s', (loop) => {
    expect(asks(loop)).toBe(true)
  })
})
