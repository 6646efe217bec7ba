/**
 * BTF objects: type data that was loaded once, has an id, and is referred to by descriptors and by the maps made with
 * it.
 *
 * The bytes lie in the shared memory, so that any CPU can make a map with them and whoever asks by id can read them.
 * Model: BPF_BTF_LOAD, BPF_BTF_GET_FD_BY_ID, struct bpf_btf_info.
 */

import type { Cpu } from '../../sync/cpu.ts'
import { refcountSet } from '../../sync/refcount.ts'
import { spinLock, spinUnlock } from '../../sync/spin-lock.ts'
import { E2BIG, EBADF, EINVAL, ENOENT, ENOMEM } from '../errno.ts'
import { FILE_BTF, fdOpen, fget, fileObject, fput } from '../fd-table.ts'
import { hlistAddHeadRcu } from '../hlist.ts'
import { nextObjectId } from '../object-id.ts'
import type { BtfObject, File } from '../pointer.ts'
import { BTF, FILE, HEADER } from '../records.ts'
import { kmalloc } from '../slab.ts'
import { KIND } from '../slab-layout.ts'
import { checkGraphRoots } from './graph-root.ts'
import { parseBtf } from './parse.ts'
import type { Btf } from './record.ts'
import { btfIncNotZero, btfObjectWords, btfPut } from './ref.ts'

/** The largest BTF object in bytes, as in the kernel. */
export const BTF_MAX_SIZE = 16 << 20

/** What is known of a BTF object. */
export interface BtfInfo {
  /** From 1 up; given again only behind the last, 2^31 - 1. */
  readonly id: number
  /** The BTF as it was loaded. */
  readonly bytes: Uint8Array
}

/**
 * Loads BTF: a descriptor for the new object. Returns it, -E2BIG, -EINVAL for bytes that are no BTF, the error of
 * checkGraphRoots, -ENOMEM or -EMFILE. Else only the form is looked at; what the kernel checks of the types themselves,
 * a map's creation checks of those it uses (checkMapBtf).
 */
export function btfLoad(cpu: Cpu, bytes: Uint8Array): number {
  const { words } = cpu
  if (bytes.length > BTF_MAX_SIZE) return -E2BIG
  const types = typesIn(bytes)
  const err = types === undefined ? -EINVAL : checkGraphRoots(types)
  if (err !== 0) return err
  const size = btfObjectWords(bytes.length)
  const btf = kmalloc(cpu, KIND.btf, size) as BtfObject
  if (btf === 0) return -ENOMEM
  for (let i = 0; i < size; i++) words[btf + i] = 0
  for (let i = 0; i < bytes.length; i++) words[btf + BTF.bytes + (i >> 2)] |= bytes[i] << ((i & 3) * 8)
  words[btf + BTF.size] = bytes.length
  refcountSet(words, btf + BTF.refcount, 1)
  spinLock(cpu, HEADER.btfsLock)
  words[btf + BTF.id] = nextObjectId(words, HEADER.nextBtfId, HEADER.btfs, BTF.allNode, BTF.id)
  hlistAddHeadRcu(words, btf + BTF.allNode, HEADER.btfs)
  spinUnlock(cpu, HEADER.btfsLock)
  const fd = fdOpen(cpu, FILE_BTF, btf)
  if (fd < 0) btfPut(cpu, btf)
  return fd
}

/** The types in some bytes, or undefined for bytes that are no BTF. */
function typesIn(bytes: Uint8Array): Btf | undefined {
  try {
    return parseBtf(bytes)
  } catch {
    return undefined
  }
}

/**
 * Takes a reference on the object behind `fd`, to be put with btfPut. Returns it, -EBADF, or -EINVAL for a map or
 * socket. Model: btf_get_by_fd().
 */
export function btfGet(cpu: Cpu, fd: number): BtfObject | number {
  const file = fget(cpu, fd) as File
  if (file < 0) return -EBADF
  const isObject = cpu.words[file + FILE.kind] === FILE_BTF
  const btf = fileObject(cpu, file) as BtfObject
  if (isObject) btfIncNotZero(cpu, btf)
  fput(cpu, file)
  return isObject ? btf : -EINVAL
}

/** Opens another descriptor for the object with this id. Returns it, -ENOENT, -ENOMEM or -EMFILE. */
export function btfGetFdById(cpu: Cpu, id: number): number {
  const { words } = cpu
  spinLock(cpu, HEADER.btfsLock)
  let btf = 0
  for (let node = words[HEADER.btfs]; node !== 0; node = words[node]) {
    if (words[node - BTF.allNode + BTF.id] === id) btf = node - BTF.allNode
  }
  if (btf !== 0 && !btfIncNotZero(cpu, btf as BtfObject)) btf = 0
  spinUnlock(cpu, HEADER.btfsLock)
  if (btf === 0) return -ENOENT
  const fd = fdOpen(cpu, FILE_BTF, btf as BtfObject)
  if (fd < 0) btfPut(cpu, btf as BtfObject)
  return fd
}

/** Describes an object on which the caller holds a reference. */
export function btfInfo(cpu: Cpu, btf: BtfObject): BtfInfo {
  const { words } = cpu
  const bytes = new Uint8Array(words[btf + BTF.size])
  for (let i = 0; i < bytes.length; i++) bytes[i] = words[btf + BTF.bytes + (i >> 2)] >> ((i & 3) * 8)
  return { id: words[btf + BTF.id], bytes }
}

/** The types of an object on which the caller holds a reference. */
export function btfTypes(cpu: Cpu, btf: BtfObject): Btf {
  return parseBtf(btfInfo(cpu, btf).bytes)
}
