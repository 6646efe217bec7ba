/**
 * The end of a socket's storage: all elements go, of whatever map, when the socket is destroyed.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import type { Selem, Sk, SkStorage } from './pointer.ts'
import { HLIST_NODE, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { selemUnlinkMap, selemUnlinkSkLocked } from './sk-storage-elem.ts'
import { storageFreeRcu } from './sk-storage-overflow.ts'

/**
 * Removes every element of a socket that is being destroyed, and its storage. The one racer left is map free (C10),
 * which may have removed some or all of them already, or be waiting for the storage's lock. Model:
 * bpf_sk_storage_free(), Linux 5.2.
 */
export function bpfSkStorageFree(cpu: Cpu, sk: Sk): void {
  const { words } = cpu
  // Map free may unlink the last element and free the storage through RCU while we wait for its lock.
  rcuReadLock(cpu)
  // A real load, not rcuDereference: when map free has set the pointer to NULL, all it did to this socket before must
  // lie behind us, since we are about to free it (C2). A dereference that finds NULL orders nothing. The explorer found
  // this one.
  const storage = Atomics.load(words, sk + SOCK.storage) as SkStorage
  if (storage === 0) {
    rcuReadUnlock(cpu)
    return
  }
  kasanCheck(cpu, storage, SK_STORAGE.SIZE)
  let freeStorage = false
  spinLock(cpu, storage + SK_STORAGE.lock)
  for (let node = words[storage + SK_STORAGE.list]; node !== 0; ) {
    const next = words[node + HLIST_NODE.next]
    const selem = (node - SELEM.snode) as Selem
    // C4: map before socket. The bucket's lock nests inside the storage's, here as everywhere.
    selemUnlinkMap(cpu, selem)
    // The answer for the last element is the one that counts.
    freeStorage = selemUnlinkSkLocked(cpu, storage, selem, true)
    node = next
  }
  // C3: only now, with the lock inside it released, may the storage go.
  spinUnlock(cpu, storage + SK_STORAGE.lock)
  rcuReadUnlock(cpu)
  if (freeStorage) storageFreeRcu(cpu, storage)
}
