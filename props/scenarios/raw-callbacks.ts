/**
 * Callbacks, orphans, the barrier, the bell and deferred work, with their implementation: nothing of it is run twice,
 * too early or not at all.
 */

import { CALLBACK, kfreeFunc } from '../../src/shared/callbacks.ts'
import { kmalloc, liveObjects } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { CALLBACK_MASK, type Cpu } from '../../src/sync/cpu.ts'
import { deferredWorkPending, queueRcuWork, queueWork, runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuOffline, rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { kfreeRcu, RCU_HEAD } from '../../src/sync/rcu-callback.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { rcuBarrier, runOrphans } from '../../src/sync/synchronize-rcu.ts'
import { readWorkBell, ringWorkBell, waitForWorkBell } from '../../src/sync/work-bell.ts'
import { RAW_TO_THE_ALLOCATOR } from './beneath-tags.ts'
import { inReadSection, type Setting, setting } from './setting.ts'

interface WithObjects extends Setting {
  /** By CPU, an object whose first two words are the head of a callback that frees it. */
  readonly heads: readonly number[]
}

const SIZE = 16

/** CPUs alone, of which `offline` are so, and an object for each. */
function cpusWithObjects(threads: number, offline: readonly number[]): WithObjects {
  const given = setting({ threads, maps: 0, sockets: 0 })
  const main = given.cpus[threads]
  const heads = given.cpus.slice(0, threads).map(() => kmalloc(main, KIND.file, SIZE))
  for (const head of heads) main.words[head + RCU_HEAD.func] = kfreeFunc(KIND.file, SIZE, 0)
  rcuOffline(main)
  for (const id of offline) rcuOffline(given.cpus[id])
  return { ...given, heads }
}

/** The heads of a list, from its newest on. Throws if it comes back to itself. */
function listAt({ memory }: Setting, word: number): number[] {
  const list: number[] = []
  for (let head = memory.words[word]; head !== 0; head = memory.words[head + RCU_HEAD.next]) {
    if (list.includes(head)) throw new Error(`the list goes round at word ${head}`)
    list.push(head)
  }
  return list
}

/** Throws unless each of the first `count` objects is free or stands among the orphans. */
const freedOrOrphaned =
  (count: number) =>
  (given: WithObjects): void => {
    const left = listAt(given, given.cpus[0].rcu + RCU.orphans).length
    const freed = given.heads.length - liveObjects(given.memory).file
    if (freed + left !== count) throw new Error(`${freed} are free and ${left} are orphans, expected ${count} of both`)
  }

/** Leaves its callback to whoever comes, as it goes offline, if its grace period is not over then. */
const queueAndLeave =
  (id: number) =>
  ({ cpus, heads }: WithObjects): void => {
    kfreeRcu(cpus[id], heads[id])
    rcuOffline(cpus[id])
  }

/** Two CPUs leave their callbacks at once. */
export const twoLeaveCallbacks = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, []),
  threads: [queueAndLeave(0), queueAndLeave(1)],
  after: freedOrOrphaned(2),
}

/** One leaves a callback while another runs what it finds, and goes then. */
export const leaveAgainstOrphanRun = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, []),
  threads: [
    queueAndLeave(0),
    ({ cpus: [, cpu] }: WithObjects): number => {
      const count = runOrphans(cpu)
      rcuOffline(cpu)
      return count
    },
  ],
  after: freedOrOrphaned(1),
}

/** A callback that was left, and nobody online. */
function oneOrphan(): WithObjects {
  const given = cpusWithObjects(3, [])
  queueAndLeave(0)(given)
  for (const cpu of given.cpus.slice(1, 3)) rcuOffline(cpu)
  return given
}

/** Two look for orphans: there is one, and one of the two runs it. */
export const twoOrphanRuns = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: oneOrphan,
  threads: [1, 2].map(
    (id) =>
      ({ cpus }: WithObjects): number =>
        runOrphans(cpus[id]),
  ),
  after(given: WithObjects, counts: readonly unknown[]): void {
    freedOrOrphaned(1)(given)
    if (counts[0] === counts[1]) throw new Error(`got ${counts}, expected 0 and 1`)
  },
}

/** What was left before the barrier has run when it ends, whoever runs it. */
export const barrierAgainstOrphanRun = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: oneOrphan,
  threads: [
    ({ cpus: [, cpu], memory }: WithObjects): number => {
      rcuBarrier(cpu)
      return liveObjects(memory).file
    },
    ({ cpus: [, , cpu] }: WithObjects): number => runOrphans(cpu),
  ],
  after(given: WithObjects, [live]: readonly unknown[]): void {
    freedOrOrphaned(1)(given)
    if (live !== 2) throw new Error(`${live} objects were there behind the barrier, expected 2`)
  },
}

/** A callback waits for a reader that began before it was queued. */
export const callbackAgainstReader = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, []),
  threads: [
    ({ cpus: [cpu], heads }: WithObjects): number => {
      const seen = inReadSection(cpu, () => cpu.words[heads[1] + 2])
      rcuQuiescentState(cpu)
      rcuOffline(cpu)
      return seen
    },
    ({ cpus: [, cpu], heads }: WithObjects): void => {
      kfreeRcu(cpu, heads[1])
      rcuQuiescentState(cpu)
      rcuOffline(cpu)
    },
  ],
  after: freedOrOrphaned(1),
}

/** A bell that rings twice: each ring moves it on, or a kworker that has just looked would sleep over the second. */
export const twoRings = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, [0, 1]),
  threads: [0, 1].map((id) => ({ cpus }: WithObjects): number => {
    const before = readWorkBell(cpus[id])
    ringWorkBell(cpus[id])
    return readWorkBell(cpus[id]) - before
  }),
  after({ cpus: [cpu] }: WithObjects): void {
    if (readWorkBell(cpu) !== 2) throw new Error(`two rings moved the bell to ${readWorkBell(cpu)}, expected 2`)
  },
}

/** The number of the work that frees an object. */
const freeing = ({ words }: Cpu, head: number): number =>
  (words[head + RCU_HEAD.func] & ~CALLBACK_MASK) | CALLBACK.kfree

/** Queues its object to be freed as work. */
const queue =
  (id: number) =>
  ({ cpus, heads }: WithObjects): void =>
    queueWork(cpus[id], heads[id], freeing(cpus[id], heads[id]))

/** As many works are done or on the list as were queued, and as many are pending as there are on the list. */
const doneOrQueued =
  (count: number) =>
  (given: WithObjects, [, done]: readonly unknown[]): void => {
    const left = listAt(given, given.cpus[0].rcu + RCU.work).length
    const all = left + ((done as number | undefined) ?? 0)
    if (all !== count) throw new Error(`${all} works were done or are left, expected ${count}`)
    const pending = deferredWorkPending(given.cpus[0])
    if (pending !== left) throw new Error(`${pending} works are pending, expected ${left}`)
  }

/** Two CPUs queue work. */
export const twoQueueWork = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, [0, 1]),
  threads: [queue(0), queue(1)],
  after: doneOrQueued(2),
}

/** One queues work, the other does what it finds. */
export const queueWorkAgainstRun = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, [0, 1]),
  threads: [queue(0), ({ cpus }: WithObjects): number => runDeferredWork(cpus[1])],
  after: doneOrQueued(1),
}

/** One queues work while the other does what was queued before. */
export const queueWorkAgainstWorkBefore = {
  ...RAW_TO_THE_ALLOCATOR,
  setup() {
    const given = cpusWithObjects(2, [0, 1])
    queue(0)(given)
    return given
  },
  threads: [queue(1), ({ cpus }: WithObjects): number => runDeferredWork(cpus[0])],
  after: doneOrQueued(2),
}

/** Two let their work go on after a grace period: both are counted. */
export const twoQueueRcuWork = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, [0, 1]),
  threads: [0, 1].map(
    (id) =>
      ({ cpus, heads }: WithObjects): void =>
        queueRcuWork(cpus[id], heads[id], freeing(cpus[id], heads[id])),
  ),
  after({ cpus: [cpu] }: WithObjects): void {
    if (deferredWorkPending(cpu) !== 2) throw new Error(`${deferredWorkPending(cpu)} works are pending, expected 2`)
  },
}

/** Two do what they find: it is done once. */
export const twoWorkRuns = {
  ...RAW_TO_THE_ALLOCATOR,
  setup() {
    const given = cpusWithObjects(2, [0, 1])
    queue(0)(given)
    return given
  },
  threads: [0, 1].map(
    (id) =>
      ({ cpus }: WithObjects): number =>
        runDeferredWork(cpus[id]),
  ),
  after(given: WithObjects, [one, other]: readonly unknown[]): void {
    doneOrQueued(1)(given, [0, (one as number) + (other as number)])
  },
}

/** The kworker's turn: it sleeps only if it has seen all there was when it looked at the bell. */
function workUntilDone(cpu: Cpu): number {
  for (;;) {
    const bell = readWorkBell(cpu)
    rcuOnline(cpu)
    const done = runDeferredWork(cpu)
    rcuOffline(cpu)
    if (done > 0) return done
    waitForWorkBell(cpu, bell, Number.POSITIVE_INFINITY)
  }
}

/** Whoever queues work rings, so that the kworker does not sleep over it. */
export const queueWorkAgainstKworker = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusWithObjects(2, [0, 1]),
  threads: [queue(0), ({ cpus }: WithObjects): number => workUntilDone(cpus[1])],
  after: doneOrQueued(1),
}
