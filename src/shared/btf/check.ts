/**
 * What a map of sk storage asks of the BTF it is created with.
 */

import { EINVAL, EOPNOTSUPP } from '../errno.ts'
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

/**
 * The byte offset of the value's bpf_spin_lock, -1 if it has none, or -errno below that: -EINVAL for ids that are no
 * types with a size, sizes other than the map's, then -EOPNOTSUPP for a value with a timer or another field that no map
 * of sk storage may have, then -EINVAL for a key that is not, behind typedefs, a 32-bit INT without offset, and locks
 * that are two or badly aligned. Only fields of the value's own struct count. Model: map_check_btf(),
 * bpf_sk_storage_map_check_btf(), btf_find_spin_lock(), Linux 5.2.
 */
export function checkMapBtf({ btf, keyTypeId, valueTypeId }: MapTypes, keySize: number, valueSize: number): number {
  if (btfSize(btf, keyTypeId) !== keySize || btfSize(btf, valueTypeId) !== valueSize) return -EINVAL
  if (hasRefusedField(btf, valueTypeId)) return -EOPNOTSUPP
  const key = skipModifiers(btf, keyTypeId)
  if (key?.kind !== 'int' || key.bits !== 32 || key.offset !== 0) return -EINVAL
  return spinLockOffset(btf, valueTypeId)
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
