/**
 * References on BTF objects. Descriptors and maps hold one each; the last one frees the object.
 */

import type { Cpu } from '../../sync/cpu.ts'
import { refcountDecAndTest, refcountIncNotZero } from '../../sync/refcount.ts'
import { spinLock, spinUnlock } from '../../sync/spin-lock.ts'
import { hlistDelInitRcu } from '../hlist.ts'
import type { BtfObject } from '../pointer.ts'
import { BTF, HEADER } from '../records.ts'
import { kasanCheck } from '../sanitizer.ts'
import { kfree } from '../slab.ts'
import { KIND } from '../slab-layout.ts'

/** Words that an object with so many bytes of BTF takes. */
export function btfObjectWords(bytes: number): number {
  return BTF.bytes + ((bytes + 3) >> 2)
}

/** Takes a reference, where one is held or under the lock of the list; false if the object is on its way out. */
export function btfIncNotZero(cpu: Cpu, btf: BtfObject): boolean {
  kasanCheck(cpu, btf, BTF.bytes)
  return refcountIncNotZero(cpu.words, btf + BTF.refcount)
}

/**
 * Drops a reference. The last one takes the object off the list of ids and frees it at once: whoever finds it there
 * does so under the lock. Model: btf_put(), which waits for a grace period, since its readers have only RCU.
 */
export function btfPut(cpu: Cpu, btf: BtfObject): void {
  const { words } = cpu
  kasanCheck(cpu, btf, BTF.bytes)
  if (!refcountDecAndTest(words, btf + BTF.refcount)) return
  spinLock(cpu, HEADER.btfsLock)
  hlistDelInitRcu(words, btf + BTF.allNode)
  spinUnlock(cpu, HEADER.btfsLock)
  kfree(cpu, KIND.btf, btfObjectWords(words[btf + BTF.size]), btf)
}
