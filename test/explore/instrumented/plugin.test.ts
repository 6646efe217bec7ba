/**
 * The Vite plugin, from the inside: this file and the packages it imports have been instrumented by it.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { RingBuffer } from 'ringbuf.js'
import SharedMap from 'sharedmap'
import { describe, expect, it } from 'vitest'
import { check, explore } from '../../../src/explore/explore.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import { twinOf } from '../../../src/explore/runtime/twin.ts'

function increment(words: Int32Array): number {
  return words[0]++
}

describe('the Vite plugin', () => {
  it('gives the functions of a test file twins that announce what they touch', () => {
    const twin = twinOf(increment)!(new Int32Array(new SharedArrayBuffer(4)))
    expect(twin.next(true)).toEqual({ done: true, value: 0 })
  })

  it('knows the place of each operation in the author’s text', () => {
    const sites = runtime.sites.filter((each) => each.file.endsWith('plugin.test.ts'))
    const places = sites.map(({ line, column, operation, source }) => ({ line, column, operation, source }))
    expect(places).toContainEqual({ line: 15, column: 10, operation: 'read', source: 'words[0]++' })
  })

  it('makes a lost update found by nothing but the call of explore', () => {
    const lost = () =>
      explore({
        setup: () => ({ words: new Int32Array(new SharedArrayBuffer(8)) }),
        threads: [({ words }) => increment(words), ({ words }) => increment(words)],
        after: ({ words }) => expect(words[0]).toBe(2),
      })
    expect(lost).toThrow(/^data-race: .*plugin\.test\.ts:15/)
  })

  it('instruments the packages that the config lists', () => {
    expect(twinOf(RingBuffer.prototype.push)).toBeTypeOf('function')
    const { prototype } = SharedMap as unknown as { prototype: { set: unknown } }
    expect(twinOf(prototype.set)).toBeTypeOf('function')
  })
})

it('tells what a thread throws by the lines of this file', () => {
  const fail = (w: Int32Array): number => {
    Atomics.load(w, 0)
    return (undefined as unknown as { x: number }).x
  }
  const violation = check({ setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: [(w) => fail(w), fail] })
    .violation!
  const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
  const line = lines.findIndex((each) => each.includes('return (undefined')) + 1
  const file = fileURLToPath(import.meta.url)
  expect(violation.sites).toEqual([`${file}:${line}`, `${file}:${line - 1}`])
  const places = violation.stack.map((call) => / \((.*)\)$/.exec(call)?.[1])
  expect([...new Set(places)]).toEqual([`${file}:${line}`, `${file}:${line + 2}`])
})
