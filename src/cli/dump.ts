/**
 * A picture of all open sockets with their storages, taken while the CPUs go on. Model: inet_diag with
 * INET_DIAG_SK_BPF_STORAGES.
 *
 * Each socket is looked at in a read section of its own, so that grace periods wait for one socket and not for all.
 */

import { FILE_SOCKET, fget, fileObject, fput } from '../shared/fd-table.ts'
import { mapInfo } from '../shared/map.ts'
import type { File, Sk } from '../shared/pointer.ts'
import { FILE, HEADER, SOCK } from '../shared/records.ts'
import { type SkStorageDiag, skStorageDiagPut } from '../shared/sk-storage-diag.ts'
import {
  AF_INET6,
  SOCK_DGRAM,
  sockCookie,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
} from '../shared/sock.ts'
import type { Cpu } from '../sync/cpu.ts'
import { rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { type ListedMap, listedMap } from './listing.ts'

/** One map's value at a socket, its bytes in hexadecimal. A bpf_spin_lock in it reads 0. */
export interface DumpedStorage {
  readonly map: number
  readonly name: string
  readonly value: string
}

/** One socket. The cookie is a 64-bit number in decimal. */
export interface DumpedSocket {
  readonly event: 'socket'
  readonly cookie: string
  readonly fd: number
  readonly family: 'inet' | 'inet6'
  readonly type: 'stream' | 'dgram'
  readonly state: string
  /** '127.0.0.1:80', '[::1]:80'. */
  readonly local: string
  readonly peer: string
  readonly storages: readonly DumpedStorage[]
}

const STATES: Readonly<Record<number, string>> = {
  [TCP_ESTABLISHED]: 'ESTAB',
  [TCP_SYN_SENT]: 'SYN-SENT',
  [TCP_SYN_RECV]: 'SYN-RECV',
  [TCP_CLOSE]: 'CLOSE',
  [TCP_LISTEN]: 'LISTEN',
}

/** No map named: all are wanted. */
const ALL_MAPS: SkStorageDiag = { maps: [] }

/** What a dump is to show. */
export interface DumpWish {
  /** Storages in these maps (ids), or in all maps for undefined. */
  readonly maps: ReadonlySet<number> | undefined
  /** Whether maps are shown too, each ahead of the first socket that has a value of it. */
  readonly types: boolean
}

/** Yields each open socket, with its storages. `cpu` is the caller's own, offline between two sockets. */
export function* dumpSockets(cpu: Cpu, { maps, types }: DumpWish): Generator<DumpedSocket | ListedMap> {
  const { words } = cpu
  const seen = types ? new Map<number, ListedMap>() : undefined
  let told = 0
  for (let fd = 0; fd < words[HEADER.maxFds]; fd++) {
    // A look that may be stale saves coming online for each free descriptor.
    if (words[words[HEADER.fds] + fd] === 0) continue
    rcuOnline(cpu)
    const socket = dumpFd(cpu, fd, maps, seen)
    rcuOffline(cpu)
    if (seen !== undefined) {
      yield* [...seen.values()].slice(told)
      told = seen.size
    }
    if (socket !== undefined) yield socket
  }
}

function dumpFd(
  cpu: Cpu,
  fd: number,
  maps: ReadonlySet<number> | undefined,
  seen: Map<number, ListedMap> | undefined,
): DumpedSocket | undefined {
  const { words } = cpu
  const file = fget(cpu, fd) as File
  if (file < 0) return undefined
  let socket: DumpedSocket | undefined
  if (words[file + FILE.kind] === FILE_SOCKET) {
    const sk = fileObject(cpu, file) as Sk
    const state = Atomics.load(words, sk + SOCK.state)
    socket = {
      event: 'socket',
      cookie: `${sockCookie(cpu, sk)}`,
      fd,
      family: words[sk + SOCK.family] === AF_INET6 ? 'inet6' : 'inet',
      type: words[sk + SOCK.type] === SOCK_DGRAM ? 'dgram' : 'stream',
      state: STATES[state] ?? `${state}`,
      local: endOf(words, sk, SOCK.saddr, words[sk + SOCK.ports] >>> 16),
      peer: endOf(words, sk, SOCK.daddr, words[sk + SOCK.ports] & 0xffff),
      storages: dumpStorages(cpu, sk, maps, seen),
    }
  }
  fput(cpu, file)
  return socket
}

/** An address and a port; bytes in network order, as the kernel keeps them. */
function endOf(words: Int32Array, sk: Sk, at: number, port: number): string {
  const four = words.slice(sk + at, sk + at + 4)
  const bytes = new Uint8Array(four.buffer)
  if (words[sk + SOCK.family] !== AF_INET6) return `${bytes.subarray(0, 4).join('.')}:${port || '*'}`
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16))
  // The longest way to write it, shortened where all is zero but the end.
  const text = groups.join(':').replace(/^(0:){7}/, '::')
  return `[${text === '::0' ? '::' : text}]:${port || '*'}`
}

function dumpStorages(
  cpu: Cpu,
  sk: Sk,
  maps: ReadonlySet<number> | undefined,
  seen: Map<number, ListedMap> | undefined,
): DumpedStorage[] {
  const storages: DumpedStorage[] = []
  // The read section keeps the maps' records readable, as it does for accept (C13), without a reference on them.
  rcuReadLock(cpu)
  for (const { map, value, size } of skStorageDiagPut(cpu, ALL_MAPS, sk, Number.POSITIVE_INFINITY).storages) {
    const { id, name } = mapInfo(cpu, map)
    if (maps !== undefined && !maps.has(id)) continue
    // Here, since it may be gone by the time somebody asks for it by id.
    if (seen !== undefined && !seen.has(id)) seen.set(id, listedMap(cpu, map))
    storages.push({ map: id, name, value: Buffer.from(value.buffer, 0, size).toString('hex') })
  }
  rcuReadUnlock(cpu)
  return storages
}
