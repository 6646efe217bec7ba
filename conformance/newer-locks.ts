/**
 * Locks that newer kernels see otherwise than Linux 5.2, which looks only at the members of the value's own struct.
 */

import { type Btf, btfType, skipModifiers } from '../src/shared/btf/record.ts'
import { E2BIG } from '../src/shared/errno.ts'

const EFAULT = 14

const isLock = (btf: Btf, id: number) => {
  const type = btfType(btf, id)
  return type?.kind === 'struct' && type.name === 'bpf_spin_lock' && type.size === 4
}

/**
 * Byte offset of a lock that counts since 6.11 and not in 5.2, in a nested struct or in an array of one; -1 for none.
 */
export function nestedLock(btf: Btf, valueTypeId: number): number {
  const value = skipModifiers(btf, valueTypeId)
  if (value?.kind !== 'struct' || value.members.some(({ type }) => isLock(btf, type))) return -1
  return lockBelow(btf, valueTypeId, 0)
}

function lockBelow(btf: Btf, id: number, depth: number): number {
  const type = skipModifiers(btf, id)
  if (type === undefined || depth > 8) return -1
  if (type.kind === 'array') return type.length === 1 ? found(btf, type.element, 0, depth) : -1
  if (type.kind !== 'struct') return -1
  for (const member of type.members) {
    const at = found(btf, member.type, member.bitOffset / 8, depth)
    if (at >= 0) return at
  }
  return -1
}

function found(btf: Btf, id: number, offset: number, depth: number): number {
  const below = isLock(btf, id) ? 0 : lockBelow(btf, id, depth + 1)
  return below < 0 ? -1 : offset + below
}

/**
 * The errno with which 6.2 and later refuse to load BTF because of its locks: 7 for two in one struct, 14 for one that
 * is not aligned; 0 if they don't.
 */
export function badLocks(btf: Btf): number {
  for (const type of btf.types) {
    const locks = type.kind === 'struct' ? type.members.filter(({ type: of }) => isLock(btf, of)) : []
    if (locks.some(({ bitOffset }) => bitOffset % 32 !== 0)) return EFAULT
    if (locks.length > 1) return E2BIG
  }
  return 0
}
