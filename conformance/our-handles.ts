/**
 * What our side's commands share: the machine, and handles for what is open in it.
 *
 * For a file that is nothing of all this, which we have not, one of the other kinds stands in: a map where a socket is
 * wanted, a socket where a map or a BTF object is.
 */

import { cpuOf } from '../src/shared/cpu-of.ts'
import { fileObject, fput, sockfdLookup } from '../src/shared/fd-table.ts'
import { mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import { createMemory } from '../src/shared/memory.ts'
import type { BpfMap, File, Sk } from '../src/shared/pointer.ts'
import { MAP } from '../src/shared/records.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { runDeferredWork } from '../src/sync/deferred-work.ts'
import { rcuOnline } from '../src/sync/quiescent-state.ts'
import { rcuBarrier } from '../src/sync/synchronize-rcu.ts'
import { BpfError } from '../src/workers/bpf-error.ts'
import { syscallsOf } from '../src/workers/syscalls.ts'

/** Beyond any table. */
const CLOSED_FD = 1_000_000

export type Handles = ReturnType<typeof createHandles>

/** A u64 of flags as a number: all ones is -1, so that each bit a caller can set is still set. */
export const flagsOf = (text = '0') => Number(BigInt.asIntN(64, BigInt(text)))

/** A machine in which nothing is open. */
export function createHandles() {
  const memory = createMemory({ cpus: 1, bytes: 8 << 20, maxFds: 512, sanitize: true, unshared: true })
  const cpu = cpuOf(memory, 0)
  rcuOnline(cpu)
  const faces = { all: syscallsOf(cpu), none: syscallsOf(cpu, false) }
  let caps: keyof typeof faces = 'all'
  const { words } = cpu
  const fds = new Map<string, number>()
  const standIns = {
    map: faces.all.mapCreate({ type: 1, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 }),
    socket: faces.all.socket(),
  }

  /** The descriptor of a handle, or the number itself. */
  function fdOf(handle: string): number {
    if (handle === 'closed') return CLOSED_FD
    if (/^[bms]\d/.test(handle)) return fds.get(handle) ?? CLOSED_FD
    return Number(handle)
  }

  /** What a command passes where the kernel wants a map or a BTF object, and where it wants a socket. */
  const mapFd = (handle: string) => (handle === 'file' ? standIns.socket : fdOf(handle))
  const key = (handle: string) => (handle === 'file' ? standIns.map : fdOf(handle))
  const withMap = <T>(handle: string, act: (map: BpfMap) => T): T => actOnMap(cpu, mapFd(handle), handle, act)

  return {
    memory,
    cpu,
    /** The syscalls, as the caller that "caps" made us. */
    sys: () => faces[caps],
    isCapable: () => caps === 'all',
    setCaps: (to: keyof typeof faces) => {
      caps = to
    },
    words,
    fds,
    /** Of maps and BTF objects: their ids, also when they are closed. */
    ids: new Map<string, number>(),
    standIns,
    fdOf,
    mapFd,
    key,
    withMap,
    withSocket: <T>(handle: string, act: (sk: Sk) => T): T => actOnSocket(cpu, key(handle), handle, act),
    sockOf: (fd: number) => sockOf(cpu, fd),
    /** The handle of an open socket, or undefined. */
    nameOf: (sk: Sk) => [...fds].find(([name, fd]) => name[0] === 's' && sockOf(cpu, fd) === sk)?.[0],
    /** The value size of an open map. Throws BpfError. */
    valueSize: (handle: string) => withMap(handle, (map) => words[map + MAP.valueSize]),
    settle: () => settle(cpu),
  }
}

function actOnMap<T>(cpu: Cpu, fd: number, handle: string, act: (map: BpfMap) => T): T {
  const map = mapGet(cpu, fd)
  if (map < 0) throw new BpfError('map', map, handle)
  try {
    return act(map as BpfMap)
  } finally {
    mapPut(cpu, map as BpfMap)
  }
}

function actOnSocket<T>(cpu: Cpu, fd: number, handle: string, act: (sk: Sk) => T): T {
  const file = sockfdLookup(cpu, fd)
  if (file < 0) throw new BpfError('socket', file, handle)
  try {
    return act(fileObject(cpu, file as File) as Sk)
  } finally {
    fput(cpu, file as File)
  }
}

/** The socket behind a descriptor, or NULL. */
function sockOf(cpu: Cpu, fd: number): Sk {
  const file = sockfdLookup(cpu, fd)
  if (file < 0) return 0 as Sk
  const sk = fileObject(cpu, file as File) as Sk
  fput(cpu, file as File)
  return sk
}

/** Lets what was put off happen: maps are freed, callbacks run. */
function settle(cpu: Cpu): void {
  runDeferredWork(cpu)
  rcuBarrier(cpu)
  rcuBarrier(cpu)
}
