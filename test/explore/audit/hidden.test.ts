/**
 * A hidden buffer holds another number wherever something stood, again and again, and what stood there afterwards.
 */
import { describe, expect, it } from 'vitest'
import { bare, cover, hide, reveal } from '../../../src/explore/audit/hidden.ts'
import { POISONS, poisonNamed } from '../../../src/explore/audit/poison.ts'
import { shapeOf } from '../../../src/explore/engine/memory.ts'
import { createExecution } from '../../../src/explore/engine/state.ts'

const made = (values: readonly number[], bytes: number) => {
  const buffer = new SharedArrayBuffer(bytes)
  const view = new Int32Array(buffer, 0, bytes >> 2)
  view.set(values)
  const x = createExecution([], [])
  const { region } = shapeOf(x.memory, view)!
  return { x, view, region, all: new Uint8Array(buffer) }
}

describe('a buffer behind the veil', () => {
  it.each(POISONS)('holds nothing that belongs there, not even where that is poison: %s', (name) => {
    // Two passes, since the second takes what the first has made: what stands in the first hides nothing there.
    const first = made([0], 4)
    const poison = poisonNamed(name, first.x)
    hide(first.region, poison)
    const [mostly] = first.view
    const other = poison.of(64, mostly)
    const values = [1, mostly, 2, other, mostly, -1]
    const { x, view, region, all } = made(values, 26)
    for (let pass = 0; pass < 3; pass++) {
      const hidden = hide(region, poisonNamed(name, x))
      expect([...view].some((value, i) => value === values[i])).toBe(false)
      expect(all[24] === 0 || all[25] === 0).toBe(false)
      expect([...region.words]).toEqual(values)
      bare(hidden)
      expect([...view]).toEqual(values)
      expect(region.words[0]).toBe(1)
      expect(region.bytes.buffer).toBe(view.buffer)
    }
  })

  it('shows the bytes that it is asked to and no others, and hides what was stored', () => {
    const { x, view, region, all } = made([1, 2, 3], 14)
    const poison = poisonNamed('pattern', x)
    const hidden = hide(region, poison)
    const [, , hiddenThird] = view
    reveal(hidden, 4, 8)
    expect([view[0] === 1, view[1], view[2]]).toEqual([false, 2, hiddenThird])
    region.words[1] = 0x1d3b
    cover(hidden, 4, 8, poison)
    expect(view[1]).not.toBe(2)
    expect(view[1]).not.toBe(0x1d3b)
    const before = [...all]
    reveal(hidden, 9, 11)
    reveal(hidden, 13, 14)
    expect([...all].map((byte, at) => byte === before[at])).toEqual(
      before.map((byte, at) => (at === 9 || at === 10 || at === 13 ? region.bytes[at] === byte : true)),
    )
    cover(hidden, 9, 11, poison)
    cover(hidden, 13, 14, poison)
    expect([...all]).toEqual(before)
    bare(hidden)
    expect([...view]).toEqual([1, 0x1d3b, 3])
  })
})
