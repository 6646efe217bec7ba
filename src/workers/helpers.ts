/**
 * The helpers as programs may call them: those of src/shared behind the rules that the kernel's verifier proves and we check as they run.
 *
 * One bpf_spin_lock at a time (bpfSpinLock itself sees to that), no helper call while it is held, released at the end of the program.
 */

import { bpfMapDeleteElem, bpfMapLookupElem, bpfMapUpdateElem } from '../shared/hash-map.ts'
import type { BpfMap, Sk, Value } from '../shared/pointer.ts'
import { bpfSkStorageDelete, bpfSkStorageGet } from '../shared/sk-storage.ts'
import { type Cpu, PERCPU } from '../sync/cpu.ts'
import { VerifierError } from './verifier-error.ts'

// V8 loads an imported binding anew at each use; a constant of this module it folds into the code.
const BPF_LOCK = PERCPU.bpfLock
const get = bpfSkStorageGet
const lookup = bpfMapLookupElem

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

/** bpf_sk_storage_get for programs; see src/shared/sk-storage.ts. */
export function skStorageGet(cpu: Cpu, map: BpfMap, sk: Sk, init: Int32Array | null, flags: number): Value {
  noLockHeld(cpu, 'bpf_sk_storage_get')
  return get(cpu, map, sk, init, flags)
}

/** bpf_sk_storage_delete for programs. */
export function skStorageDelete(cpu: Cpu, map: BpfMap, sk: Sk): number {
  noLockHeld(cpu, 'bpf_sk_storage_delete')
  return bpfSkStorageDelete(cpu, map, sk)
}

/** bpf_map_lookup_elem for programs; see src/shared/hash-map.ts. */
export function mapLookupElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  noLockHeld(cpu, 'bpf_map_lookup_elem')
  return lookup(cpu, map, key, at)
}

/** bpf_map_update_elem for programs. */
export function mapUpdateElem(
  cpu: Cpu,
  map: BpfMap,
  key: Int32Array,
  at: number,
  value: Int32Array,
  flags: number,
): number {
  noLockHeld(cpu, 'bpf_map_update_elem')
  return bpfMapUpdateElem(cpu, map, key, at, value, flags)
}

/** bpf_map_delete_elem for programs. */
export function mapDeleteElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): number {
  noLockHeld(cpu, 'bpf_map_delete_elem')
  return bpfMapDeleteElem(cpu, map, key, at)
}
