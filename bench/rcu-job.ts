/**
 * What each CPU does in the suite `rcu`: the first is the updater, the others read.
 */

import { mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { SELEM, SK_STORAGE } from '../src/shared/records.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, skStorageDelete, skStorageGet } from '../src/shared/sk-storage.ts'
import { type Cpu, PERCPU } from '../src/sync/cpu.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { synchronizeRcu } from '../src/sync/synchronize-rcu.ts'
import type { CallContext } from '../src/workers/task.ts'
import { succeed } from './make.ts'
import { perSecond, repeat, socketsOf } from './scale-job.ts'

export interface RcuTask {
  readonly what: 'grace' | 'callbacks' | 'held'
  /** Descriptors. */
  readonly map: number
  readonly sockets: readonly number[]
  readonly ms: number
}

const CHUNK = 64
/** An element and its storage, in bytes: what two callbacks free. */
const PAIR = 4 * (Math.ceil((SELEM.value + 2) / 16) * 16 + SK_STORAGE.SIZE)

/** Makes and deletes a chunk of storages; two callbacks each. */
function churn(cpu: Cpu, map: BpfMap, sks: Int32Array): void {
  for (let i = 0; i < CHUNK; i++) {
    rcuReadLock(cpu)
    skStorageGet(cpu, map, sks[i % sks.length] as Sk, null, BPF_SK_STORAGE_GET_F_CREATE)
    skStorageDelete(cpu, map, sks[i % sks.length] as Sk)
    rcuReadUnlock(cpu)
    rcuQuiescentState(cpu)
  }
}

function read(cpu: Cpu, map: BpfMap, sks: Int32Array): void {
  for (let i = 0; i < CHUNK; i++) {
    rcuReadLock(cpu)
    skStorageGet(cpu, map, sks[i % sks.length] as Sk, null, 0)
    rcuReadUnlock(cpu)
    rcuQuiescentState(cpu)
  }
}

/** One long read section, and nothing of what it could have seen is freed. */
function readSlowly(cpu: Cpu, context: CallContext, ms: number): void {
  if (!context.together()) return
  rcuReadLock(cpu)
  const until = performance.now() + ms
  while (performance.now() < until);
  rcuReadUnlock(cpu)
  rcuQuiescentState(cpu)
}

function updater(context: CallContext, { what, ms }: RcuTask, map: BpfMap, sks: Int32Array): number {
  const { cpu } = context
  if (what === 'grace') {
    return 1e9 / perSecond([repeat(context, ms, 1, () => synchronizeRcu(cpu))])
  }
  if (what === 'callbacks') {
    return perSecond([repeat(context, ms, 2 * CHUNK, () => churn(cpu, map, sks))])
  }
  const { words, base } = cpu
  let most = 0
  repeat(context, ms, CHUNK, () => {
    churn(cpu, map, sks)
    most = Math.max(most, words[base + PERCPU.callbacks])
  })
  return (most / 2) * PAIR
}

export default function rcuJob(context: CallContext): number {
  const { cpu } = context
  const task = context.args as RcuTask
  const map = succeed('mapGet', mapGet(cpu, task.map)) as BpfMap
  const sks = socketsOf(cpu, task.sockets)
  let result = 0
  if (cpu.id === 0) result = updater(context, task, map, sks)
  else if (task.what === 'held') readSlowly(cpu, context, task.ms)
  // Longer than the updater, which shall have company to the end.
  else repeat(context, task.ms + 5, CHUNK, () => read(cpu, map, sks))
  mapPut(cpu, map)
  return result
}
