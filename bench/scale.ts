/**
 * From one CPU to several: lookups, creations and deletions, and updates in place, on sockets of their own and all on
 * one.
 */

import { availableParallelism } from 'node:os'
import { BPF_MAP_TYPE_SK_STORAGE } from '../src/shared/map-options.ts'
import { BPF_F_NO_PREALLOC } from '../src/shared/sk-storage-map.ts'
import { boot, type Machine } from '../src/workers/machine.ts'
import { printed } from './native.ts'
import { type Counted, perSecond, type ScaleTask } from './scale-job.ts'
import type { Case, MeasuredCase, Row, Scope, Suite } from './suite.ts'
import { Unavailable } from './unavailable.ts'

const JOB = new URL('./scale-job.js', import.meta.url)
/** Sockets of each CPU, where each has its own. */
const OWN_SOCKETS = 64

const OPERATIONS = { get: 'lookup', create: 'create + delete', update: 'update in place' } as const
const SOCKETS = { own: 'sockets of its own', one: 'all on one socket' } as const

type Operation = keyof typeof OPERATIONS
type Sockets = keyof typeof SOCKETS

/** 1, 2, 4, ... and the most. */
export function steps(most: number): number[] {
  return [...Array.from({ length: 7 }, (_, i) => 1 << i).filter((cpus) => cpus < most), most]
}

/** Says so where a gang of this size would have to take turns on the cores. */
export function needCores(cpus: number): void {
  const cores = availableParallelism()
  if (cpus > cores) throw new Unavailable(`skipped: needs ${cpus} cores, this machine has ${cores}`)
}

/** A machine that is booted when it is first asked for, and shut down by the last case that ends. */
export function lazyMachine(cpus: number): { get(): Promise<Machine>; end(): Promise<void> } {
  let machine: Promise<Machine> | undefined
  return {
    get: () => (machine ??= boot({ cpus, watchdogMs: 60_000 })),
    end: async () => {
      const booted = await machine
      machine = undefined
      // Throws if anything leaked.
      await booted?.shutdown()
    },
  }
}

/** A map whose values are { u32 cnt; bpf_spin_lock }. */
export function lockedMap(machine: Machine): number {
  return machine.sys.mapCreate({
    type: BPF_MAP_TYPE_SK_STORAGE,
    flags: BPF_F_NO_PREALLOC,
    keySize: 4,
    valueSize: 8,
    maxEntries: 0,
    lockOffset: 4,
    btfKeyTypeId: 1,
    btfValueTypeId: 2,
  })
}

function cases(scope: Scope): MeasuredCase[] {
  const most = scope.cpus
  const lazy = lazyMachine(most)
  let setup: { map: number; own: number[][]; one: number } | undefined
  const settingOf = (machine: Machine) =>
    (setup ??= {
      map: lockedMap(machine),
      own: Array.from({ length: most }, () => machine.sockets(OWN_SOCKETS)),
      one: machine.sockets(1)[0],
    })

  const ours = (operation: Operation, sockets: Sockets, cpus: number): MeasuredCase => ({
    name: nameOf(operation, sockets, cpus),
    measure: async ({ time }) => {
      needCores(cpus)
      const machine = await lazy.get()
      const { map, own, one } = settingOf(machine)
      const task: ScaleTask = {
        operation,
        map,
        sockets: sockets === 'own' ? own : own.map((some) => some.map(() => one)),
        ms: time,
      }
      return perSecond((await machine.call(JOB, task, cpus)) as Counted[])
    },
    end: lazy.end,
  })

  const native = (operation: Operation, sockets: Sockets, cpus: number): MeasuredCase => ({
    name: `native-${nameOf(operation, sockets, cpus)}`,
    measure: ({ time }) => {
      needCores(cpus)
      // As many buckets as our machine gives its maps: its CPUs, the kworker and the main thread.
      const log = 32 - Math.clz32(most + 1)
      return printed('native', 'scale', operation, cpus, sockets === 'own' ? 'own' : 'all', time, log)
    },
  })

  return everyCase(most, (operation, sockets, cpus) => [
    ours(operation, sockets, cpus),
    native(operation, sockets, cpus),
  ])
}

function nameOf(operation: Operation, sockets: Sockets, cpus: number): string {
  return `${operation}-${sockets}-${cpus}`
}

function everyCase<T>(most: number, each: (operation: Operation, sockets: Sockets, cpus: number) => T[]): T[] {
  return (Object.keys(OPERATIONS) as Operation[]).flatMap((operation) =>
    (Object.keys(SOCKETS) as Sockets[]).flatMap((sockets) =>
      steps(most).flatMap((cpus) => each(operation, sockets, cpus)),
    ),
  )
}

function rows({ cpus: most }: Scope): Row[] {
  return everyCase(most, (operation, sockets, cpus): Row[] => {
    const label = `${OPERATIONS[operation]}, ${SOCKETS[sockets]}, ${cpus} CPU${cpus > 1 ? 's' : ''}`
    const one = nameOf(operation, sockets, 1)
    const name = nameOf(operation, sockets, cpus)
    return [
      { name, label, unit: 'perSecond', base: cpus === 1 ? null : one },
      { name: `native-${name}`, label: '  C reference', unit: 'perSecond', base: cpus === 1 ? null : `native-${one}` },
    ]
  })
}

export const scale: Suite = {
  name: 'scale',
  processes: 5,
  summary: 'one CPU to several: lookups, creations and deletions, updates in place',
  rows,
  prepare: (names, scope): Case[] => cases(scope).filter(({ name }) => names.includes(name)),
  footer: [
    'Operations a second over all CPUs, which start together; ratios are to one CPU: how many times as many. Each CPU works on',
    `${OWN_SOCKETS} sockets of its own, or all on one. The C reference has as many buckets as our map. With fewer cores than CPUs a`,
    'line is skipped; with other work on the machine, or with hyperthreads for cores, it says more about that than about us.',
  ],
}
