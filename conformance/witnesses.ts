/**
 * For each row of the table of known differences a sequence that meets it: a row that nothing meets explains nothing.
 *
 * Sizes: on 6.18 the first element with a value of 8 bytes costs a socket 256 bytes and each other one 80; ours, as in
 * 5.2, 304 and 136.
 */

import { bpfSpinLock, struct, u32 } from '../src/shared/btf/btf.ts'
import { mapBtf } from '../src/shared/btf/emit.ts'
import { hexOf } from './hex.ts'
import { LARGEST_SHAPES, NEWER_SHAPES, type Shape, USUAL_SHAPES } from './shapes.ts'

const { bytes, keyTypeId, valueTypeId } = mapBtf(struct('val', { lock: bpfSpinLock, cnt: u32 }) as never)
const types = `${keyTypeId} ${valueTypeId}`
const BEGIN = [`btf b0 ${hexOf(bytes)}`, `map m0 b0 24 4 8 0 513 ${types}`, 'sock s0 listener 4']
const FULL = 'ffffffffffffffff'
/** Between what one element costs in the kernel and here. */
const BETWEEN = 'optmem 280'

const mapOf = ({ btf, valueSize, keyTypeId, valueTypeId }: Shape, n: number) => [
  `btf b${n} ${btf}`,
  `map m${n} b${n} 24 4 ${valueSize} 0 1 ${keyTypeId} ${valueTypeId}`,
]

const WIDE = USUAL_SHAPES.find(({ valueSize }) => valueSize === 600)!

export const WITNESSES: Readonly<Record<string, readonly string[]>> = {
  'charge-sizes': [...BEGIN, `update m0 s0 ${FULL} 0`, 'omem s0'],
  'charge-decides': [...BEGIN, BETWEEN, `update m0 s0 ${FULL} 0`, 'lookup m0 s0 0', 'prog get m0 s0 1 - 4'],
  'charge-before-look': [
    ...BEGIN,
    `update m0 s0 ${FULL} 0`,
    'omem s0',
    BETWEEN,
    `update m0 s0 ${FULL} 2`,
    'lookup m0 s0 0',
  ],
  'charge-decides-accept': [...BEGIN, `update m0 s0 ${FULL} 0`, BETWEEN, 'accept s1 s0', 'lookup m0 s1 0'],
  'connection-dropped': [...BEGIN, `update m0 s0 ${FULL} 0`, 'optmem 100', 'accept s1 s0'],
  'charge-decides-test-run': [...BEGIN, BETWEEN, 'testrun m0 g1 g0'],
  // Whatever the kernel had in the buffer before shows: bytes of large values, if many were dumped just now.
  'lock-bytes-in-dump': [
    ...mapOf(NEWER_SHAPES[2], 1),
    ...BEGIN,
    ...Array.from({ length: 40 }, (_, i) => [`sock s${i + 1} listener 4`, `update m1 s${i + 1} ffff*12 0`]).flat(),
    ...Array(8).fill('dump tcp m1'),
    ...Array.from({ length: 40 }, (_, i) => `update m0 s${i + 1} ${FULL} 0`),
    'dump tcp m0',
  ],
  'attribute-wraps': [
    ...LARGEST_SHAPES.slice(0, 1).flatMap((shape) => mapOf(shape, 1)),
    ...BEGIN,
    ...mapOf(WIDE, 2),
    'update m1 s0 0001*65407 0',
    'dump tcp all',
    'update m2 s0 0001*600 0',
    'dump tcp all',
    `update m0 s0 ${FULL} 0`,
    'dump tcp all',
    'dump tcp m1',
  ],
  'no-user-memory': [...BEGIN, 'update m0 s0 01020304 0'],
  'locks-refused-at-load': NEWER_SHAPES.slice(0, 2).flatMap(mapOf),
  'nested-lock': NEWER_SHAPES.slice(2).flatMap((shape, n) => [
    ...mapOf(shape, n),
    'optmem 131072',
    `sock s${n} udp 4`,
    `update m${n} s${n} ff*${shape.valueSize} 5`,
    `lookup m${n} s${n} 4`,
    `prog get m${n} s${n} 0 - 0`,
    `iter m${n}`,
    // No room for another: the kernel says so before it looks for the one there is.
    `omem s${n}`,
    'optmem 300',
    ...[5, 6, 4].map((flags) => `update m${n} s${n} 01*${shape.valueSize} ${flags}`),
    `lookup m${n} s${n} 4`,
    `omem s${n}`,
  ]),
  'permission-later': ['caps none', 'map m0 b0 24 4 65408 0 1 1 1', 'map m0 b0 24 4 8 0 1 1 1', 'caps all'],
}
