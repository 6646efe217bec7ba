/**
 * The ground a hunt's program acts on: two sockets and two maps by descriptor; laid out before, looked at and cleared
 * afterwards.
 */

import { type BpfProg, progPut } from '../../src/shared/bpf-prog.ts'
import { fdClose, fileObject, fput, sockfdLookup } from '../../src/shared/fd-table.ts'
import { mapGet } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap, File, Sk } from '../../src/shared/pointer.ts'
import { MAP, SDATA } from '../../src/shared/records.ts'
import { fdLookupElem, fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { skStorageLookup } from '../../src/shared/sk-storage-lookup.ts'
import { SOCK_DGRAM, TCP_LISTEN } from '../../src/shared/sock.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import { BPF_F_LOCK } from '../../src/shared/update-flags.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { type HuntKind, type HuntProgram, has, TORN, valueOfWord } from './program.ts'

/** What the steps act on. */
export interface Ground {
  readonly kind: HuntKind
  /** Descriptors of socket 0 and 1. */
  readonly sockets: readonly number[]
  /** Of map 0 and 1. */
  readonly maps: readonly number[]
  /**
   * The maps themselves, where the program never closes one: held all the time, as by a program that is loaded. Else
   * none.
   */
  readonly held: readonly BpfMap[]
  /** The hash map, held all the time; 0 without one. */
  readonly hash: BpfMap
  /** Descriptors of the hash map and of the BTF object, and the object's id; 0 without one. */
  readonly hashFd: number
  readonly btfFd: number
  readonly btfId: number
  /** The word where the program is found that is attached: one of map 1's name that nobody else has a use for. */
  readonly hook: number
}

/** The ground of a program, by its descriptors. */
export function groundWith(
  cpu: Cpu,
  program: HuntProgram,
  maps: readonly number[],
  sockets: readonly number[],
  beside: Pick<Ground, 'hashFd' | 'btfFd' | 'btfId'>,
): Ground {
  const held = has(program, 'closeMap') ? [] : maps.map((fd) => staying(cpu, fd))
  const hash = beside.hashFd === 0 ? (0 as BpfMap) : staying(cpu, beside.hashFd)
  const hook = staying(cpu, maps[1]) + MAP.name + 3
  return { kind: program.kind, maps, sockets, held, ...beside, hash, hook }
}

/** Words of a value: the lock, and the word that repeats the first. */
export const LOCK = 1
export const AGAIN = 2

/** Opens a socket of a kind. */
export function openSocket(cpu: Cpu, kind: HuntKind): number {
  if (kind === 'datagram') return socketCreate(cpu, { type: SOCK_DGRAM })
  return socketCreate(cpu, kind === 'listener' ? { state: TCP_LISTEN } : {})
}

/** The map behind a descriptor that nobody closes before the ground is cleared. */
function staying(cpu: Cpu, fd: number): BpfMap {
  const map = mapGet(cpu, fd) as BpfMap
  mapPut(cpu, map)
  return map
}

/** Gives the sockets the elements that the program begins with. */
export function fill(cpu: Cpu, { maps, sockets }: Pick<Ground, 'maps' | 'sockets'>, before: readonly number[]): void {
  for (const [i, word] of before.entries()) {
    if (word === 0) continue
    const map = mapGet(cpu, maps[i & 1]) as BpfMap
    fdUpdateElem(cpu, map, sockets[i >> 1], valueOfWord(word), 0)
    mapPut(cpu, map)
  }
}

/** Detaches the program, and closes every descriptor that may have been left open, map 1's aside. */
export function closeAll(cpu: Cpu, ground: Ground, alsoOpened: readonly number[]): void {
  const { maps, sockets, hashFd, btfFd, hook } = ground
  const prog = Atomics.exchange(cpu.words, hook, 0) as BpfProg
  if (prog !== 0) progPut(cpu, prog)
  for (const fd of new Set([...sockets, maps[0], hashFd, btfFd, ...alsoOpened]))
    if (fd !== 0 && fd !== maps[1]) fdClose(cpu, fd)
}

/** The word of a value by descriptor, TORN, or -errno. */
export function lookUp(cpu: Cpu, map: BpfMap, socket: number): number {
  const out = new Int32Array(3)
  const err = fdLookupElem(cpu, map, socket, out, BPF_F_LOCK)
  if (err !== 0) return err
  return out[0] === out[AGAIN] ? out[0] : TORN
}

/**
 * What is found of a map at a socket at the end, both by descriptor: the word, 0 for nothing, or -errno. Fills no
 * cache: the explorer's next execution begins with what is there now.
 */
export function finalLook(cpu: Cpu, mapFd: number, socket: number): number {
  const map = mapGet(cpu, mapFd) as BpfMap
  if (map < 0) return map
  const file = sockfdLookup(cpu, socket) as File
  let result: number = file
  if (file > 0) {
    rcuReadLock(cpu)
    const sdata = skStorageLookup(cpu, map, fileObject(cpu, file) as Sk, false)
    const value = sdata + SDATA.value
    result = sdata === 0 ? 0 : cpu.words[value] === cpu.words[value + AGAIN] ? cpu.words[value] : TORN
    rcuReadUnlock(cpu)
    fput(cpu, file)
  }
  mapPut(cpu, map)
  return result
}
