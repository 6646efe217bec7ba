/**
 * The numbers in the maps of a scenario, by name: `cnt`, or `egress_cnt[0].cnt` where more than one value could be
 * meant.
 */

import { arrayMapLookupElem } from '../../shared/array-map.ts'
import { hashMapGetNextKey, hashMapLookupElem } from '../../shared/hash-map.ts'
import { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import type { BpfMap, Sk } from '../../shared/pointer.ts'
import { HEADER, MAP, SDATA } from '../../shared/records.ts'
import { skStorageLookup } from '../../shared/sk-storage-lookup.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import { readField } from '../value-fields.ts'
import type { PlannedMap, ScenarioPlan, ScenarioState, Shown } from './scenario-plan.ts'

/** Values of an array that are told. */
const MOST_VALUES = 16

/** Where a value stands and what it is called. */
export interface Place {
  readonly word: number
  readonly prefix: string
}

/** All numbers there are now. `short`: without the map's name where only one value has that field. */
export function shownValues(plan: ScenarioPlan, state: ScenarioState, short: boolean): Shown {
  const main = state.cpus[state.cpus.length - 1]
  const all: (readonly [full: string, field: string, value: bigint])[] = []
  rcuReadLock(main)
  for (const map of plan.maps)
    for (const { word, prefix } of valuesOf(main, plan, state, map))
      for (const field of map.fields)
        all.push([`${prefix}.${field.name}`, field.name, readField(main.bytes, 4 * word, field)])
  rcuReadUnlock(main)
  const count = new Map<string, number>()
  for (const map of plan.maps)
    for (const { name } of map.fields) count.set(name, (count.get(name) ?? 0) + valuesIn(plan, map))
  return new Map(all.map(([full, field, value]) => [short && count.get(field) === 1 ? field : full, value]))
}

/** How many values of a map there may be. */
function valuesIn({ sockets }: ScenarioPlan, { definition: { type, maxEntries } }: PlannedMap): number {
  return type === BPF_MAP_TYPE_SK_STORAGE ? sockets : maxEntries
}

/** The values of a map that are there now. In a read section. */
export function valuesOf(
  cpu: Cpu,
  plan: ScenarioPlan,
  { maps, sockets, fds }: ScenarioState,
  { definition }: PlannedMap,
): Place[] {
  const { name, type, maxEntries, initial } = definition
  const map = maps[name]
  if (type === BPF_MAP_TYPE_SK_STORAGE) {
    const open = sockets.map((sk, i) => (isOpen(cpu, fds[i]) ? storageValue(cpu, map, sk) : 0))
    return open
      .map((word, i) => ({ word, prefix: plan.sockets === 1 ? name : `${name}[${i}]` }))
      .filter(({ word }) => word !== 0)
  }
  if (type === BPF_MAP_TYPE_HASH) return hashValues(cpu, map, name)
  const count = Math.min(maxEntries, MOST_VALUES)
  const indices = Array.from({ length: count }, (_, i) => i)
  const value = (on: Cpu, i: number) => arrayMapLookupElem(on, map, Int32Array.of(i), 0)
  if (type !== BPF_MAP_TYPE_PERCPU_ARRAY)
    return indices.map((i) => ({ word: value(cpu, i), prefix: initial === undefined ? `${name}[${i}]` : name }))
  return indices.flatMap((i) =>
    plan.programs.map((_, id) => ({ word: value({ ...cpu, id }, i), prefix: `${name}[${i}]@${id}` })),
  )
}

function isOpen({ words }: Cpu, fd: number): boolean {
  return words[words[HEADER.fds] + fd] > 0
}

function storageValue(cpu: Cpu, map: BpfMap, sk: Sk): number {
  const sdata = skStorageLookup(cpu, map, sk, false)
  return sdata === 0 ? 0 : sdata + SDATA.value
}

function hashValues(cpu: Cpu, map: BpfMap, name: string): Place[] {
  const values: Place[] = []
  const words = (cpu.words[map + MAP.keySize] + 3) >> 2
  const key = new Int32Array(words)
  for (let at: Int32Array | null = null; values.length < MOST_VALUES; at = key) {
    if (hashMapGetNextKey(cpu, map, at, key) !== 0) break
    values.push({ word: hashMapLookupElem(cpu, map, key, 0), prefix: `${name}[${key.join(' ')}]` })
  }
  return values.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
}
