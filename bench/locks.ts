/**
 * bpf_spin_lock when several CPUs want it, beside doing without a lock.
 */

import { availableParallelism } from 'node:os'
import type { LockTask } from './locks-job.ts'
import { lazyMachine, lockedMap, needCores, steps } from './scale.ts'
import { type Counted, perSecond } from './scale-job.ts'
import type { Case, MeasuredCase, Row, Scope, Suite } from './suite.ts'

const JOB = new URL('./locks-job.js', import.meta.url)

const WAYS = {
  short: 'bpf_spin_lock, short section',
  long: 'bpf_spin_lock, long section',
  add: 'no lock: atomic add',
  cmpxchg: 'no lock: cmpxchg loop',
} as const

type Way = keyof typeof WAYS

/** More CPUs than cores: waiters must not keep the owner from its core. */
const CROWD = 2 * availableParallelism()

function cases({ cpus: most }: Scope): MeasuredCase[] {
  const lazy = lazyMachine(Math.max(most, CROWD, 2))
  let setup: { map: number; socket: number } | undefined
  const call = async (way: LockTask['way'], cpus: number, ms: number): Promise<Counted[]> => {
    const machine = await lazy.get()
    setup ??= { map: lockedMap(machine), socket: machine.sockets(1)[0] }
    const task: LockTask = { way, ...setup, ms }
    return (await machine.call(JOB, task, cpus)) as Counted[]
  }
  const { end } = lazy
  const throughput = (name: string, way: Way, cpus: number): MeasuredCase => ({
    name,
    measure: async ({ time }) => {
      if (cpus <= most) needCores(cpus)
      return perSecond(await call(way, cpus, time))
    },
    end,
  })
  return [
    ...ways().flatMap((way) => steps(most).map((cpus) => throughput(`${way}-${cpus}`, way, cpus))),
    throughput('crowd', 'short', CROWD),
    ...(['short', 'long'] as const).map(
      (way): MeasuredCase => ({
        name: `fairness-${way}`,
        measure: async ({ time }) => {
          needCores(most)
          const counted = (await call(way, most, time)).map(({ done }) => done)
          return Math.min(...counted) / Math.max(...counted)
        },
        end,
      }),
    ),
    {
      name: 'wake-up',
      measure: async () => {
        needCores(2)
        const [, waiter] = await call('wake', 2, 0)
        // From the release to the waiter's acquisition.
        return (waiter.end - waiter.begin) * 1e6
      },
      end,
    },
  ]
}

function ways(): Way[] {
  return Object.keys(WAYS) as Way[]
}

function rows({ cpus: most }: Scope): Row[] {
  return [
    ...ways().flatMap((way) =>
      steps(most).map(
        (cpus): Row => ({
          name: `${way}-${cpus}`,
          label: `${WAYS[way]}, ${cpus} CPU${cpus > 1 ? 's' : ''}`,
          unit: 'perSecond',
          base: cpus === 1 ? null : `${way}-1`,
        }),
      ),
    ),
    {
      name: 'crowd',
      label: `bpf_spin_lock, short section, ${CROWD} CPUs on ${CROWD / 2} cores`,
      unit: 'perSecond',
      base: 'short-1',
    },
    { name: 'fairness-short', label: `unluckiest to luckiest CPU, short, ${most} CPUs`, unit: 'share', base: null },
    { name: 'fairness-long', label: `unluckiest to luckiest CPU, long, ${most} CPUs`, unit: 'share', base: null },
    { name: 'wake-up', label: 'a parked waiter has the lock after its release', base: null },
  ]
}

export const locks: Suite = {
  name: 'locks',
  processes: 5,
  summary: 'bpf_spin_lock with several CPUs, beside doing without',
  rows,
  prepare: (names, scope): Case[] => cases(scope).filter(({ name }) => names.includes(name)),
  footer: [
    'All CPUs add to the one counter of one socket; additions a second over all, and ratios to one CPU. A short section is one',
    "addition, a long one 64. Fairness is the additions of the unluckiest CPU as a share of the luckiest one's, the best of",
    'several rounds. The wake-up is the fastest of many in each process.',
  ],
}
