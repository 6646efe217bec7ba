/**
 * Programs of an object against each other and against syscalls, as a scenario for whoever runs interleavings: a small
 * memory with the object's maps and some sockets, a CPU for each thread.
 *
 * Nothing here knows who runs it. All that is told by names: the outcome are the numbers that changed.
 */

import { cpuOf } from '../../shared/cpu-of.ts'
import { FILE_SOCKET, fdOpen } from '../../shared/fd-table.ts'
import { checkInvariants } from '../../shared/invariants.ts'
import { mapGet } from '../../shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import { createMemory } from '../../shared/memory.ts'
import type { BpfMap } from '../../shared/pointer.ts'
import { skStorageGet } from '../../shared/sk-storage.ts'
import { skAlloc, sockHoldNotZero, sockPut } from '../../shared/sock.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { rcuOnline, rcuQuiescentState } from '../../sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import { type Environment, type Run, viewsOf } from '../code/compile.ts'
import { createHelpers } from './helpers.ts'
import { virtualInputs } from './inputs.ts'
import { createObjectMaps, firstValue } from './object-maps.ts'
import { placesOf } from './places.ts'
import type { ScenarioPlan, ScenarioState } from './scenario-plan.ts'
import { changedSince, shownValues } from './shown-values.ts'
import { SOCKET_FIELDS } from './socket-fields.ts'
import { runSyscall } from './syscall-threads.ts'

/** The factories of generated text, by the program's name. */
export type Factories = Readonly<Record<string, (environment: Environment) => Run>>

/** The scenario, in the shape that explorers take. */
export function bpfScenario(plan: ScenarioPlan, factories: Factories) {
  const names = new Map<number, string>()
  const runs = plan.programs.map((_, i) => (state: ScenarioState) => runProgram(plan, factories, state, i))
  const calls = plan.syscalls.map((call, i) => (state: ScenarioState) => {
    return runSyscall(state, call, state.cpus[plan.programs.length + i])
  })
  // Whoever closes sockets leaves work behind that nobody here does.
  const leavesWork = plan.syscalls.some(({ call }) => call === 'close')
  return {
    setup: () => setUp(plan, names),
    threads: [...runs, ...calls],
    threadNames: [
      ...plan.programs.map(({ name }, i) => `${name}#${i}`),
      ...plan.syscalls.map(({ call, argument }) => `${call} ${argument}`),
    ],
    after: ({ cpus }: ScenarioState) => {
      const wrong = leavesWork ? [] : checkInvariants(cpus[cpus.length - 1])
      if (wrong.length > 0) throw new Error(wrong.join('; '))
    },
    outcome: (state: ScenarioState, results: readonly unknown[]) => {
      const shown = changedSince(state.before, shownValues(plan, state)) || 'nothing changed'
      const usual = results.every((result) => result === 1 || result === 0)
      return usual && new Set(results).size < 2 ? shown : `${shown}; returned ${results.join(', ')}`
    },
    placeName: (index: number, view: ArrayBufferView) => {
      const size = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
      return names.get(index * size)
    },
  }
}

function setUp(plan: ScenarioPlan, names: Map<number, string>): ScenarioState {
  const threads = plan.programs.length + plan.syscalls.length
  const memory = createMemory({ cpus: threads + 1, bytes: plan.bytes, maxFds: 64 })
  const cpus = Array.from({ length: threads + 1 }, (_, id) => cpuOf(memory, id))
  const main = cpus[threads]
  rcuOnline(main)
  const definitions = plan.maps.map(({ definition }) => definition)
  const mapFds = createObjectMaps(main, plan.object, definitions)
  const pointers = mapFds.map((fd) => mapGet(main, fd) as BpfMap)
  const sockets = Array.from({ length: plan.sockets }, () => skAlloc(main, {}))
  const fds = sockets.map((sk) => fdOpen(main, FILE_SOCKET, sk))
  rcuReadLock(main)
  for (const [i, { type }] of definitions.entries())
    if (type === BPF_MAP_TYPE_SK_STORAGE && !plan.fresh)
      for (const sk of sockets) skStorageGet(main, pointers[i], sk, null, 1)
  rcuReadUnlock(main)
  const byName = (of: (map: BpfMap) => number) =>
    Object.fromEntries(definitions.map(({ name }, i) => [name, of(pointers[i])]))
  const state: ScenarioState = {
    cpus,
    views: viewsOf(memory.words),
    fds,
    mapFds,
    maps: byName((map) => map) as Record<string, BpfMap>,
    values: byName((map) => firstValueOf(main, map)),
    sockets,
    before: { numbers: new Map(), values: new Set(), rest: new Map() },
  }
  // A packet on its way holds its socket; where nobody closes it, that makes no difference.
  if (plan.syscalls.some(({ call }) => call === 'close'))
    for (const { socket } of plan.programs) sockHoldNotZero(main, sockets[socket])
  rcuQuiescentState(main)
  for (const cpu of cpus) rcuOnline(cpu)
  for (const [at, name] of placesOf(plan, state)) names.set(at, name)
  return { ...state, before: shownValues(plan, state) }
}

function firstValueOf(cpu: Cpu, map: BpfMap): number {
  rcuReadLock(cpu)
  const value = firstValue(cpu, map)
  rcuReadUnlock(cpu)
  return value
}

/** One packet of a program's socket. */
function runProgram(plan: ScenarioPlan, factories: Factories, state: ScenarioState, i: number): number {
  const { name, socket, context } = plan.programs[i]
  const cpu = state.cpus[i]
  const sk = state.sockets[socket]
  const environment: Environment = {
    cpu,
    ...state.views,
    maps: state.maps,
    values: state.values,
    helpers: createHelpers(virtualInputs(plan.seed, i)),
    fields: SOCKET_FIELDS,
  }
  const run = factories[name](environment)
  rcuReadLock(cpu)
  const result = run({ ...context, sk })
  rcuReadUnlock(cpu)
  if (plan.syscalls.some(({ call }) => call === 'close')) sockPut(cpu, sk)
  return result as number
}
