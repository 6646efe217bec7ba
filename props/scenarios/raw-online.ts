/**
 * A CPU comes online and goes offline around a grace period, with the implementation of both; what it leaves behind
 * wakes the kworker.
 */

import { CALLBACK, kfreeFunc } from '../../src/shared/callbacks.ts'
import { kmalloc, liveObjects } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { CALLBACK_MASK } from '../../src/sync/cpu.ts'
import { deferredWorkPending, queueWork, runDeferredWork } from '../../src/sync/deferred-work.ts'
import { pushGracePeriod } from '../../src/sync/grace-period.ts'
import { rcuOffline, rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuDereference, writeOnce } from '../../src/sync/rcu.ts'
import { callbacksPending, callRcu, kfreeRcu, RCU_HEAD } from '../../src/sync/rcu-callback.ts'
import { runOrphans, synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import { readWorkBell, waitForWorkBell } from '../../src/sync/work-bell.ts'
import { RAW_TO_THE_ALLOCATOR } from './beneath-tags.ts'
import { inReadSection, type Setting, setting } from './setting.ts'

interface WithObject extends Setting {
  /** A word that points to the object, and the object, whose first words are the head of a callback that frees it. */
  readonly pointer: number
  readonly object: number
}

const SIZE = 16
/** Where the object begins that somebody points to, and where its value is. */
const VALUE = 2

/** Two CPUs, of which `offline` are so. */
function withObject(offline: readonly number[]): WithObject {
  const given = setting({ maps: 0, sockets: 0 })
  const main = given.cpus[2]
  const [pointer, object] = [kmalloc(main, KIND.file, SIZE), kmalloc(main, KIND.file, SIZE)]
  main.words.fill(0, pointer, pointer + SIZE)
  main.words[object + RCU_HEAD.func] = kfreeFunc(KIND.file, SIZE, 0)
  main.words[object + VALUE] = 1
  main.words[pointer] = object
  rcuOffline(main)
  for (const id of offline) rcuOffline(given.cpus[id])
  return { ...given, pointer, object }
}

/**
 * A CPU comes online and reads what it finds. Whoever unlinked it waits for a grace period and changes it then: either
 * the reader is waited for, or it does not find the object any more.
 */
export const onlineAgainstGracePeriod = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => withObject([0, 1]),
  threads: [
    ({ cpus: [cpu], pointer }: WithObject): number => {
      rcuOnline(cpu)
      const seen = inReadSection(cpu, () => {
        const object = rcuDereference(cpu.words, pointer)
        return object === 0 ? 0 : cpu.words[object + VALUE]
      })
      rcuOffline(cpu)
      return seen
    },
    ({ cpus: [, cpu], pointer, object }: WithObject): void => {
      writeOnce(cpu.words, pointer, 0)
      synchronizeRcu(cpu)
      cpu.words[object + VALUE] = 2
    },
  ],
}

/** A callback's grace period is completed by another CPU while its own looks whether it is over. */
export const ripeAgainstGracePeriod = {
  ...RAW_TO_THE_ALLOCATOR,
  setup() {
    const given = withObject([])
    kfreeRcu(given.cpus[0], given.object)
    rcuQuiescentState(given.cpus[0])
    return given
  },
  threads: [
    ({ cpus: [cpu] }: WithObject): void => rcuOffline(cpu),
    ({ cpus: [, cpu] }: WithObject): void => {
      rcuOffline(cpu)
      pushGracePeriod(cpu)
    },
  ],
}

/** Leaves a callback behind, and the CPUs that are online. */
function leave({ cpus: [cpu], object }: WithObject): void {
  kfreeRcu(cpu, object)
  rcuOffline(cpu)
}

/** A third CPU is online and stays so: no grace period ends, and what a CPU has queued it leaves. */
function oneStays(): WithObject {
  const given = withObject([1])
  rcuOnline(given.cpus[2])
  return given
}

/** Whether callbacks are pending may be asked while another CPU leaves some. */
export const pendingAgainstLeave = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: oneStays,
  threads: [leave, ({ cpus: [, cpu] }: WithObject): boolean => callbacksPending(cpu)],
}

/** And how much work, while another CPU queues some. */
export const pendingAgainstQueueWork = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => withObject([0, 1]),
  threads: [
    ({ cpus: [cpu], object }: WithObject): void =>
      queueWork(cpu, object, (cpu.words[object + RCU_HEAD.func] & ~CALLBACK_MASK) | CALLBACK.kfree),
    ({ cpus: [, cpu] }: WithObject): number => deferredWorkPending(cpu),
  ],
}

/** The kworker sleeps until somebody leaves a callback. */
export const leaveAgainstKworker = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: oneStays,
  threads: [
    leave,
    ({ cpus: [, cpu] }: WithObject): void => {
      for (;;) {
        const bell = readWorkBell(cpu)
        if (callbacksPending(cpu)) return
        waitForWorkBell(cpu, bell, Number.POSITIVE_INFINITY)
      }
    },
  ],
}

/** What was left is run as work, by whoever comes while it is left. */
export const leaveAgainstWorkRun = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => withObject([]),
  threads: [
    leave,
    ({ cpus: [, cpu] }: WithObject): number => {
      const done = runDeferredWork(cpu)
      rcuOffline(cpu)
      return done
    },
  ],
}

/** A callback that was left, of a CPU that is offline now. The other one is online. */
function oneOrphan(): WithObject {
  const given = withObject([])
  kfreeRcu(given.cpus[1], given.object)
  rcuOffline(given.cpus[1])
  return given
}

/** Whoever runs it waits for a reader that began before. */
export const orphanAgainstReader = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: oneOrphan,
  threads: [
    ({ cpus: [cpu], object }: WithObject): number => {
      const seen = inReadSection(cpu, () => cpu.words[object])
      rcuOffline(cpu)
      return seen
    },
    ({ cpus: [, cpu] }: WithObject): number => runOrphans(cpu),
  ],
}

/** So does a callback that is told its function as it is queued. */
export const callRcuAgainstReader = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => withObject([]),
  threads: [
    ({ cpus: [cpu], object }: WithObject): number => {
      const seen = inReadSection(cpu, () => cpu.words[object + VALUE])
      rcuOffline(cpu)
      return seen
    },
    ({ cpus: [, cpu], object, memory }: WithObject): string => {
      callRcu(cpu, object, kfreeFunc(KIND.file, SIZE, 0))
      const queued = liveObjects(memory).file
      rcuOffline(cpu)
      return queued === 2 ? 'queued' : 'gone'
    },
  ],
}
