/**
 * Loaded programs, as far as maps care: a program holds a reference on each of its maps, and drops them a grace period
 * after it was detached, because until then some CPU may still be running it.
 */

import type { Cpu } from '../sync/cpu.ts'
import { callRcu } from '../sync/rcu-callback.ts'
import { refcountDecAndTest, refcountInc, refcountSet } from '../sync/refcount.ts'
import { CALLBACK } from './callbacks.ts'
import { E2BIG, ENOMEM } from './errno.ts'
import { mapInc, mapPut } from './map-ref.ts'
import type { BpfMap, Ptr } from './pointer.ts'
import { BPF_PROG } from './records.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'

export type BpfProg = Ptr<'prog'>

/** Maps that one program may use. */
export const MAX_PROG_MAPS = BPF_PROG.SIZE - BPF_PROG.maps

/**
 * Makes a program with a reference on each map; the caller holds them too. Returns it, -E2BIG for too many maps, or
 * -ENOMEM.
 */
export function progLoad(cpu: Cpu, maps: readonly BpfMap[]): BpfProg | number {
  const { words } = cpu
  if (maps.length > MAX_PROG_MAPS) return -E2BIG
  const prog = kmalloc(cpu, KIND.prog, BPF_PROG.SIZE) as BpfProg
  if (prog === 0) return -ENOMEM
  words[prog + BPF_PROG.mapCount] = maps.length
  for (let i = 0; i < maps.length; i++) {
    mapInc(cpu, maps[i])
    words[prog + BPF_PROG.maps + i] = maps[i]
  }
  refcountSet(words, prog + BPF_PROG.refcount, 1)
  return prog
}

/** Takes another reference where one is held: for as long as the program runs. Model: bpf_prog_inc(). */
export function progInc(cpu: Cpu, prog: BpfProg): void {
  refcountInc(cpu.words, prog + BPF_PROG.refcount)
}

/**
 * Drops a reference; with the last one the program goes, and its maps' references, a grace period later. Never waits.
 * Model: bpf_prog_put().
 */
export function progPut(cpu: Cpu, prog: BpfProg): void {
  if (refcountDecAndTest(cpu.words, prog + BPF_PROG.refcount)) callRcu(cpu, prog + BPF_PROG.rcu, CALLBACK.progFree)
}

/** The callback behind CALLBACK.progFree. */
export function progFreeCallback(cpu: Cpu, head: number): void {
  const { words } = cpu
  const prog = head - BPF_PROG.rcu
  for (let i = 0; i < words[prog + BPF_PROG.mapCount]; i++) mapPut(cpu, words[prog + BPF_PROG.maps + i] as BpfMap)
  kfree(cpu, KIND.prog, BPF_PROG.SIZE, prog)
}
