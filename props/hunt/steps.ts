/**
 * A step of a hunt's program, done on a CPU: the same text on real threads and in the explorer.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { sockAccept } from '../../src/shared/sk-clone.ts'
import { fdDeleteElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { SOCK_DGRAM, SOCK_STREAM } from '../../src/shared/sock.ts'
import { sockDiagDump } from '../../src/shared/sock-diag.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { AGAIN, type Ground, lookUp, openSocket } from './ground.ts'
import { exchange, onSocket } from './in-program.ts'
import { HUNT_MAP, type HuntStep, NULL, TORN, valueOfWord } from './program.ts'
import { performBeside } from './steps-beside.ts'

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
    case 'dump':
      return dump(cpu, ground)
  }
  if (!('map' in step)) return performBeside(cpu, ground, step)
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
  return onSocket(cpu, ground, socket, (sk) => runProgram(cpu, map, sk, step))
}

/** How many sockets a dump shows, or TORN for one with a value that is. */
function dump(cpu: Cpu, { kind }: Ground): number {
  let shown = 0
  let torn = false
  sockDiagDump(cpu, { type: kind === 'datagram' ? SOCK_DGRAM : SOCK_STREAM, storages: [] }, ({ storages }) => {
    shown++
    for (const { value } of storages) if (value[0] !== value[AGAIN]) torn = true
  })
  return torn ? TORN : shown
}

function runProgram(cpu: Cpu, map: BpfMap, sk: Sk, step: OnMap): number {
  if (step.do === 'delete') return skStorageDelete(cpu, map, sk)
  const creates = step.do === 'get' && step.create
  const value = skStorageGet(cpu, map, sk, creates ? valueOfWord(step.word) : null, creates ? 1 : 0)
  if (value === 0) return NULL
  const seen = exchange(cpu, value, step.do === 'write' ? step.word : 0)
  return step.do === 'watch' && seen !== TORN ? exchange(cpu, value, 0) : seen
}
