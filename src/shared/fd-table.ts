/**
 * File descriptors: small numbers for sockets, maps and BTF objects, lowest free first, one table for all CPUs.
 *
 * A slot points to a file, and the file holds one reference on its object. A syscall takes a reference on the file for
 * as long as it works: a close meanwhile empties the slot, and the syscall's own put is then the last. Model: struct
 * file, fget(), fput().
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuAssignPointer, rcuDereference, rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { kfreeRcu } from '../sync/rcu-callback.ts'
import { refcountDecAndTest, refcountIncNotZero, refcountSet } from '../sync/refcount.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { btfPut } from './btf/ref.ts'
import { kfreeFunc } from './callbacks.ts'
import { EBADF, EMFILE, ENOMEM, ENOTSOCK } from './errno.ts'
import { mapPut } from './map-ref.ts'
import type { BpfMap, BtfObject, File, Sk } from './pointer.ts'
import { FILE, HEADER, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'
import { SOCK_RCU_FREE, sockPut } from './sock.ts'

export const FILE_SOCKET = 1
export const FILE_MAP = 2
export const FILE_BTF = 3

/** What a descriptor may refer to. */
export type FileKind = typeof FILE_SOCKET | typeof FILE_MAP | typeof FILE_BTF

/** What a slot holds between fdReserve and fdInstall: taken, but nothing there yet. */
const RESERVED = -1

/**
 * Reserves the lowest free descriptor, to be given to fdInstall or fdRelease. Returns it or -EMFILE. Model:
 * get_unused_fd_flags().
 */
export function fdReserve(cpu: Cpu): number {
  const { words } = cpu
  const fds = words[HEADER.fds]
  const end = words[HEADER.maxFds]
  spinLock(cpu, HEADER.fdLock)
  let fd = words[HEADER.fdHint]
  // A dereference, since fdInstall stores without the lock.
  while (fd < end && rcuDereference(words, fds + fd) !== 0) fd++
  if (fd < end) {
    rcuAssignPointer(words, fds + fd, RESERVED)
    words[HEADER.fdHint] = fd + 1
  }
  spinUnlock(cpu, HEADER.fdLock)
  return fd < end ? fd : -EMFILE
}

/** Gives back a descriptor that was reserved and not installed. */
export function fdRelease(cpu: Cpu, fd: number): void {
  const { words } = cpu
  spinLock(cpu, HEADER.fdLock)
  rcuAssignPointer(words, words[HEADER.fds] + fd, 0)
  if (fd < words[HEADER.fdHint]) words[HEADER.fdHint] = fd
  spinUnlock(cpu, HEADER.fdLock)
}

/**
 * Lets a reserved descriptor refer to an object; the file takes over the caller's reference on it. Returns the
 * descriptor or -ENOMEM; then the descriptor is free again and the caller keeps its reference. Model: fd_install().
 */
export function fdInstall(cpu: Cpu, fd: number, kind: FileKind, object: Sk | BpfMap | BtfObject): number {
  const { words } = cpu
  const file = kmalloc(cpu, KIND.file, FILE.SIZE)
  if (file === 0) {
    fdRelease(cpu, fd)
    return -ENOMEM
  }
  refcountSet(words, file + FILE.refcount, 1)
  words[file + FILE.kind] = kind
  words[file + FILE.object] = object
  words[file + FILE.flags] = kind === FILE_SOCKET ? words[object + SOCK.flags] : 0
  words[file + FILE.rcu + 1] = kfreeFunc(KIND.file, FILE.SIZE, FILE.rcu)
  // Publishes the file: pairs with rcuDereference in fget. The slot is ours, so no lock.
  rcuAssignPointer(words, words[HEADER.fds] + fd, file)
  return fd
}

/**
 * Reserves a descriptor and installs it. Returns it, -EMFILE or -ENOMEM; on an error the caller keeps its reference.
 */
export function fdOpen(cpu: Cpu, kind: FileKind, object: Sk | BpfMap | BtfObject): number {
  const fd = fdReserve(cpu)
  return fd < 0 ? fd : fdInstall(cpu, fd, kind, object)
}

/** Whether a number can be a descriptor of this table: whole and within it. */
function isDescriptor(words: Int32Array, fd: number): boolean {
  return (fd | 0) === fd && fd >= 0 && fd < words[HEADER.maxFds]
}

/** Takes a reference on the file behind `fd`, or returns -EBADF. */
export function fget(cpu: Cpu, fd: number): File | number {
  const { words } = cpu
  if (!isDescriptor(words, fd)) return -EBADF
  rcuReadLock(cpu)
  let file: number
  do {
    file = rcuDereference(words, words[HEADER.fds] + fd)
    if (file > 0) kasanCheck(cpu, file, FILE.SIZE)
    // A count of zero: closed just now. Look again, the slot is empty or has a new file.
  } while (file > 0 && !refcountIncNotZero(words, file + FILE.refcount))
  rcuReadUnlock(cpu)
  return file > 0 ? file : -EBADF
}

/** Drops a reference on a file; with the last one its reference on the object goes. */
export function fput(cpu: Cpu, file: File): void {
  const { words } = cpu
  kasanCheck(cpu, file, FILE.SIZE)
  if (!refcountDecAndTest(words, file + FILE.refcount)) return
  const object = words[file + FILE.object]
  const kind = words[file + FILE.kind]
  if (kind === FILE_SOCKET) sockPut(cpu, object as Sk)
  else if (kind === FILE_MAP) mapPut(cpu, object as BpfMap)
  else btfPut(cpu, object as BtfObject)
  kfreeRcu(cpu, file + FILE.rcu)
}

/** What the file refers to. The caller holds a reference on the file. */
export function fileObject(cpu: Cpu, file: File): number {
  return cpu.words[file + FILE.object]
}

/** Takes a reference on the file of a socket. Returns it, -EBADF, or -ENOTSOCK. Model: sockfd_lookup(). */
export function sockfdLookup(cpu: Cpu, fd: number): File | number {
  const file = fget(cpu, fd)
  if (file < 0 || cpu.words[file + FILE.kind] === FILE_SOCKET) return file
  fput(cpu, file as File)
  return -ENOTSOCK
}

/**
 * The socket behind `fd` without a reference, in a read section: good until the section ends, dying perhaps. NULL if
 * there is none or it is not SOCK_RCU_FREE: another kind may be gone at any moment. Model: the lookup of a listener or
 * UDP socket.
 */
export function sockLookupRcu(cpu: Cpu, fd: number): Sk {
  const { words } = cpu
  if (!isDescriptor(words, fd)) return 0 as Sk
  const file = rcuDereference(words, words[HEADER.fds] + fd)
  if (file <= 0 || words[file + FILE.kind] !== FILE_SOCKET || (words[file + FILE.flags] & SOCK_RCU_FREE) === 0)
    return 0 as Sk
  // A dereference: a file that was opened just now has a socket that was made just now.
  return rcuDereference(words, file + FILE.object) as Sk
}

/** Closes a descriptor. Returns 0 or -EBADF. */
export function fdClose(cpu: Cpu, fd: number): number {
  const { words } = cpu
  if (!isDescriptor(words, fd)) return -EBADF
  const slot = words[HEADER.fds] + fd
  spinLock(cpu, HEADER.fdLock)
  // A real load, since fdInstall stores without the lock, and our put may destroy the socket: what its opener did to it
  // must lie behind us. The hunt found this one.
  const file = Atomics.load(words, slot)
  if (file > 0) {
    rcuAssignPointer(words, slot, 0)
    if (fd < words[HEADER.fdHint]) words[HEADER.fdHint] = fd
  }
  spinUnlock(cpu, HEADER.fdLock)
  if (file <= 0) return -EBADF
  fput(cpu, file as File)
  return 0
}
