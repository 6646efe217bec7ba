/**
 * A step of a hunt's program, done on a CPU: the same text on real threads and in the explorer.
 */

import { EBADF } from '../../src/shared/errno.ts'
import { fdClose, fileObject, fput, sockfdLookup, sockLookupRcu } from '../../src/shared/fd-table.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap, File, Sk, Value } from '../../src/shared/pointer.ts'
import { sockAccept } from '../../src/shared/sk-clone.ts'
import { fdDeleteElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { AGAIN, type Ground, LOCK, lookUp, openSocket } from './ground.ts'
import { diesLate, HUNT_MAP, type HuntStep, NULL, TORN, valueOfWord } from './program.ts'

/** Does a step and returns what it gave, in the numbers of HuntOutcome. */
export function performStep(cpu: Cpu, ground: Ground, step: HuntStep): number {
  switch (step.do) {
    case 'close':
      return fdClose(cpu, ground.sockets[step.sock])
    case 'closeMap':
      return fdClose(cpu, ground.maps[0])
    case 'open':
      return openSocket(cpu, ground.kind)
    case 'newMap':
      return mapCreate(cpu, HUNT_MAP)
    case 'accept':
      return sockAccept(cpu, ground.sockets[step.sock])
  }
  const held = ground.held[step.map]
  if (held !== undefined) return performOn(cpu, held, ground, step)
  // A step holds its map, a program's run as the program itself would.
  const map = mapGet(cpu, ground.maps[step.map]) as BpfMap
  if (map < 0) return map
  const result = performOn(cpu, map, ground, step)
  mapPut(cpu, map)
  return result
}

type OnMap = Extract<HuntStep, { map: unknown }>

function performOn(cpu: Cpu, map: BpfMap, ground: Ground, step: OnMap): number {
  if (step.do === 'iterate') return bpfIterSkStorageMap(cpu, map, () => true)
  const socket = ground.sockets[step.sock]
  switch (step.do) {
    case 'update':
      return fdUpdateElem(cpu, map, socket, valueOfWord(step.word), step.flags)
    case 'fdDelete':
      return fdDeleteElem(cpu, map, socket)
    case 'lookup':
      return lookUp(cpu, map, socket)
  }
  // Runs a program on the socket behind a descriptor: found under RCU, or held as a packet holds it. -EBADF without
  // one.
  if (diesLate(ground.kind)) {
    rcuReadLock(cpu)
    const sk = sockLookupRcu(cpu, socket)
    const result = sk === 0 ? -EBADF : runProgram(cpu, map, sk, step)
    rcuReadUnlock(cpu)
    return result
  }
  const file = sockfdLookup(cpu, socket) as File
  if (file < 0) return -EBADF
  rcuReadLock(cpu)
  const result = runProgram(cpu, map, fileObject(cpu, file) as Sk, step)
  rcuReadUnlock(cpu)
  fput(cpu, file)
  return result
}

function runProgram(cpu: Cpu, map: BpfMap, sk: Sk, step: OnMap): number {
  if (step.do === 'delete') return skStorageDelete(cpu, map, sk)
  const creates = step.do === 'get' && step.create
  const value = skStorageGet(cpu, map, sk, creates ? valueOfWord(step.word) : null, creates ? 1 : 0)
  if (value === 0) return NULL
  const seen = exchange(cpu, value, step.do === 'write' ? step.word : 0)
  return step.do === 'watch' && seen !== TORN ? exchange(cpu, value, 0) : seen
}

/** The value's word, seen under its lock; TORN if its two halves differ. Writes `word` unless it is 0. */
function exchange(cpu: Cpu, value: Value, word: number): number {
  const { words } = cpu
  bpfSpinLock(cpu, value + LOCK)
  const seen = words[value]
  const again = words[value + AGAIN]
  if (word !== 0) {
    words[value] = word
    words[value + AGAIN] = word
  }
  bpfSpinUnlock(cpu, value + LOCK)
  return seen === again ? seen : TORN
}
