/**
 * Socket-local storage as its users see it: the helpers of programs, and the syscalls by descriptor.
 *
 * Nothing throws here; what can fail returns NULL or -errno. Model: bpf_sk_storage.c, Linux 5.2.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { refcountIncNotZero } from '../sync/refcount.ts'
import { EINVAL, ENOENT, ENOTSUPP } from './errno.ts'
import { fileObject, fput, sockfdLookup } from './fd-table.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from './map-options.ts'
import type { BpfMap, File, Sk, Value } from './pointer.ts'
import { MAP, SDATA, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { selemOf, selemUnlink } from './sk-storage-elem.ts'
import { skStorageLookup } from './sk-storage-lookup.ts'
import { skStorageUpdate } from './sk-storage-update.ts'
import { sockPut } from './sock.ts'
import { BPF_F_LOCK, BPF_NOEXIST } from './update-flags.ts'
import { copyValueOut, copyValueOutLocked, mapValueHasSpinLock, valueWords } from './value.ts'

/** Flag of skStorageGet: create the element if there is none. */
export const BPF_SK_STORAGE_GET_F_CREATE = 1

// V8 knows what a constant is; a function's own name it loads and compares at each call.
const lookup = skStorageLookup

/**
 * The value of `map` at `sk`, in a read section, or NULL if there is none. With BPF_SK_STORAGE_GET_F_CREATE one is
 * made, with `init` or zeroes, and NULL says that this was not possible: no memory, the socket's limit, a dying socket,
 * another CPU's creation under way, other flags, a map of another type, an `init` that is too short. The pointer is
 * good until the read section ends. Model: bpf_sk_storage_get().
 */
export function skStorageGet(cpu: Cpu, map: BpfMap, sk: Sk, init: Int32Array | null, flags: number): Value {
  if (flags !== 0 && flags !== BPF_SK_STORAGE_GET_F_CREATE) return 0 as Value
  const sdata = lookup(cpu, map, sk, true)
  if (sdata !== 0) return ((sdata + SDATA.value) | 0) as Value
  if (flags === BPF_SK_STORAGE_GET_F_CREATE) return (getWithCreate(cpu, map, sk, init) | 0) as Value
  return 0 as Value
}

function getWithCreate(cpu: Cpu, map: BpfMap, sk: Sk, init: Int32Array | null): Value {
  const { words } = cpu
  // A found element is its map's, and its map one of sk storage. Here a map of another type would be written to as if
  // it were one.
  if (words[map + MAP.type] !== BPF_MAP_TYPE_SK_STORAGE) return 0 as Value
  if (init !== null && init.length < valueWords(words, map)) return 0 as Value
  kasanCheck(cpu, sk, SOCK.SIZE)
  // C14: no element may be added to a dying socket; nobody would be left to remove it.
  if (!refcountIncNotZero(words, sk + SOCK.refcount)) return 0 as Value
  const sdata = skStorageUpdate(cpu, map, sk, init, BPF_NOEXIST)
  // Ours may be the last reference, and then this put removes what we made; the value stays ours to use until the read
  // section ends.
  sockPut(cpu, sk)
  return (sdata > 0 ? sdata + SDATA.value : 0) as Value
}

/**
 * Removes the value of `map` at `sk`, in a read section. Returns 0, or -ENOENT if there is none or the socket is dying.
 * Model: bpf_sk_storage_delete().
 */
export function skStorageDelete(cpu: Cpu, map: BpfMap, sk: Sk): number {
  kasanCheck(cpu, sk, SOCK.SIZE)
  if (!refcountIncNotZero(cpu.words, sk + SOCK.refcount)) return -ENOENT
  const err = deleteElem(cpu, map, sk)
  sockPut(cpu, sk)
  return err
}

function deleteElem(cpu: Cpu, map: BpfMap, sk: Sk): number {
  const sdata = skStorageLookup(cpu, map, sk, false)
  if (sdata === 0) return -ENOENT
  // Another CPU may be removing the same element: then it does, and both of us report success.
  selemUnlink(cpu, selemOf(sdata))
  return 0
}

/**
 * Copies the value of `map` at the socket behind `fd` to `out` (ceil(value size / 4) words). Returns 0, -EBADF,
 * -ENOTSOCK, -ENOENT, or -EINVAL for flags other than 0 and BPF_F_LOCK, or BPF_F_LOCK for a value without a lock.
 */
export function fdLookupElem(cpu: Cpu, map: BpfMap, fd: number, out: Int32Array, flags: number): number {
  if (flags !== 0 && !(flags === BPF_F_LOCK && mapValueHasSpinLock(cpu.words, map))) return -EINVAL
  const file = sockfdLookup(cpu, fd)
  if (file < 0) return file
  rcuReadLock(cpu)
  const sdata = skStorageLookup(cpu, map, fileObject(cpu, file as File) as Sk, true)
  // The socket may go with this put; the value may not before the read section ends.
  fput(cpu, file as File)
  if (sdata !== 0) {
    if (flags === BPF_F_LOCK) copyValueOutLocked(cpu, map, sdata + SDATA.value, out)
    else copyValueOut(cpu, map, sdata + SDATA.value, out)
  }
  rcuReadUnlock(cpu)
  return sdata === 0 ? -ENOENT : 0
}

/**
 * Sets the value of `map` at the socket behind `fd`. Returns 0 or the error of skStorageUpdate; -EINVAL for BPF_F_LOCK
 * without a lock in the value, -EBADF and -ENOTSOCK before that.
 */
export function fdUpdateElem(cpu: Cpu, map: BpfMap, fd: number, value: Int32Array, flags: number): number {
  // The syscall layer asks this before it looks at the key; all other flags are checked after it.
  if ((flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(cpu.words, map)) return -EINVAL
  const file = sockfdLookup(cpu, fd)
  if (file < 0) return file
  rcuReadLock(cpu)
  const result = skStorageUpdate(cpu, map, fileObject(cpu, file as File) as Sk, value, flags)
  fput(cpu, file as File)
  rcuReadUnlock(cpu)
  return Math.min(result, 0)
}

/** Removes the value of `map` at the socket behind `fd`. Returns 0, -EBADF, -ENOTSOCK or -ENOENT. */
export function fdDeleteElem(cpu: Cpu, map: BpfMap, fd: number): number {
  const file = sockfdLookup(cpu, fd)
  if (file < 0) return file
  rcuReadLock(cpu)
  const err = deleteElem(cpu, map, fileObject(cpu, file as File) as Sk)
  fput(cpu, file as File)
  rcuReadUnlock(cpu)
  return err
}

/** There is no order among sockets to walk by: always -ENOTSUPP, as in the kernel. */
export function fdGetNextKey(): number {
  return -ENOTSUPP
}
