/**
 * The types of the values in the maps of a workload: four sizes, with a lock and without, each loaded once as a BTF
 * object that any CPU can make maps with.
 */

import { array, bpfSpinLock, struct, u32 } from '../../shared/btf/btf.ts'
import { mapBtf } from '../../shared/btf/emit.ts'
import type { AnyStruct } from '../../shared/btf/type.ts'
import type { Syscalls } from '../syscalls.ts'

/** A value type: what BPF_MAP_CREATE is told of it. */
export interface ValueType {
  readonly btfFd: number
  readonly btfKeyTypeId: number
  readonly btfValueTypeId: number
  readonly valueSize: number
}

/** Value sizes in bytes, all in different size classes of the allocator. */
const VALUE_SIZES = [16, 8, 64, 240]

/** Loads all types: with a lock at even places, without at odd ones. Throws BpfError. */
export function loadValueTypes(sys: Pick<Syscalls, 'btfLoad'>): ValueType[] {
  return VALUE_SIZES.flatMap((size) => [
    load(sys, struct('locked', { lock: bpfSpinLock, words: array(u32, size / 4 - 1) }) as unknown as AnyStruct),
    load(sys, struct('plain', { words: array(u32, size / 4) }) as unknown as AnyStruct),
  ])
}

function load(sys: Pick<Syscalls, 'btfLoad'>, type: AnyStruct): ValueType {
  const { bytes, keyTypeId, valueTypeId } = mapBtf(type)
  return {
    btfFd: sys.btfLoad(bytes),
    btfKeyTypeId: keyTypeId,
    btfValueTypeId: valueTypeId,
    valueSize: type.size,
  }
}

/** The type of the maps of slot `index`: the lock changes from slot to slot, the size every fourth. */
export function valueTypeOf(types: readonly ValueType[], index: number): ValueType {
  return types[2 * ((index >> 2) & 3) + (index & 1)]
}
