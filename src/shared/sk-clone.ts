/**
 * Accepting a connection: the child is a copy of its listener, with copies of the elements of BPF_F_CLONE maps.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { refcountSet } from '../sync/refcount.ts'
import { EINVAL, ENOMEM, EOPNOTSUPP } from './errno.ts'
import { FILE_SOCKET, fdInstall, fdRelease, fdReserve, fileObject, fput, sockfdLookup } from './fd-table.ts'
import { hlistFirstRcu, hlistNextRcu } from './hlist.ts'
import { mapIncNotZero, mapPut } from './map-ref.ts'
import type { BpfMap, File, Selem, Sk, SkStorage } from './pointer.ts'
import { MAP, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import {
  STORAGE_CHARGE,
  selemAlloc,
  selemFreeUnlinked,
  selemLinkMap,
  selemLinkSk,
  skStorageOf,
} from './sk-storage-elem.ts'
import { skStorageLookup } from './sk-storage-lookup.ts'
import { BPF_F_CLONE } from './sk-storage-map.ts'
import { skStorageAlloc } from './sk-storage-update.ts'
import { kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'
import {
  SOCK_DGRAM,
  SOCK_RCU_FREE,
  setCookie,
  skDestruct,
  sockPut,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
} from './sock.ts'
import { BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB, type SocketPrograms, tcpSetState } from './socket-programs.ts'
import { cloneValue } from './value.ts'

/**
 * Makes a child of a listener that the caller holds or has found under RCU. NULL without memory or beyond the child's
 * limit. Model: sk_clone_lock(), inet_csk_clone_lock().
 */
export function skClone(cpu: Cpu, parent: Sk): Sk {
  const { words } = cpu
  kasanCheck(cpu, parent, SOCK.SIZE)
  const child = kmalloc(cpu, KIND.sock, SOCK.SIZE) as Sk
  if (child === 0) return child
  for (let i = SOCK.flags; i < SOCK.state; i++) words[child + i] = words[parent + i]
  words[child + SOCK.ports] = words[parent + SOCK.ports]
  for (let i = SOCK.saddr; i < SOCK.mark; i++) words[child + i] = words[parent + i]
  // What setsockopt and programs store meanwhile. (The listener's state and its rcu_head are its own.)
  for (let i = SOCK.mark; i <= SOCK.cbFlags; i++) words[child + i] = Atomics.load(words, parent + i)
  // H02, H03: the parent's storage is the parent's. The child's pointer is NULL before anything can fail and destroy
  // the child.
  words[child + SOCK.storage] = 0
  words[child + SOCK.omemAlloc] = 0
  // Zero until its storage is complete: an iterator may already find the copies on their buckets, and may not take hold
  // of the child before.
  refcountSet(words, child + SOCK.refcount, 0)
  words[child + SOCK.flags] &= ~SOCK_RCU_FREE
  words[child + SOCK.state] = TCP_ESTABLISHED
  setCookie(cpu, child)
  if (skStorageClone(cpu, parent, child) !== 0) {
    skDestruct(cpu, child)
    return 0 as Sk
  }
  refcountSet(words, child + SOCK.refcount, 1)
  return child
}

/**
 * Copies the parent's elements of BPF_F_CLONE maps to a child that nobody else knows yet. The parent is not locked: its
 * elements may come and go meanwhile. Returns 0 or -ENOMEM; what was copied by then stays on the child and goes with
 * it. Model: bpf_sk_storage_clone(), Linux 5.4.
 */
function skStorageClone(cpu: Cpu, parent: Sk, child: Sk): number {
  let err = 0
  rcuReadLock(cpu)
  const storage = skStorageOf(cpu, parent)
  if (storage !== 0) {
    kasanCheck(cpu, storage, SK_STORAGE.SIZE)
    let node = hlistFirstRcu(cpu, storage + SK_STORAGE.list)
    while (node !== 0 && err === 0) {
      err = cloneElem(cpu, (node - SELEM.snode) as Selem, child)
      node = hlistNextRcu(cpu, node)
    }
  }
  rcuReadUnlock(cpu)
  return err
}

function cloneElem(cpu: Cpu, selem: Selem, child: Sk): number {
  const { words } = cpu
  const map = words[selem + SELEM.sdata] as BpfMap
  if ((words[map + MAP.flags] & BPF_F_CLONE) === 0) return 0
  // One element per socket and map. While the parent's is being replaced there are two on its list, the new one in
  // front: that one we have copied.
  if (skStorageLookup(cpu, map, child, false) !== 0) return 0
  // C15: we come without a reference on the map, through the parent's element. If its last reference is gone, map free
  // may have swept the bucket already, and what we link to it would never be removed (H05). The read section keeps the
  // record readable until here.
  if (!mapIncNotZero(cpu, map)) return 0
  const charge = words[map + MAP.elemSize] + (words[child + SOCK.storage] === 0 ? STORAGE_CHARGE : 0)
  const copy = selemAlloc(cpu, map, child, null, charge)
  let err = copy === 0 ? -ENOMEM : 0
  if (copy !== 0) {
    cloneValue(cpu, map, selem + SELEM.value, copy + SELEM.value)
    err = linkCopy(cpu, map, child, copy, charge)
  }
  mapPut(cpu, map)
  return err
}

/**
 * The child's storage needs no lock. Only its elements' maps could remove one, and map free waits for our read section
 * first (C11); an iterator that would delete one gets no reference on the child.
 */
function linkCopy(cpu: Cpu, map: BpfMap, child: Sk, copy: Selem, charge: number): number {
  const storage = cpu.words[child + SOCK.storage] as SkStorage
  if (storage === 0) {
    const err = skStorageAlloc(cpu, map, child, copy)
    if (err !== 0) selemFreeUnlinked(cpu, map, child, copy, charge)
    return err
  }
  selemLinkMap(cpu, map, storage, copy)
  selemLinkSk(cpu, storage, copy)
  return 0
}

/**
 * Accepts a connection on a listening socket. Returns the child's descriptor or, looking in this order, -EBADF,
 * -ENOTSOCK, -EMFILE, -EOPNOTSUPP for a datagram socket, -EINVAL if it does not listen, -ENOMEM. `programs` hear of the
 * child before anybody else knows it. Model: accept4(), which reserves the descriptor first.
 */
export function sockAccept(cpu: Cpu, fd: number, programs?: SocketPrograms): number {
  const file = sockfdLookup(cpu, fd) as File
  if (file < 0) return file
  const parent = fileObject(cpu, file) as Sk
  let result = fdReserve(cpu)
  if (result >= 0) {
    const err = listenError(cpu, parent)
    result = err === 0 ? acceptInto(cpu, parent, result, programs) : abandon(cpu, result, err)
  }
  fput(cpu, file)
  return result
}

/** 0 for a listener, which others may be closing. */
function listenError({ words }: Cpu, sk: Sk): number {
  if (words[sk + SOCK.type] === SOCK_DGRAM) return -EOPNOTSUPP
  return Atomics.load(words, sk + SOCK.state) === TCP_LISTEN ? 0 : -EINVAL
}

function acceptInto(cpu: Cpu, parent: Sk, fd: number, programs: SocketPrograms | undefined): number {
  const child = skClone(cpu, parent)
  if (child === 0) return abandon(cpu, fd, -ENOMEM)
  if (programs !== undefined) {
    Atomics.store(cpu.words, child + SOCK.state, TCP_SYN_RECV)
    programs.sockOps(cpu, child, BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB, 0, 0)
    tcpSetState(cpu, child, TCP_ESTABLISHED, programs)
  }
  const result = fdInstall(cpu, fd, FILE_SOCKET, child)
  if (result < 0) sockPut(cpu, child)
  return result
}

function abandon(cpu: Cpu, fd: number, err: number): number {
  fdRelease(cpu, fd)
  return err
}
