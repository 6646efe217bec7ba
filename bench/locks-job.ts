/**
 * What each CPU does in the suite `locks`: adds to one counter, in the way that is asked for, over and over.
 */

import { mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, skStorageGet } from '../src/shared/sk-storage.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../src/sync/bpf-spin-lock.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import type { CallContext } from '../src/workers/task.ts'
import { succeed } from './make.ts'
import { type Counted, repeat, socketsOf } from './scale-job.ts'

export interface LockTask {
  readonly way: 'short' | 'long' | 'add' | 'cmpxchg' | 'wake'
  /** Descriptors. */
  readonly map: number
  readonly socket: number
  readonly ms: number
}

const CHUNK = 256
/** Additions under the lock in a long section. */
const LONG = 64
/** How often a waiter is woken, and milliseconds the lock is held meanwhile: it is parked by then. */
const WAKES = 20
const HOLD = 1

type Chunk = (cpu: Cpu, value: number) => void

const CHUNKS: Readonly<Record<Exclude<LockTask['way'], 'wake'>, Chunk>> = {
  short: (cpu, value) => {
    const { words } = cpu
    for (let i = 0; i < CHUNK; i++) {
      bpfSpinLock(cpu, value + 1)
      words[value]++
      bpfSpinUnlock(cpu, value + 1)
    }
  },
  long: (cpu, value) => {
    const { words } = cpu
    for (let i = 0; i < CHUNK; i++) {
      bpfSpinLock(cpu, value + 1)
      // Of memory that others see, so that V8 does not add them up.
      for (let j = 0; j < LONG; j++) words[value] = (words[value] ^ j) + 1
      bpfSpinUnlock(cpu, value + 1)
    }
  },
  add: ({ words }, value) => {
    for (let i = 0; i < CHUNK; i++) Atomics.add(words, value, 1)
  },
  cmpxchg: ({ words }, value) => {
    for (let i = 0; i < CHUNK; i++) {
      let seen = Atomics.load(words, value)
      for (;;) {
        const was = Atomics.compareExchange(words, value, seen, seen + 1)
        if (was === seen) break
        seen = was
      }
    }
  },
}

/**
 * Nanoseconds, the low thirty bits, to fit a word: one clock for all threads, whose performance.now() begin at
 * different times.
 */
const CLOCK_MASK = 0x3fff_ffff

function clock(): number {
  return Number(process.hrtime.bigint() & BigInt(CLOCK_MASK))
}

/**
 * CPU 0 holds the lock until CPU 1 is parked, and releases it. CPU 1 returns, as begin and end, its fastest acquisition
 * behind a release.
 */
function wake(context: CallContext, value: number): Counted {
  const { cpu } = context
  const { words } = cpu
  const lock = value + 1
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < WAKES; i++) {
    if (cpu.id === 0) bpfSpinLock(cpu, lock)
    if (!context.together()) break
    if (cpu.id === 0) {
      const until = performance.now() + HOLD
      while (performance.now() < until);
      Atomics.store(words, value, clock())
      bpfSpinUnlock(cpu, lock)
    } else {
      bpfSpinLock(cpu, lock)
      best = Math.min(best, (clock() - Atomics.load(words, value)) & CLOCK_MASK)
      bpfSpinUnlock(cpu, lock)
    }
    if (!context.together()) break
  }
  return { done: WAKES, begin: 0, end: best / 1e6 }
}

export default function locksJob(context: CallContext): Counted {
  const { cpu } = context
  const { way, map: fd, socket, ms } = context.args as LockTask
  const map = succeed('mapGet', mapGet(cpu, fd)) as BpfMap
  const [sk] = socketsOf(cpu, [socket])
  // The socket lives, and nobody deletes the element: the value stays.
  let value = 0
  while (value === 0) {
    rcuReadLock(cpu)
    value = skStorageGet(cpu, map, sk as Sk, null, BPF_SK_STORAGE_GET_F_CREATE)
    rcuReadUnlock(cpu)
    rcuQuiescentState(cpu)
  }
  const done = way === 'wake' ? wake(context, value) : repeat(context, ms, CHUNK, () => CHUNKS[way](cpu, value))
  mapPut(cpu, map)
  return done
}
