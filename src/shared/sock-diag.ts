/**
 * Dumping sockets, as `ss` asks for it: each with its addresses, its state and, if wanted, its storages.
 *
 * Each socket is looked at in a read section of its own, so that grace periods wait for one socket and not for all.
 * Model: inet_diag's dump with INET_DIAG_REQ_SK_BPF_STORAGES, Linux 5.7.
 */

import type { Cpu } from '../sync/cpu.ts'
import { EMSGSIZE } from './errno.ts'
import { FILE_SOCKET, fget, fileObject, fput } from './fd-table.ts'
import type { File, Sk } from './pointer.ts'
import { FILE, HEADER, SOCK } from './records.ts'
import {
  type DiagAttribute,
  type DiagStorage,
  type SkStorageDiag,
  skStorageDiagAlloc,
  skStorageDiagFree,
  skStorageDiagPut,
} from './sk-storage-diag.ts'
import { SOCK_DGRAM, SOCK_STREAM, sockCookie, TCP_CLOSE } from './sock.ts'

export interface DiagRequest {
  readonly type: typeof SOCK_STREAM | typeof SOCK_DGRAM
  /** The nest that asks for storages; null for none, empty for all maps. */
  readonly storages: readonly DiagAttribute[] | null
  /** Bytes that one socket's storages may take at first. 8192, as in a netlink buffer. */
  readonly room?: number
  /** Whether the asker may ask for storages. True. */
  readonly capable?: boolean
}

export interface DiagSocket {
  readonly fd: number
  readonly sk: Sk
  readonly cookie: bigint
  readonly family: number
  readonly state: number
  readonly sport: number
  readonly dport: number
  readonly saddr: readonly number[]
  readonly daddr: readonly number[]
  readonly storages: readonly DiagStorage[]
}

/**
 * Shows every open socket of a type, and returns 0 or the error of the request (skStorageDiagAlloc). A stream socket
 * that neither listens nor is connected is in no table of the kernel's and is not shown. Datagram sockets are shown
 * without storages: inet_diag puts them where only connection-oriented sockets pass.
 */
export function sockDiagDump(cpu: Cpu, request: DiagRequest, show: (socket: DiagSocket) => void): number {
  const { words } = cpu
  const diag = request.storages === null ? null : skStorageDiagAlloc(cpu, request.storages, request.capable)
  if (typeof diag === 'number') return diag
  let room = request.room ?? 8192
  for (let fd = 0; fd < words[HEADER.maxFds]; fd++) {
    const file = fget(cpu, fd) as File
    if (file < 0) continue
    const sk = fileObject(cpu, file) as Sk
    if (words[file + FILE.kind] === FILE_SOCKET && words[sk + SOCK.type] === request.type) {
      // Once, since others connect and close it: what is shown is shown in the state that it is shown for.
      const state = Atomics.load(words, sk + SOCK.state)
      if (request.type === SOCK_DGRAM || state !== TCP_CLOSE) {
        const { storages, size } = storagesOf(cpu, request.type === SOCK_STREAM ? diag : null, sk, room)
        room = Math.max(room, size)
        show(describe(cpu, fd, sk, state, storages))
      }
    }
    fput(cpu, file)
  }
  if (diag !== null) skStorageDiagFree(cpu, diag)
  return 0
}

/** With more room each time it turns out too small: elements may come between two looks. */
function storagesOf(
  cpu: Cpu,
  diag: SkStorageDiag | null,
  sk: Sk,
  room: number,
): { storages: DiagStorage[]; size: number } {
  if (diag === null) return { storages: [], size: 0 }
  for (;;) {
    const { err, size, storages } = skStorageDiagPut(cpu, diag, sk, room)
    if (err !== -EMSGSIZE) return { storages, size }
    room = size
  }
}

function describe(cpu: Cpu, fd: number, sk: Sk, state: number, storages: readonly DiagStorage[]): DiagSocket {
  const { words } = cpu
  const four = (at: number) => [...words.subarray(sk + at, sk + at + 4)]
  return {
    fd,
    sk,
    cookie: sockCookie(cpu, sk),
    family: words[sk + SOCK.family],
    state,
    sport: words[sk + SOCK.ports] >>> 16,
    dport: words[sk + SOCK.ports] & 0xffff,
    saddr: four(SOCK.saddr),
    daddr: four(SOCK.daddr),
    storages,
  }
}
