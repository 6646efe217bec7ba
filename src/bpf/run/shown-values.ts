/**
 * The numbers in the maps of a scenario, by name: `cnt`, or `egress_cnt[0].cnt` where more than one value could be
 * meant; and what is in their values besides, as one number for each map.
 */

import { arrayMapLookupElem } from '../../shared/array-map.ts'
import { hashMapGetNextKey, hashMapLookupElem } from '../../shared/hash-map.ts'
import { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import type { BpfMap, Sk } from '../../shared/pointer.ts'
import { HEADER, MAP, SDATA } from '../../shared/records.ts'
import { skStorageLookup } from '../../shared/sk-storage-lookup.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import { readField, type ValueField } from '../value-fields.ts'
import type { PlannedMap, ScenarioPlan, ScenarioState, Shown } from './scenario-plan.ts'

/** Values of an array whose numbers are told by name; of the others it is told that they changed. */
const MOST_VALUES = 16

/** Where a value stands and what it is called. */
export interface Place {
  readonly word: number
  readonly prefix: string
}

/** All there is in the maps now: a number without its map's name where only one value has that field. */
export function shownValues(plan: ScenarioPlan, state: ScenarioState): Shown {
  const main = state.cpus[state.cpus.length - 1]
  const all: (readonly [prefix: string, field: string, value: bigint])[] = []
  const values: string[] = []
  const rest = new Map<string, number>()
  rcuReadLock(main)
  for (const map of plan.maps) {
    const places = valuesOf(main, plan, state, map)
    const lock = lockBytes(map)
    const told = new Set([...lock, ...fieldBytes(map)])
    const sum = (word: number, bytes: ReadonlySet<number>, salt: number) =>
      sumOf(main.bytes, 4 * word, map.definition.valueSize, bytes, salt)
    let other = 0
    for (const { word, prefix } of places) {
      values.push(prefix)
      other = (other + sum(word, told, saltOf(prefix))) | 0
      for (const field of map.fields) all.push([prefix, field.name, readField(main.bytes, 4 * word, field)])
    }
    for (const [i, word] of untoldWords(main, plan, state, map).entries()) other = (other + sum(word, lock, i)) | 0
    rest.set(map.definition.name, other)
  }
  rcuReadUnlock(main)
  const count = new Map<string, number>()
  for (const map of plan.maps)
    for (const { name } of map.fields) count.set(name, (count.get(name) ?? 0) + valuesIn(plan, map))
  const nameOf = (prefix: string, field: string): string => (count.get(field) === 1 ? field : `${prefix}.${field}`)
  return {
    numbers: new Map(all.map(([prefix, field, value]) => [nameOf(prefix, field), value])),
    owners: new Map(all.map(([prefix, field]) => [nameOf(prefix, field), prefix])),
    values: new Set(values),
    rest,
  }
}

/** What is not the same any more, in words; empty where all is. */
export function changedSince(before: Shown, now: Shown): string {
  // Of a value that is new the zeroes are not told, unless there is nothing else.
  const numbers = [...now.numbers].filter(([name, value]) => (before.numbers.get(name) ?? 0n) !== value)
  const told = new Set(numbers.map(([name]) => now.owners.get(name)))
  const made = [...now.values].filter((value) => !before.values.has(value) && !told.has(value))
  const gone = [...before.values].filter((value) => !now.values.has(value))
  const rest = [...now.rest].filter(([name, sum]) => before.rest.get(name) !== sum)
  return [
    ...numbers.map(([name, value]) => `${name} ${value}`),
    ...made.map((value) => `${value} made`),
    ...gone.map((value) => `${value} gone`),
    ...rest.map(([name, sum]) => `other bytes of ${name} ${(sum >>> 0).toString(16)}`),
  ].join(' ')
}

const LOCK_BYTES = 4

function lockBytes({ definition: { spinLock } }: PlannedMap): ReadonlySet<number> {
  return new Set(spinLock === undefined ? [] : Array.from({ length: LOCK_BYTES }, (_, i) => spinLock + i))
}

function fieldBytes({ fields }: PlannedMap): number[] {
  return fields.flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i))
}

/** A number that is another where a byte besides those in `told` is another; 0 where all of them are. */
function sumOf(bytes: Uint8Array, at: number, size: number, told: ReadonlySet<number>, salt: number): number {
  let sum = 0
  for (let i = 0; i < size; i++)
    if (bytes[at + i] !== 0 && !told.has(i)) sum = (sum + mixed(mixed(mixed(salt, i), bytes[at + i]), size)) | 0
  return sum
}

/** Murmur3's last steps. */
function mixed(a: number, b: number): number {
  let x = Math.imul(a ^ b, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) + 0x9e3779b9
}

function saltOf(text: string): number {
  let salt = text.length
  for (let i = 0; i < text.length; i++) salt = mixed(salt, text.charCodeAt(i))
  return salt
}

/** How many values of a map there may be. */
function valuesIn({ sockets }: ScenarioPlan, { definition: { type, maxEntries } }: PlannedMap): number {
  return type === BPF_MAP_TYPE_SK_STORAGE ? sockets.length : maxEntries
}

/** The values of a map that are there now. In a read section. */
export function valuesOf(
  cpu: Cpu,
  plan: ScenarioPlan,
  { maps, mapFds, sockets, fds }: ScenarioState,
  { definition, keyFields }: PlannedMap,
): Place[] {
  const { name, type, maxEntries, initial } = definition
  if (!isOpen(cpu, mapFds[name])) return []
  const map = maps[name]
  if (type === BPF_MAP_TYPE_SK_STORAGE) {
    const open = sockets.map((sk, i) => (isOpen(cpu, fds[i]) ? storageValue(cpu, map, sk) : 0))
    return open
      .map((word, i) => ({ word, prefix: plan.sockets.length === 1 ? name : `${name}[${i}]` }))
      .filter(({ word }) => word !== 0)
  }
  if (type === BPF_MAP_TYPE_HASH) return hashValues(cpu, map, name, keyFields)
  const indices = Array.from({ length: Math.min(maxEntries, MOST_VALUES) }, (_, i) => i)
  const cpus = cpusOf(cpu, plan, type)
  if (type !== BPF_MAP_TYPE_PERCPU_ARRAY)
    return indices.map((i) => ({
      word: arrayValue(cpu, map, i),
      prefix: initial === undefined ? `${name}[${i}]` : name,
    }))
  return indices.flatMap((i) => cpus.map((on) => ({ word: arrayValue(on, map, i), prefix: `${name}[${i}]@${on.id}` })))
}

/** The CPUs that have a value of their own at each index: those of threads. */
function cpusOf(cpu: Cpu, plan: ScenarioPlan, type: number): readonly Cpu[] {
  return type === BPF_MAP_TYPE_PERCPU_ARRAY ? plan.threads.map((_, id) => ({ ...cpu, id })) : [cpu]
}

function arrayValue(cpu: Cpu, map: BpfMap, i: number): number {
  return arrayMapLookupElem(cpu, map, Int32Array.of(i), 0)
}

/** Where the values of an array stand that are not told by name. */
function untoldWords(
  cpu: Cpu,
  plan: ScenarioPlan,
  { maps, mapFds }: ScenarioState,
  { definition }: PlannedMap,
): number[] {
  const { name, type, maxEntries } = definition
  if (!isOpen(cpu, mapFds[name])) return []
  if (type === BPF_MAP_TYPE_SK_STORAGE || type === BPF_MAP_TYPE_HASH) return []
  const untold = Array.from({ length: Math.max(0, maxEntries - MOST_VALUES) }, (_, i) => MOST_VALUES + i)
  return cpusOf(cpu, plan, type).flatMap((on) => untold.map((i) => arrayValue(on, maps[name], i)))
}

function isOpen({ words }: Cpu, fd: number): boolean {
  return words[words[HEADER.fds] + fd] > 0
}

function storageValue(cpu: Cpu, map: BpfMap, sk: Sk): number {
  const sdata = skStorageLookup(cpu, map, sk, false)
  return sdata === 0 ? 0 : sdata + SDATA.value
}

function hashValues(cpu: Cpu, map: BpfMap, name: string, fields: readonly ValueField[]): Place[] {
  const values: Place[] = []
  const words = (cpu.words[map + MAP.keySize] + 3) >> 2
  const key = new Int32Array(words)
  for (let at: Int32Array | null = null; ; at = key) {
    if (hashMapGetNextKey(cpu, map, at, key) !== 0) break
    values.push({ word: hashMapLookupElem(cpu, map, key, 0), prefix: `${name}[${keyText(key, fields)}]` })
  }
  return values.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
}

/** A key that is one number as that, others by their fields, or else as words. */
function keyText(key: Int32Array, fields: readonly ValueField[]): string {
  if (fields.length === 0) return key.join(' ')
  const bytes = new Uint8Array(key.buffer)
  if (fields.length === 1) return `${readField(bytes, 0, fields[0])}`
  return fields.map((field) => `${field.name} ${readField(bytes, 0, field)}`).join(' ')
}
