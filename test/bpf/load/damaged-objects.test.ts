import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadBpfObject } from '../../../src/bpf/load/load-object.ts'
import { BpfObjectError } from '../../../src/bpf/load/object-error.ts'
import { LONG } from '../../share.ts'
import { OBJECTS, objectBytes } from './objects.ts'

const files = OBJECTS.map(objectBytes)

/** One damage. Places are fractions of the file, so that they shrink for each. */
type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'header'; readonly section: number; readonly field: number; readonly value: number }
  | { readonly kind: 'swap'; readonly one: number; readonly other: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'copy'; readonly from: number; readonly to: number; readonly length: number }

const place = fc.nat({ max: 1 << 20 })
const value = fc.oneof(
  fc.constantFrom(0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff),
  fc.nat({ max: 20_000 }),
)
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('word' as const), at: place, value }),
  fc.record({ kind: fc.constant('header' as const), section: place, field: fc.nat({ max: 15 }), value }),
  fc.record({ kind: fc.constant('swap' as const), one: place, other: place }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('copy' as const), from: place, to: place, length: fc.nat({ max: 64 }) }),
)

function damaged(file: Uint8Array, damages: readonly Damage[]): Uint8Array {
  let bytes = file.slice()
  for (const one of damages) {
    if (bytes.length < 64) break
    const view = new DataView(bytes.buffer)
    const headers = Number(view.getBigUint64(40, true))
    const count = view.getUint16(60, true)
    const header = (section: number) => headers + 64 * (section % Math.max(1, count))
    const inside = (at: number, length: number) => at >= 0 && at + length <= bytes.length
    if (one.kind === 'flip') bytes[one.at % bytes.length] ^= 1 << one.bit
    if (one.kind === 'word') view.setUint32((one.at % (bytes.length - 4)) & ~3, one.value, true)
    if (one.kind === 'header' && inside(header(one.section), 64))
      view.setUint32(header(one.section) + 4 * one.field, one.value, true)
    if (one.kind === 'swap' && inside(header(one.one), 64) && inside(header(one.other), 64)) {
      const kept = bytes.slice(header(one.one), header(one.one) + 64)
      bytes.copyWithin(header(one.one), header(one.other), header(one.other) + 64)
      bytes.set(kept, header(one.other))
    }
    if (one.kind === 'cut') bytes = bytes.slice(0, one.at % bytes.length)
    if (one.kind === 'copy')
      bytes.copyWithin(one.to % bytes.length, one.from % bytes.length, (one.from % bytes.length) + one.length)
  }
  return bytes
}

/** Programs of a damaged file are never more than a few times its size. */
const MOST_BYTES = 1 << 20

describe('a damaged object', () => {
  it('gives an object or one sentence, whatever is damaged', () => {
    let loaded = 0
    const runs = LONG ? 50_000 : 2000
    fc.assert(
      fc.property(
        fc.nat({ max: files.length - 1 }),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        (file, damages) => {
          try {
            const { programs, maps } = loadBpfObject(damaged(files[file], damages), 'x.bpf.o')
            loaded++
            const bytes = [
              ...programs.map(({ code }) => code),
              ...maps.map(({ initial = new Uint8Array() }) => initial),
            ]
            expect(bytes.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(8 * MOST_BYTES)
          } catch (error) {
            if (!(error instanceof BpfObjectError)) throw error
            expect(error.message).toMatch(/^x\.bpf\.o: \S.*[^.]$/)
            expect(error.message).not.toMatch(/undefined|NaN|\[object/)
          }
        },
      ),
      { numRuns: runs },
    )
    // A test in which nothing loads would say little of what does.
    expect(loaded).toBeGreaterThan(runs / 20)
  })

  it('is refused at whatever length it is cut off', () => {
    const step = LONG ? 1 : 13
    for (const [i, file] of files.entries())
      for (let length = 0; length < file.length; length += step)
        expect(() => loadBpfObject(file.slice(0, length), OBJECTS[i]), `${OBJECTS[i]} ${length}`).toThrow(
          BpfObjectError,
        )
  })
})
