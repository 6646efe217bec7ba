/**
 * Sequences of commands on arrays and per-CPU arrays: maps of many sizes and flags, and what is done with their values.
 *
 * Written down at once as lines: which map is open decides nothing here, since both sides are asked all the same.
 */

import fc from 'fast-check'
import { anyShape, type Shape, USUAL_SHAPES } from './shapes.ts'

/** The largest value whose update for all CPUs fits into a command. */
const LARGEST = 200
/** Bytes of an update: enough for each of 64 CPUs, whatever the value's size is. */
const BYTES = 64 * (LARGEST + 8)
const MOST_MAPS = 3

const ARRAY = 2
const PERCPU_ARRAY = 6
const ALL_ONES = String(2n ** 64n - 1n)

const shape: fc.Arbitrary<Shape> = fc
  .oneof(fc.constantFrom(...USUAL_SHAPES), anyShape)
  .filter(({ valueSize }) => valueSize <= LARGEST)

/** Flags that both know; those for processes, nodes and maps in maps are not here. */
const flags = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 1 << 7, 1 << 8, 1 << 10, (1 << 10) | (1 << 7)) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 512, (1 << 7) | (1 << 8), 2 ** 31, 2 ** 32 - 1) },
)

interface Asked {
  readonly shape: Shape
  readonly type: number
  readonly maxEntries: number
  readonly flags: number
  /** What stands in place of what the shape and the rules ask for. */
  readonly change: { readonly keySize?: number; readonly valueSize?: number; readonly ids?: readonly [number, number] }
}

const asked: fc.Arbitrary<Asked> = fc.record({
  shape,
  type: fc.constantFrom(ARRAY, ARRAY, PERCPU_ARRAY),
  maxEntries: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(1, 2, 5) }, { weight: 1, arbitrary: fc.constant(0) }),
  flags,
  change: fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Asked['change']>(
        { ids: [0, 0] },
        { ids: [0, 0] },
        { ids: [1, 0] },
        { ids: [0, 1] },
        { ids: [99, 1] },
        { keySize: 8 },
        { keySize: 0 },
        { valueSize: 0 },
        { valueSize: 2 ** 31 },
        { valueSize: 2 ** 32 - 1 },
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom<Asked['change']>({ valueSize: 32 * 1024 }, { valueSize: 32 * 1024 + 1 }) },
  ),
})

function mapLines({ shape, type, maxEntries, flags, change }: Asked, n: number): string[] {
  const { keySize = 4, valueSize = shape.valueSize, ids = [shape.keyTypeId, shape.valueTypeId] } = change
  // Without BTF a map may have any size; with it, only that of its type.
  return [
    `btf b${n} ${shape.btf}`,
    `map m${n} b${n} ${type} ${keySize} ${valueSize} ${maxEntries} ${flags} ${ids.join(' ')}`,
  ]
}

const map = fc.nat({ max: MOST_MAPS - 1 }).map((n) => `m${n}`)
const index = fc.constantFrom('0', '0', '1', '1', '4', '5', '-1', '2147483647')
const updateFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '0', '0', '1', '2', '4') },
  { weight: 1, arbitrary: fc.constantFrom('3', '5', '6', '8', String(2 ** 32), ALL_ONES) },
)
const lookupFlags = fc.constantFrom('0', '0', '0', '4', '1', '2', String(2 ** 32 + 4), ALL_ONES)
const fill = fc.constantFrom('00', '01', '0102030405060708', 'ff', '80007f')

const line: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(map, index, fill, updateFlags)
      .map(([m, i, f, flags]) => `update ${m} ${i} ${f}*${BYTES} ${flags}`),
  },
  { weight: 6, arbitrary: fc.tuple(map, index, lookupFlags).map(([m, i, flags]) => `lookup ${m} ${i} ${flags}`) },
  { weight: 2, arbitrary: fc.tuple(map, index).map(([m, i]) => `delete ${m} ${i}`) },
  { weight: 3, arbitrary: fc.tuple(map, fc.oneof(index, fc.constant('null'))).map(([m, i]) => `next ${m} ${i}`) },
  { weight: 1, arbitrary: fc.tuple(map, index, lookupFlags).map(([m, i, flags]) => `lookdel ${m} ${i} ${flags}`) },
  { weight: 1, arbitrary: map.map((m) => `freeze ${m}`) },
  { weight: 1, arbitrary: map.map((m) => `info ${m}`) },
)

/** Some maps, and what is done with them. */
export const arraySequence: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.array(asked, { minLength: 1, maxLength: MOST_MAPS, size: 'max' }),
    fc.array(line, { maxLength: 30, size: 'max' }),
  )
  .map(([maps, lines]) => [...maps.flatMap(mapLines), ...lines])
