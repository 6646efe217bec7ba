/**
 * What each CPU does in the suite `scale`: one operation, over and over, for so many milliseconds.
 */

import { fileObject, fput, sockfdLookup } from '../src/shared/fd-table.ts'
import { mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import type { BpfMap, File, Sk } from '../src/shared/pointer.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, skStorageDelete, skStorageGet } from '../src/shared/sk-storage.ts'
import { skStorageUpdate } from '../src/shared/sk-storage-update.ts'
import { BPF_F_LOCK } from '../src/shared/update-flags.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import type { CallContext } from '../src/workers/task.ts'
import { succeed } from './make.ts'

export interface ScaleTask {
  readonly operation: 'get' | 'create' | 'update'
  /** Descriptor of the map. */
  readonly map: number
  /** Descriptors of each CPU's sockets. */
  readonly sockets: readonly (readonly number[])[]
  readonly ms: number
}

/** What a CPU did, and from when to when, in milliseconds of one clock for all threads. */
export interface Counted {
  readonly done: number
  readonly begin: number
  readonly end: number
}

/** Operations between two looks at the clock. */
const CHUNK = 256
const CREATE = BPF_SK_STORAGE_GET_F_CREATE
const VALUE = Int32Array.of(1, 0)

type Chunk = (cpu: Cpu, map: BpfMap, sks: Int32Array) => void

// A loop of its own for each operation, so that V8 compiles each as if there were no other.
const CHUNKS: Readonly<Record<ScaleTask['operation'], Chunk>> = {
  get: (cpu, map, sks) => {
    for (let i = 0; i < CHUNK; i++) {
      rcuReadLock(cpu)
      skStorageGet(cpu, map, sks[i % sks.length] as Sk, null, CREATE)
      rcuReadUnlock(cpu)
      rcuQuiescentState(cpu)
    }
  },
  create: (cpu, map, sks) => {
    for (let i = 0; i < CHUNK; i++) {
      rcuReadLock(cpu)
      // With others on the same socket either may find that somebody was faster.
      skStorageGet(cpu, map, sks[i % sks.length] as Sk, null, CREATE)
      skStorageDelete(cpu, map, sks[i % sks.length] as Sk)
      rcuReadUnlock(cpu)
      rcuQuiescentState(cpu)
    }
  },
  update: (cpu, map, sks) => {
    for (let i = 0; i < CHUNK; i++) {
      rcuReadLock(cpu)
      skStorageUpdate(cpu, map, sks[i % sks.length] as Sk, VALUE, BPF_F_LOCK)
      rcuReadUnlock(cpu)
      rcuQuiescentState(cpu)
    }
  },
}

/** Repeats `chunk` on a gang that starts together. */
export function repeat(context: CallContext, ms: number, perChunk: number, chunk: () => void): Counted {
  const { timeOrigin } = performance
  if (!context.together()) return { done: 0, begin: 0, end: 1 }
  const begin = performance.now()
  let done = 0
  let now = begin
  do {
    chunk()
    done += perChunk
    now = performance.now()
  } while (now - begin < ms && !context.stopping())
  return { done, begin: timeOrigin + begin, end: timeOrigin + now }
}

/**
 * Operations a second of a whole gang, from the first CPU's begin to the last one's end: a CPU that had to wait for a
 * core lowers it.
 */
export function perSecond(counted: readonly Counted[]): number {
  const done = counted.reduce((sum, { done }) => sum + done, 0)
  const begin = Math.min(...counted.map(({ begin }) => begin))
  const end = Math.max(...counted.map(({ end }) => end))
  return (done * 1000) / (end - begin)
}

/** The sockets behind these descriptors, which keep them alive. */
export function socketsOf(cpu: Cpu, fds: readonly number[]): Int32Array {
  return Int32Array.from(fds, (fd) => {
    const file = succeed('sockfdLookup', sockfdLookup(cpu, fd)) as File
    const sk = fileObject(cpu, file)
    fput(cpu, file)
    return sk
  })
}

export default function scaleJob(context: CallContext): Counted {
  const { cpu } = context
  const { operation, map: fd, sockets, ms } = context.args as ScaleTask
  const map = succeed('mapGet', mapGet(cpu, fd)) as BpfMap
  const sks = socketsOf(cpu, sockets[cpu.id])
  const chunk = CHUNKS[operation]
  // The elements are there before the clock runs.
  CHUNKS.get(cpu, map, sks)
  const counted = repeat(context, ms, CHUNK, () => chunk(cpu, map, sks))
  mapPut(cpu, map)
  return counted
}
