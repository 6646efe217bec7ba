/**
 * Many maps on one socket: what the sixteen cache slots hold, and what lies behind them.
 *
 * The shape of Linux's benchmark (tools/testing/selftests/bpf/benchs/bench_local_storage.c): the maps in turn, or
 * interleaved, where every third lookup is followed by one in map 0.
 */

import type { Sk } from '../src/shared/pointer.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, skStorageGet } from '../src/shared/sk-storage.ts'
import { skAlloc } from '../src/shared/sock.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { makeCpu, makeStorageMap } from './make.ts'
import type { Case, Row, Suite } from './suite.ts'

/** Lookups in turn, in one run. */
const TURNS = 12_000

/**
 * Million hits a second by number of maps: in turn, interleaved. Linux commit 44f10dbefd5e, patch v6 of 20 June 2022,
 * task storage, Skylake.
 */
const KERNEL: Readonly<Record<number, readonly [number, number]>> = {
  1: [47.298, 55.277],
  10: [40.24, 48.701],
  16: [44.515, 49.553],
  17: [38.778, 43.848],
  24: [19.317, 24.397],
  32: [13.333, 16.898],
  100: [6.36, 7.303],
  1000: [0.452, 0.542],
}
const COUNTS = Object.keys(KERNEL).map(Number)

function mapsCase(count: number, interleaved: boolean): Case {
  const cpu = makeCpu({ bytes: 16 << 20, optmemMax: 1 << 20 })
  const sk: Sk = skAlloc(cpu, {})
  const maps = Array.from({ length: count }, () => makeStorageMap(cpu))
  const first = maps[0]
  for (const map of maps) {
    rcuReadLock(cpu)
    skStorageGet(cpu, map, sk, null, BPF_SK_STORAGE_GET_F_CREATE)
    rcuReadUnlock(cpu)
  }
  let missing = 0
  const inTurn = () => {
    let at = 0
    for (let i = 0; i < TURNS; i++) {
      rcuReadLock(cpu)
      if (skStorageGet(cpu, maps[at], sk, null, 0) === 0) missing++
      rcuReadUnlock(cpu)
      rcuQuiescentState(cpu)
      at = at + 1 === count ? 0 : at + 1
    }
  }
  const interleave = () => {
    let at = 0
    for (let i = 0; i < TURNS; i++) {
      rcuReadLock(cpu)
      if (skStorageGet(cpu, maps[at], sk, null, 0) === 0) missing++
      if (at % 3 === 0 && skStorageGet(cpu, first, sk, null, 0) === 0) missing++
      rcuReadUnlock(cpu)
      rcuQuiescentState(cpu)
      at = at + 1 === count ? 0 : at + 1
    }
  }
  const extra = Array.from({ length: TURNS }, (_, i) => (i % count) % 3 === 0).filter(Boolean).length
  const name = nameOf(count, interleaved)
  return {
    name,
    count: interleaved ? TURNS + extra : TURNS,
    run: interleaved ? interleave : inTurn,
    check: () => {
      if (missing !== 0) throw new Error(`${name}: got ${missing} lookups that found nothing, expected none`)
    },
  }
}

function nameOf(count: number, interleaved: boolean): string {
  return `${interleaved ? 'interleaved' : 'sequential'}-${count}`
}

const rows: readonly Row[] = [false, true].flatMap((interleaved) =>
  COUNTS.flatMap((count): Row[] => {
    const name = nameOf(count, interleaved)
    const one = nameOf(1, interleaved)
    const label = `${count} map${count === 1 ? '' : 's'}, ${interleaved ? 'interleaved' : 'in turn'}`
    return [
      { name, label, base: one },
      {
        name: `kernel-${name}`,
        label: '  Linux, as published',
        base: `kernel-${one}`,
        quoted: 1000 / KERNEL[count][interleaved ? 1 : 0],
      },
    ]
  }),
)

export const maps: Suite = {
  name: 'maps',
  summary: 'many maps on one socket, beside the curve the kernel published',
  rows: () => rows,
  prepare: (names) =>
    [false, true].flatMap((interleaved) =>
      COUNTS.filter((count) => names.includes(nameOf(count, interleaved))).map((count) => mapsCase(count, interleaved)),
    ),
  footer: [
    'Each line is one lookup; ratios are to one map. Interleaved, a lookup in map 0 follows every third. The lines of Linux are',
    'quoted, not measured here: Dave Marchevsky, patch v6 of 20 June 2022, hits a second of task storage on a Skylake.',
  ],
}
