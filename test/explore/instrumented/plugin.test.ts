/**
 * The Vite plugin, from the inside: this file and the packages it imports have been instrumented by it.
 */

import { RingBuffer } from 'ringbuf.js'
import SharedMap from 'sharedmap'
import { describe, expect, it } from 'vitest'
import { explore } from '../../../src/explore/explore.ts'
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
    expect(places).toContainEqual({ line: 13, column: 10, operation: 'read', source: 'words[0]++' })
  })

  it('makes a lost update found by nothing but the call of explore', () => {
    const lost = () =>
      explore({
        setup: () => ({ words: new Int32Array(new SharedArrayBuffer(8)) }),
        threads: [({ words }) => increment(words), ({ words }) => increment(words)],
        after: ({ words }) => expect(words[0]).toBe(2),
      })
    expect(lost).toThrow(/^data-race: .*plugin\.test\.ts:13/)
  })

  it('instruments the packages that the config lists', () => {
    expect(twinOf(RingBuffer.prototype.push)).toBeTypeOf('function')
    const { prototype } = SharedMap as unknown as { prototype: { set: unknown } }
    expect(twinOf(prototype.set)).toBeTypeOf('function')
  })
})
