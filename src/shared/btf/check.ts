/**
 * What a map asks of the BTF it is created with.
 */

import { EACCES, EINVAL, EOPNOTSUPP } from '../errno.ts'
import {
  BPF_MAP_TYPE_ARRAY,
  BPF_MAP_TYPE_HASH,
  BPF_MAP_TYPE_PERCPU_ARRAY,
  BPF_MAP_TYPE_SK_STORAGE,
  type MapOptions,
} from '../map-options.ts'
import { type Btf, btfSize, btfType, skipModifiers } from './record.ts'
import { hasRefusedField } from './special-field.ts'

/** BTF for a map: the object, and the types of its key and value in it. */
export interface MapTypes {
  readonly btf: Btf
  readonly keyTypeId: number
  readonly valueTypeId: number
}

/** What the kernel calls the lock, and what it must be. */
const LOCK_NAME = 'bpf_spin_lock'
const LOCK_SIZE = 4
/** BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG. */
const RESTRICTED = (1 << 7) | (1 << 8)

/**
 * The byte offset of the value's bpf_spin_lock, -1 if it has none, or -errno below that: -EINVAL for ids that are no
 * types with a size, sizes other than the map's; -EACCES for a lock that programs may not store to; -EOPNOTSUPP for a
 * value with a timer or another field that no map of sk storage may have, and with a lock for each CPU; then, but for
 * hash maps, -EINVAL for a key that is not, behind typedefs, a 32-bit INT without offset; and locks that are two or
 * badly aligned. Only fields of the value's own struct count. An array of one value may have no type of its key, if it
 * holds a section of a program's variables. Model: map_check_btf(), bpf_sk_storage_map_check_btf(),
 * array_map_check_btf(), btf_find_spin_lock(), Linux 5.2.
 */
export function checkMapBtf(types: MapTypes, options: MapOptions): number {
  const { btf, keyTypeId, valueTypeId } = types
  const { type, keySize, valueSize, flags } = options
  if (btfSize(btf, valueTypeId) !== valueSize) return -EINVAL
  if (keyTypeId === 0) return isVariables(types, options) ? -1 : -EINVAL
  if (btfSize(btf, keyTypeId) !== keySize) return -EINVAL
  const lock = spinLockOffset(btf, valueTypeId)
  if (lock >= 0 && (flags & RESTRICTED) !== 0) return -EACCES
  const perCpu = type === BPF_MAP_TYPE_PERCPU_ARRAY
  if ((perCpu || type === BPF_MAP_TYPE_SK_STORAGE) && hasRefusedField(btf, valueTypeId)) return -EOPNOTSUPP
  if (perCpu && lock >= 0) return -EOPNOTSUPP
  const key = skipModifiers(btf, keyTypeId)
  if (type !== BPF_MAP_TYPE_HASH && (key?.kind !== 'int' || key.bits !== 32 || key.offset !== 0)) return -EINVAL
  return lock
}

/** Whether this is an array that holds a section of variables: .bss and its like. */
function isVariables({ btf, valueTypeId }: MapTypes, { type, maxEntries }: MapOptions): boolean {
  return type === BPF_MAP_TYPE_ARRAY && maxEntries === 1 && btfType(btf, valueTypeId)?.kind === 'data-section'
}

/**
 * The byte offset of the bpf_spin_lock in a value of this type, -1 if it has none, or -EINVAL for two and for one that
 * is badly aligned. Model: btf_find_spin_lock(), Linux 5.2.
 */
export function spinLockOffset(btf: Btf, valueTypeId: number): number {
  const value = skipModifiers(btf, valueTypeId)
  if (value?.kind !== 'struct') return -1
  let found = -1
  for (const { type, bitOffset } of value.members) {
    const member = btfType(btf, type)
    if (member?.kind !== 'struct' || member.name !== LOCK_NAME || member.size !== LOCK_SIZE) continue
    if (found >= 0 || bitOffset % 32 !== 0) return -EINVAL
    found = bitOffset / 8
  }
  return found
}
