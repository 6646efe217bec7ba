/**
 * Published packages, explored: what the explorer says about code that was never written for it.
 */

import { RingBuffer } from 'ringbuf.js'
import SharedMapModule from 'sharedmap'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'

interface Map {
  set(key: string, value: string): void
  get(key: string): string | undefined
}
const SharedMap = SharedMapModule as unknown as new (size: number, key: number, value: number) => Map

describe('sharedmap 1.2.0', () => {
  it('locks itself for ever when a key of a full map is overwritten', () => {
    const result = check({
      setup: () => {
        const map = new SharedMap(4, 4, 4)
        for (const key of ['a', 'b', 'c', 'd']) map.set(key, '1')
        return { map }
      },
      threads: [({ map }) => map.set('a', '2')],
    })
    expect(result.violation).toMatchObject({ kind: 'deadlock' })
  })
})

describe('ringbuf.js', () => {
  it('hands everything from one producer to one consumer, in order and without a race', () => {
    const result = check({
      setup: () => {
        const sab = RingBuffer.getStorageForCapacity(2, Uint8Array)
        return { sab }
      },
      threads: [
        function producer({ sab }) {
          const ring = new RingBuffer(sab, Uint8Array)
          ring.push(Uint8Array.of(1))
          ring.push(Uint8Array.of(2))
        },
        function consumer({ sab }) {
          const ring = new RingBuffer(sab, Uint8Array)
          const got = new Uint8Array(2)
          const first = ring.pop(got, 1)
          const second = ring.pop(got, 1, first)
          const count = first + second
          if (count > 0 && got[0] !== 1) throw new Error('out of order')
          if (count > 1 && got[1] !== 2) throw new Error('out of order')
        },
      ],
    })
    expect(result.violation).toBeNull()
    expect(result.exhaustive).toBe(true)
    expect(result.redundant).toBe(0)
  })

  it('races if two produce at once, which it never promised to bear', () => {
    const push = ({ ring }: { ring: RingBuffer }) => ring.push(Uint8Array.of(1))
    const result = check({
      setup: () => ({ ring: new RingBuffer(RingBuffer.getStorageForCapacity(2, Uint8Array), Uint8Array) }),
      threads: [push, push],
    })
    expect(result.violation?.kind).toBe('data-race')
    expect(result.violation?.sites.join()).toMatch(/ringbuf\.js/)
  })
})
