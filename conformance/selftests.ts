/**
 * Fixed sequences: what the kernel's own selftests do, in the commands that both sides understand.
 */

import { bpfSpinLock, i32, struct } from '../src/shared/btf/btf.ts'
import { mapBtf } from '../src/shared/btf/emit.ts'
import { hexOf } from './hex.ts'

const Value = struct('val', { cnt: i32, lock: bpfSpinLock })
const { bytes, keyTypeId, valueTypeId } = mapBtf(Value)
const types = `${keyTypeId} ${valueTypeId}`
/** A count and a lock word that nobody may take over. */
const value = (cnt: string) => `${cnt}000000ffffffff`

/** The sequence `basic` of map_tests/sk_storage_map.c (03ab8e6297ac). */
export const BASIC: readonly string[] = [
  `btf b0 ${hexOf(bytes)}`,
  `map m0 b0 24 4 8 0 1 ${types} sk_storage_map`,
  'sock s0 udp 6',
  `update m0 s0 ${value('10')} 5`,
  'lookup m0 s0 4',
  `update m0 s0 ${value('20')} 6`,
  'lookup m0 s0 4',
  `update m0 s0 ${value('30')} 2`,
  'lookup m0 s0 4',
  `update m0 s0 ${value('40')} 5`,
  'lookup m0 s0 4',
  `update m0 s0 ${value('50')} 1`,
  'lookup m0 s0 4',
  `update m0 s0 ${value('60')} 0`,
  'lookup m0 s0 4',
  'delete m0 s0',
  'lookup m0 s0 4',
  'delete m0 s0',
  'omem s0',
  `map m1 b0 24 4 8 0 1 0 ${valueTypeId}`,
  `map m1 b0 24 4 8 0 1 ${valueTypeId} ${valueTypeId}`,
  `map m1 b0 24 4 8 1 1 ${types}`,
  `map m1 b0 24 4 8 0 0 ${types}`,
  'close s0',
  'close m0',
]

/**
 * The three maps of prog_tests/sockopt_inherit.c (05909cd9a0c8): two that children inherit, one that they don't; and
 * what each end then has.
 */
export const SOCKOPT_INHERIT: readonly string[] = [
  `btf b0 ${hexOf(bytes)}`,
  `map m0 b0 24 4 8 0 513 ${types} cloned1_map`,
  `map m1 b0 24 4 8 0 513 ${types} cloned2_map`,
  `map m2 b0 24 4 8 0 1 ${types} listener_only`,
  'sock s0 listener 4',
  ...['m0', 'm1', 'm2'].map((map) => `update ${map} s0 ${value('01')} 1`),
  'accept s2 s0 s1',
  ...['s0', 's1', 's2'].flatMap((sock) => ['m0', 'm1', 'm2'].map((map) => `lookup ${map} ${sock} 4`)),
  'omem s2',
  `update m0 s2 ${value('02')} 2`,
  'lookup m0 s0 4',
  'dump tcp all',
  'dump tcp m1 m2',
]

/**
 * Three sockets, walked by an iterator, as in prog_tests/bpf_iter.c (063565aca373): seen, deleted as they are seen,
 * gone.
 */
export const ITERATOR: readonly string[] = [
  `btf b0 ${hexOf(bytes)}`,
  `map m0 b0 24 4 8 0 1 ${types}`,
  'iter m0',
  ...['s0 udp 6', 's1 connected 4', 's2 listener 4'].map((sock) => `sock ${sock}`),
  ...['s0', 's1', 's2'].map((sock, i) => `update m0 ${sock} ${value(`0${i + 1}`)} 1`),
  'iter m0',
  'iter m0 delete',
  'iter m0',
  ...['s0', 's1', 's2'].flatMap((sock) => [`lookup m0 ${sock} 0`, `omem ${sock}`]),
]

/** Programs: on the dummy socket of a test run, on real sockets of any kind, and on a packet that leaves. */
export const PROGRAMS: readonly string[] = [
  `btf b0 ${hexOf(bytes)}`,
  `map m0 b0 24 4 8 0 1 ${types}`,
  'sock s0 listener 4',
  'sock s1 connected 4',
  'testrun m0 g0 g1 g0 d d g2 g1',
  'prog get m0 s0 0 - 0',
  'prog get m0 s0 2 - 0',
  `prog get m0 s0 1 ${value('07')} 0 9`,
  'prog get m0 s0 0 - 0',
  'lookup m0 s0 4',
  'prog del m0 s0',
  'prog del m0 s0',
  'egress m0 s1',
  'egress m0 s1',
  'lookup m0 s1 4',
  'omem s1',
]
