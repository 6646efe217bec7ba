/**
 * The workloads of `run`: what each sets up before the CPUs start, what one phase of it is, and what must hold at the
 * end.
 */

import { formatSize } from '../command/size.ts'
import { UsageError } from '../command/usage-error.ts'
import { MAX_PROG_MAPS } from '../shared/bpf-prog.ts'
import { struct, u32 } from '../shared/btf/btf.ts'
import { BpfError } from '../workers/bpf-error.ts'
import { countsOf } from '../workers/control.ts'
import type { Machine } from '../workers/machine.ts'
import type { PhaseArgs } from '../workers/workloads/actor.ts'
import type { EgressArgs } from '../workers/workloads/egress.ts'
import { mapOptions, socketOptions } from '../workers/workloads/object-operations.ts'
import { createSlots, mapSlot, putFd, socketSlot } from '../workers/workloads/slots.ts'
import { type CpuReport, OP } from '../workers/workloads/tally.ts'
import { loadValueTypes } from '../workers/workloads/value-types.ts'

export const WORKLOADS = ['churn', 'egress', 'clone'] as const
export type WorkloadName = (typeof WORKLOADS)[number]

export interface Workload {
  /** Runs on all CPUs until the machine is told to stop. */
  phase(phase: number): Promise<CpuReport[]>
  /** With all CPUs at rest, after the last phase: what is wrong, one sentence each. */
  finish(): string[]
}

/** What is timed: each run of the program, each operation. */
interface Timing {
  readonly stats: boolean
  readonly latency: boolean
}

/** Opens the sockets and makes the maps. Throws UsageError where they do not fit. */
export function prepareWorkload(
  name: WorkloadName,
  machine: Machine,
  sockets: number,
  maps: number,
  { stats, latency }: Timing,
): Workload {
  if (stats && name !== 'egress')
    throw new UsageError(`--stats: got it with ${name}, expected it with egress, which runs a program`)
  if (latency && name === 'egress')
    throw new UsageError('--latency: got it with egress, expected churn or clone; egress has --stats')
  try {
    return name === 'egress'
      ? prepareEgress(machine, sockets, maps, stats)
      : prepareMix(name, machine, sockets, maps, latency)
  } catch (error) {
    if (!(error instanceof BpfError) || error.code !== 'ENOMEM') throw error
    const got = formatSize(machine.memory.words.byteLength)
    throw new UsageError(`--memory: got ${got}, expected room for ${sockets} sockets and ${maps} maps`)
  }
}

/** Churn and clone: a directory full of sockets and maps, from which the CPUs take and to which they give. */
function prepareMix(
  name: 'churn' | 'clone',
  machine: Machine,
  sockets: number,
  maps: number,
  latency: boolean,
): Workload {
  const { sys } = machine
  const slots = createSlots(sockets, maps)
  for (let i = 0; i < sockets; i++) putFd(slots, socketSlot(i), sys.socket(socketOptions(i)))
  const types = loadValueTypes(sys)
  for (let i = 0; i < maps; i++) putFd(slots, mapSlot(slots, i), sys.mapCreate(mapOptions(i, name === 'clone', types)))
  const url = new URL(`../workers/workloads/${name}.js`, import.meta.url)
  return {
    async phase(phase) {
      const args: PhaseArgs = { slots, phase, types, latency }
      return (await machine.call(url, args)) as CpuReport[]
    },
    finish: () => [],
  }
}

/** Egress: a program counts packets. At the end the maps must hold as many as there were. */
function prepareEgress(machine: Machine, sockets: number, maps: number, timed: boolean): Workload {
  if (maps > MAX_PROG_MAPS) {
    throw new UsageError(`--maps: got ${maps}, expected at most ${MAX_PROG_MAPS} in one program, which egress is`)
  }
  const Counter = struct('counter', { cnt: u32 })
  const fds = machine.sockets(sockets)
  const counters = Array.from({ length: maps }, (_, i) => machine.createMap({ name: `egress_${i}`, value: Counter }))
  const args: EgressArgs = { control: machine.control }
  const program = machine.attach(new URL('../workers/workloads/egress.js', import.meta.url), {
    maps: Object.fromEntries(counters.map((map, i) => [`egress_${i}`, map.fd])),
    args,
  })
  const none = {
    errnos: {},
    violations: 0,
    sentences: [],
    socketsMade: 0,
    socketsClosed: 0,
    mapsMade: 0,
    mapsClosed: 0,
  }
  let packets = 0
  return {
    async phase() {
      const stats = await program.run({ sockets: fds, packets: Number.POSITIVE_INFINITY, stats: timed })
      for (const { runs } of stats) packets += runs
      return stats.map(({ seconds }) => ({ ...none, seconds }))
    },
    finish() {
      let counted = 0
      for (const map of counters) for (const fd of fds) counted += map.lookup(fd)?.cnt ?? 0
      const expected = packets * maps
      return counted === expected ? [] : [`the counters add up to ${counted}, expected ${expected}: updates were lost`]
    },
  }
}

/** A CPU's counts of operations so far, as they stand in the control words. */
export function readCounts(machine: Machine, cpu: number): number[] {
  const first = countsOf(cpu)
  return Object.values(OP).map((op) => machine.control[first + op])
}
