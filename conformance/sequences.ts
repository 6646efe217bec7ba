/**
 * Sequences of commands: valid, odd and hostile ones.
 *
 * A step says what is meant ("the second open map"), so that a shrunk sequence still hits something; spelling
 * (spell.ts) turns steps into lines. Behind whatever may change a charge, the line that asks for it is added.
 */

import fc from 'fast-check'
import { anyShape, LARGEST_SHAPES, ODD_SHAPES, type Shape, USUAL_SHAPES } from './shapes.ts'

/** The `nth` open one, or an odd descriptor as it is written. */
export type Ref = { readonly nth: number } | { readonly odd: string }

export type Step =
  | { op: 'map'; shape: Shape; change: MapChange }
  | { op: 'byid'; map: Ref }
  | { op: 'btfinfo'; nth: number; closed: boolean }
  | { op: 'closeBtf'; nth: number }
  | { op: 'unprivileged'; step: Step }
  | { op: 'info'; map: Ref }
  | { op: 'sock'; kind: string; family: string }
  | { op: 'accept'; sock: Ref }
  | { op: 'closeMap'; map: Ref }
  | { op: 'closeSock'; sock: Ref }
  | { op: 'update'; map: Ref; sock: Ref; fill: string; flags: string; length: number }
  | { op: 'lookup'; map: Ref; sock: Ref; flags: string }
  | { op: 'lookdel'; map: Ref; sock: Ref; flags: string }
  | { op: 'delete'; map: Ref; sock: Ref }
  | { op: 'next'; map: Ref; sock: Ref | null }
  | { op: 'batch'; kind: string; map: Ref; sock: Ref; flags: string }
  | { op: 'get'; map: Ref; sock: Ref; flags: string; init: string | null; write: number | null }
  | { op: 'del'; map: Ref; sock: Ref }
  | { op: 'testrun'; map: Ref; steps: readonly string[] }
  | { op: 'iter'; map: Ref; deletes: boolean }
  | { op: 'dump'; protocol: string; maps: 'all' | 'none' | readonly { readonly map: Ref; readonly how: string }[] }
  | { op: 'limit'; delta: number; values: readonly number[] }
  | { op: 'optmem'; bytes: number }

/** What a map request has instead of what its shape and the rules ask for. */
export interface MapChange {
  readonly type?: number
  readonly keySize?: number
  readonly valueSize?: number
  readonly maxEntries?: number
  readonly flags?: number
  readonly keyTypeId?: number
  readonly valueTypeId?: number
  readonly name?: string
  /** A descriptor of something else in place of the BTF's. */
  readonly btf?: string
}

const nth = fc.record({ nth: fc.nat({ max: 3 }) })
/**
 * Not open, never open, open but neither map nor socket. A map stands for a socket, and the other way round, by `nth`
 * of the other kind.
 */
const odd = fc.record({ odd: fc.constantFrom('closed', '-1', '2147483647', '-2147483648', 'file', 'b0', 'other') })
const ref: fc.Arbitrary<Ref> = fc.oneof({ weight: 14, arbitrary: nth }, { weight: 1, arbitrary: odd })

const ALL_ONES = String(2n ** 64n - 1n)
const updateFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '0', '0', '1', '2', '4', '5', '6') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('3', '7', '8', '12', String(2 ** 31), String(2 ** 32), String(2n ** 63n), ALL_ONES),
  },
)
const lookupFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '0', '4') },
  { weight: 1, arbitrary: fc.constantFrom('1', '2', '3', '8', String(2 ** 32), String(2 ** 32 + 4), ALL_ONES) },
)
const getFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '1', '1') },
  { weight: 1, arbitrary: fc.constantFrom('2', '3', '4', ALL_ONES) },
)

/** Two to six bytes that a value is filled with. */
const fill = fc
  .array(fc.constantFrom('00', '01', '02', '7f', '80', 'ff'), { minLength: 2, maxLength: 6 })
  .map((bytes) => bytes.join(''))
/** By how much a value is too long or, below 0, too short. */
const length = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-8, -4, 1, 8) },
)

const kind = fc.constantFrom('udp', 'udp', 'listener', 'listener', 'connected', 'connected', 'tcp', 'unix')
const family = fc.constantFrom('4', '4', '6')

const shape: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...USUAL_SHAPES) },
  { weight: 3, arbitrary: anyShape },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_SHAPES) },
  { weight: 1, arbitrary: fc.constantFrom(...LARGEST_SHAPES) },
)
const validChange: fc.Arbitrary<MapChange> = fc.constantFrom(
  {},
  {},
  { flags: 513 },
  { flags: 513 },
  { name: 'a.name_of_15byt' },
)
/** Past the edge of one field each. */
const edge: fc.Arbitrary<MapChange> = fc.constantFrom<MapChange>(
  ...[0, 3, 5, 8].map((keySize) => ({ keySize })),
  ...[0, 1, 7, 9, 65406, 65407, 65408, 2 ** 31 - 1, 2 ** 32 - 1].map((valueSize) => ({ valueSize })),
  ...[1, 2 ** 32 - 1].map((maxEntries) => ({ maxEntries })),
  ...[0, 2, 3, 512, 1025, 64, 2 ** 31 + 1, 2 ** 32 - 1].map((flags) => ({ flags })),
  { type: 99 },
  { type: 2 ** 31 },
  { keyTypeId: 0 },
  { valueTypeId: 0 },
  { keyTypeId: 2 ** 31 },
  { name: 'bad-name' },
  ...['closed', 'file', '-1', 'other'].map((btf) => ({ btf })),
  { name: 'sixteen_bytes_16' },
)
const hostileChange: fc.Arbitrary<MapChange> = fc.tuple(edge, edge).map(([one, two]) => ({ ...one, ...two }))

/** Limits that a few elements reach, to the byte or nearly. */
const limit = fc.record({
  op: fc.constant('limit' as const),
  delta: fc.constantFrom(-1, 0, 1, 1, 50, 200),
  values: fc.array(fc.constantFrom(8, 8, 4, 12, 16, 600), { maxLength: 4 }),
})

const op = <Name extends Step['op']>(name: Name) => fc.constant(name)
const dumpMap = fc.record({ map: ref, how: fc.constantFrom('', '', '', '', 'short:', 'odd:') })

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: op('map'), shape, change: validChange }) },
  { weight: 1, arbitrary: fc.record({ op: op('map'), shape, change: hostileChange }) },
  { weight: 1, arbitrary: fc.record({ op: op('byid'), map: ref }) },
  { weight: 1, arbitrary: fc.record({ op: op('info'), map: ref }) },
  { weight: 1, arbitrary: fc.record({ op: op('btfinfo'), nth: fc.nat({ max: 3 }), closed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: op('closeBtf'), nth: fc.nat({ max: 3 }) }) },
  { weight: 5, arbitrary: fc.record({ op: op('sock'), kind, family }) },
  { weight: 3, arbitrary: fc.record({ op: op('accept'), sock: ref }) },
  { weight: 1, arbitrary: fc.record({ op: op('closeMap'), map: ref }) },
  { weight: 2, arbitrary: fc.record({ op: op('closeSock'), sock: ref }) },
  { weight: 18, arbitrary: fc.record({ op: op('update'), map: ref, sock: ref, fill, flags: updateFlags, length }) },
  { weight: 8, arbitrary: fc.record({ op: op('lookup'), map: ref, sock: ref, flags: lookupFlags }) },
  { weight: 1, arbitrary: fc.record({ op: op('lookdel'), map: ref, sock: ref, flags: lookupFlags }) },
  { weight: 4, arbitrary: fc.record({ op: op('delete'), map: ref, sock: ref }) },
  { weight: 1, arbitrary: fc.record({ op: op('next'), map: ref, sock: fc.option(ref) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: op('batch'),
      kind: fc.constantFrom('lookup', 'lookdel', 'update', 'delete'),
      map: ref,
      sock: ref,
      flags: fc.constantFrom('0', '4', '1', ALL_ONES),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: op('get'),
      map: nth,
      sock: nth,
      flags: getFlags,
      init: fc.option(fill),
      write: fc.option(fc.integer()),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: op('del'), map: nth, sock: nth }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: op('testrun'),
      map: nth,
      steps: fc.array(fc.constantFrom('g0', 'g1', 'g1', 'd', 'g2'), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: op('iter'), map: nth, deletes: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: op('dump'),
      protocol: fc.constantFrom('tcp', 'tcp', 'udp'),
      maps: fc.oneof(
        fc.constantFrom('all' as const, 'none' as const),
        fc.array(dumpMap, { minLength: 1, maxLength: 4 }),
      ),
    }),
  },
  { weight: 2, arbitrary: limit },
  {
    weight: 1,
    arbitrary: fc.record({ op: op('optmem'), bytes: fc.constantFrom(0, 1, 176, 1000, 20480, 131072, 131072) }),
  },
)

/** What a process may ask for without capabilities: loading programs it may not, and the limit is not its own. */
const NEEDS_NO_PROGRAM = [
  'map',
  'byid',
  'info',
  'btfinfo',
  'update',
  'lookup',
  'lookdel',
  'delete',
  'next',
  'batch',
  'dump',
]

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: anyStep },
  {
    weight: 1,
    arbitrary: anyStep
      .filter(({ op }) => NEEDS_NO_PROGRAM.includes(op))
      .map((step) => ({ op: 'unprivileged' as const, step })),
  },
)

/** A sequence begins with a map or two and a socket or two. */
export const sequence: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(fc.record({ op: op('map'), shape: fc.constantFrom(...USUAL_SHAPES), change: validChange }), {
      minLength: 1,
      maxLength: 3,
      size: 'max',
    }),
    fc.array(fc.record({ op: op('sock'), kind, family }), { minLength: 1, maxLength: 3, size: 'max' }),
    fc.array(step, { maxLength: 40, size: 'max' }),
  )
  .map(([maps, socks, rest]) => [...maps, ...socks, ...rest])
