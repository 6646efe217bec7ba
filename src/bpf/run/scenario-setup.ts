/**
 * What a scenario begins with: a small memory, a CPU for each thread, the object's maps, and sockets with elements.
 */

import { cpuOf } from '../../shared/cpu-of.ts'
import { FILE_SOCKET, fdOpen } from '../../shared/fd-table.ts'
import { mapGet } from '../../shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import { createMemory } from '../../shared/memory.ts'
import type { BpfMap } from '../../shared/pointer.ts'
import { skStorageGet } from '../../shared/sk-storage.ts'
import {
  SOCK_DGRAM,
  type SockOptions,
  skAlloc,
  sockHoldNotZero,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '../../shared/sock.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { rcuOnline, rcuQuiescentState } from '../../sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import { viewsOf } from '../code/compile.ts'
import { createObjectMaps, firstValue } from './object-maps.ts'
import type { ScenarioPlan, ScenarioState, SocketState } from './scenario-plan.ts'
import { shownValues } from './shown-values.ts'

const SOCKETS: Readonly<Record<SocketState, SockOptions>> = {
  connected: { state: TCP_ESTABLISHED },
  closed: { state: TCP_CLOSE },
  listening: { state: TCP_LISTEN },
  datagram: { type: SOCK_DGRAM },
}

export function setUp(plan: ScenarioPlan, own: unknown): ScenarioState {
  const threads = plan.threads.length
  const memory = createMemory({ cpus: threads + 1, bytes: plan.bytes, maxFds: 64 })
  const cpus = Array.from({ length: threads + 1 }, (_, id) => cpuOf(memory, id))
  const main = cpus[threads]
  rcuOnline(main)
  const definitions = plan.maps.map(({ definition }) => definition)
  const mapFds = createObjectMaps(main, plan.object, definitions)
  // Programs hold a reference on each of their maps.
  const pointers = mapFds.map((fd) => mapGet(main, fd) as BpfMap)
  const sockets = plan.sockets.map((state) => skAlloc(main, SOCKETS[state]))
  const fds = sockets.map((sk) => fdOpen(main, FILE_SOCKET, sk))
  rcuReadLock(main)
  for (const [i, { type }] of definitions.entries())
    if (type === BPF_MAP_TYPE_SK_STORAGE && !plan.fresh)
      for (const sk of sockets) skStorageGet(main, pointers[i], sk, null, 1)
  rcuReadUnlock(main)
  const byName = <T>(of: (i: number) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(definitions.map(({ name }, i) => [name, of(i)]))
  const state: ScenarioState = {
    cpus,
    views: viewsOf(memory.words),
    fds,
    mapFds: byName((i) => mapFds[i]),
    maps: byName((i) => pointers[i]),
    values: byName((i) => firstValueOf(main, pointers[i])),
    sockets,
    hook: new Int32Array(new SharedArrayBuffer(4)).fill(1),
    frees: plan.frees,
    own,
    before: { numbers: new Map(), owners: new Map(), values: new Set(), rest: new Map() },
  }
  // A packet on its way holds its socket; where nobody closes it, that makes no difference.
  if (plan.closes)
    for (const step of plan.threads) if (step?.kind === 'program') sockHoldNotZero(main, sockets[step.socket])
  rcuQuiescentState(main)
  for (const cpu of cpus) rcuOnline(cpu)
  return { ...state, before: shownValues(plan, state) }
}

function firstValueOf(cpu: Cpu, map: BpfMap): number {
  rcuReadLock(cpu)
  const value = firstValue(cpu, map)
  rcuReadUnlock(cpu)
  return value
}
