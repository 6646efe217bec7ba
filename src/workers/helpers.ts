/**
 * The helpers as programs may call them: those of src/shared behind the rules that the kernel's verifier proves and we
 * check as they run.
 *
 * Maps of the type that a helper is for, whole keys and values, a lock that is one. One bpf_spin_lock at a time
 * (bpfSpinLock itself sees to that), no helper call while it is held, released at the end of the program.
 */

import {
  arrayMapDeleteElem,
  arrayMapLookupElem,
  arrayMapUpdateElem,
  BPF_F_RDONLY_PROG,
  isArrayMap,
} from '../shared/array-map.ts'
import { hashMapDeleteElem, hashMapLookupElem, hashMapUpdateElem } from '../shared/hash-map.ts'
import { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { BpfMap, Sk, Value } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import { skStorageDelete, skStorageGet } from '../shared/sk-storage.ts'
import { bpfSpinLock } from '../sync/bpf-spin-lock.ts'
import { type Cpu, PERCPU } from '../sync/cpu.ts'
import { checkLock } from './lock-in-value.ts'
import { VerifierError } from './verifier-error.ts'

// V8 loads an imported binding anew at each use; a constant of this module it folds into the code.
const BPF_LOCK = PERCPU.bpfLock
const get = skStorageGet
const lookup = hashMapLookupElem

function noLockHeld(cpu: Cpu, helper: string): void {
  if (cpu.words[cpu.base + BPF_LOCK] !== 0) throwUnderLock(cpu, helper)
}

function throwUnderLock(cpu: Cpu, helper: string): never {
  const lock = cpu.words[cpu.base + PERCPU.bpfLock]
  throw new VerifierError(
    'helper-under-lock',
    `${helper} on CPU ${cpu.id} while it holds the bpf_spin_lock at word ${lock}: release it before calling a helper`,
  )
}

function checkType(cpu: Cpu, map: BpfMap, type: number, helper: string): void {
  if (cpu.words[map + MAP.type] !== type) throwOfType(cpu, map, type, helper)
}

function throwOfType(cpu: Cpu, map: BpfMap, type: number, helper: string): never {
  throw new VerifierError(
    'map-type',
    `${helper} on CPU ${cpu.id} of a map at word ${map}: got type ${cpu.words[map + MAP.type]}, expected ${type}`,
  )
}

/** Whether `given` has a whole key or value of so many bytes from word `at` on. */
function checkBounds(cpu: Cpu, given: Int32Array, at: number, bytes: number, what: string, helper: string): void {
  const count = (bytes + 3) >> 2
  if (at >= 0 && at + count <= given.length) return
  throw new VerifierError(
    'out-of-bounds',
    `${helper} on CPU ${cpu.id}: got ${given.length} words for a ${what} of ${count} at ${at}, expected as many`,
  )
}

/** bpf_sk_storage_get for programs: skStorageGet of src/shared/sk-storage.ts, checked. */
export function bpfSkStorageGet(cpu: Cpu, map: BpfMap, sk: Sk, init: Int32Array | null, flags: number): Value {
  noLockHeld(cpu, 'bpf_sk_storage_get')
  const value = get(cpu, map, sk, init, flags)
  // What is found is its map's: only where nothing is, there is something to ask.
  if (value === 0) checkMiss(cpu, map, init)
  return value
}

function checkMiss(cpu: Cpu, map: BpfMap, init: Int32Array | null): void {
  checkType(cpu, map, BPF_MAP_TYPE_SK_STORAGE, 'bpf_sk_storage_get')
  if (init !== null) checkBounds(cpu, init, 0, cpu.words[map + MAP.valueSize], 'value', 'bpf_sk_storage_get')
}

/** bpf_sk_storage_delete for programs. */
export function bpfSkStorageDelete(cpu: Cpu, map: BpfMap, sk: Sk): number {
  noLockHeld(cpu, 'bpf_sk_storage_delete')
  checkType(cpu, map, BPF_MAP_TYPE_SK_STORAGE, 'bpf_sk_storage_delete')
  return skStorageDelete(cpu, map, sk)
}

/** Whether a map is an array, and not the hash map that is asked for first. Throws for a map of sk storage. */
function isArray(cpu: Cpu, map: BpfMap, helper: string): boolean {
  if (cpu.words[map + MAP.type] === BPF_MAP_TYPE_HASH) return false
  if (!isArrayMap(cpu.words, map)) throwOfType(cpu, map, BPF_MAP_TYPE_HASH, helper)
  return true
}

/**
 * bpf_map_lookup_elem for programs: hashMapLookupElem of src/shared/hash-map.ts and arrayMapLookupElem of
 * src/shared/array-map.ts, checked.
 */
export function bpfMapLookupElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  noLockHeld(cpu, 'bpf_map_lookup_elem')
  if (isArray(cpu, map, 'bpf_map_lookup_elem')) {
    checkBounds(cpu, key, at, cpu.words[map + MAP.keySize], 'key', 'bpf_map_lookup_elem')
    return arrayMapLookupElem(cpu, map, key, at)
  }
  const value = lookup(cpu, map, key, at)
  // A key that is too short is nobody's.
  if (value === 0) checkBounds(cpu, key, at, cpu.words[map + MAP.keySize], 'key', 'bpf_map_lookup_elem')
  return value
}

/** bpf_map_update_elem for programs. */
export function bpfMapUpdateElem(
  cpu: Cpu,
  map: BpfMap,
  key: Int32Array,
  at: number,
  value: Int32Array,
  flags: number,
): number {
  noLockHeld(cpu, 'bpf_map_update_elem')
  const ofArray = isArray(cpu, map, 'bpf_map_update_elem')
  checkBounds(cpu, key, at, cpu.words[map + MAP.keySize], 'key', 'bpf_map_update_elem')
  checkBounds(cpu, value, 0, cpu.words[map + MAP.valueSize], 'value', 'bpf_map_update_elem')
  if (!ofArray) return hashMapUpdateElem(cpu, map, key, at, value, flags)
  if ((cpu.words[map + MAP.flags] & BPF_F_RDONLY_PROG) !== 0)
    throw new VerifierError(
      'read-only-map',
      `bpf_map_update_elem on CPU ${cpu.id} of a map that programs may only read (BPF_F_RDONLY_PROG)`,
    )
  return arrayMapUpdateElem(cpu, map, key, at, value, flags)
}

/** bpf_map_delete_elem for programs. */
export function bpfMapDeleteElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): number {
  noLockHeld(cpu, 'bpf_map_delete_elem')
  const ofArray = isArray(cpu, map, 'bpf_map_delete_elem')
  checkBounds(cpu, key, at, cpu.words[map + MAP.keySize], 'key', 'bpf_map_delete_elem')
  return ofArray ? arrayMapDeleteElem() : hashMapDeleteElem(cpu, map, key, at)
}

/** bpf_spin_lock for programs, of the lock in a value: see src/sync/bpf-spin-lock.ts. */
export function bpfSpinLockAcquire(cpu: Cpu, lock: number): void {
  checkLock(cpu, lock)
  bpfSpinLock(cpu, lock)
}
