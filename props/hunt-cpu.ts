/**
 * One CPU of a hunt: a worker module. Each round CPU 0 opens the socket, all run their steps at once, CPU 0 looks at what is left.
 */

import { EBADF, ENOENT } from '../src/shared/errno.ts'
import { fdClose, fileObject, fput, sockfdLookup, sockLookupRcu } from '../src/shared/fd-table.ts'
import { BPF_MAP_TYPE_SK_STORAGE, mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import type { BpfMap, File, Sk } from '../src/shared/pointer.ts'
import {
  BPF_SK_STORAGE_GET_F_CREATE,
  bpfSkStorageDelete,
  bpfSkStorageGet,
  fdDeleteElem,
  fdLookupElem,
  fdUpdateElem,
} from '../src/shared/sk-storage.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { deferredWorkPending } from '../src/sync/deferred-work.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { synchronizeRcu } from '../src/sync/synchronize-rcu.ts'
import type { CallContext } from '../src/workers/task.ts'
import {
  GONE,
  HUNT_BOARD,
  type HuntMap,
  type HuntProgram,
  type HuntStep,
  has,
  MAX_STEPS,
  NULL,
} from './hunt-program.ts'

/** What the module is called with. */
export interface HuntArgs {
  program: HuntProgram
  rounds: number
  board: Int32Array
  /** Descriptor of map 1, which stays. */
  map: number
}

/** Looks at the barrier before somebody is given up: there may be more CPUs than cores. */
const SPINS = 5000

const WORDS = 2

export default function huntCpu(context: CallContext): void {
  const { cpu, sys, gang } = context
  const { program, rounds, board, map } = context.args as HuntArgs
  const closesMap = has(program, 'closeMap')
  let error: unknown
  let random = context.seed
  const attempt = (act: () => void) => {
    try {
      act()
    } catch (thrown) {
      // The others wait for us at the barrier: thrown at the end.
      error ??= thrown
    }
  }
  const steps = cpu.id < program.cpus.length ? program.cpus[cpu.id] : []
  if (cpu.id === 0) board[HUNT_BOARD.map] = createMap(context)
  for (let round = 0; round < rounds; round++) {
    const at = HUNT_BOARD.rounds + round * HUNT_BOARD.ROUND
    if (cpu.id === 0) attempt(() => setUp(context, program, board, map))
    if (!context.together()) break
    align(board, gang)
    // Not all at once each time: windows meet in all positions.
    random = Math.imul(random, 0x41c64e6d) + 12345
    if (random < 0) for (let idle = (random >>> 16) & 127; idle > 0; idle--) Atomics.load(board, HUNT_BOARD.idle)
    attempt(() => {
      for (const [i, step] of steps.entries()) {
        board[at + cpu.id * MAX_STEPS + i] = perform(cpu, step, program.rcuFree, board, map)
        rcuQuiescentState(cpu)
      }
    })
    if (!context.together()) break
    if (cpu.id === 0) {
      attempt(() => {
        if (!has(program, 'close')) {
          for (const [i, fd] of [board[HUNT_BOARD.map], map].entries())
            board[at + HUNT_BOARD.after + i] = i === 0 && closesMap ? GONE : lookUp(cpu, fd, board[HUNT_BOARD.socket])
          sys.close(board[HUNT_BOARD.socket])
        }
        while (deferredWorkPending(cpu) !== 0) synchronizeRcu(cpu)
        if (closesMap && round + 1 < rounds) board[HUNT_BOARD.map] = createMap(context)
      })
    }
  }
  if (cpu.id === 0 && !closesMap) sys.close(board[HUNT_BOARD.map])
  if (error !== undefined) throw error
}

function createMap({ sys }: CallContext): number {
  return sys.mapCreate({
    type: BPF_MAP_TYPE_SK_STORAGE,
    keySize: 4,
    valueSize: 4 * WORDS,
    maxEntries: 0,
    flags: 1,
    lockOffset: 4,
    btfKeyTypeId: 1,
    btfValueTypeId: 3,
    name: 'hunt',
  })
}

function setUp({ cpu, sys }: CallContext, { rcuFree, before }: HuntProgram, board: Int32Array, map: number): void {
  const socket = sys.socket({ rcuFree })
  board[HUNT_BOARD.socket] = socket
  for (const [i, fd] of [board[HUNT_BOARD.map], map].entries())
    if (before[i] !== 0) sys.mapUpdate(fd, socket, Int32Array.of(before[i], 0))
  rcuQuiescentState(cpu)
}

function align(board: Int32Array, gang: number): void {
  const mine = Atomics.add(board, HUNT_BOARD.aligned, 1)
  const all = mine - (mine % gang) + gang
  for (let spin = 0; spin < SPINS && Atomics.load(board, HUNT_BOARD.aligned) < all; spin++);
}

/** Does a step and returns what it gave, in the numbers of HuntOutcome. */
function perform(cpu: Cpu, step: HuntStep, rcuFree: boolean, board: Int32Array, map1: number): number {
  const socket = board[HUNT_BOARD.socket]
  if (step.do === 'close') return fdClose(cpu, socket)
  if (step.do === 'closeMap') return fdClose(cpu, board[HUNT_BOARD.map])
  const map = mapGet(cpu, mapFd(board, map1, step.map)) as BpfMap
  // Every step holds its map, a program's run as the program itself would.
  if (map < 0) return map
  const result = performOn(cpu, map, socket, step, rcuFree)
  mapPut(cpu, map)
  return result
}

function mapFd(board: Int32Array, map1: number, map: HuntMap): number {
  return map === 0 ? board[HUNT_BOARD.map] : map1
}

function performOn(cpu: Cpu, map: BpfMap, socket: number, step: HuntStep, rcuFree: boolean): number {
  switch (step.do) {
    case 'update':
      return fdUpdateElem(cpu, map, socket, Int32Array.of(step.word, 0), step.flags)
    case 'fdDelete':
      return fdDeleteElem(cpu, map, socket)
    case 'lookup':
      return lookUpIn(cpu, map, socket)
    case 'get':
      return program(cpu, socket, rcuFree, (sk) => {
        const value = bpfSkStorageGet(cpu, map, sk, Int32Array.of(step.word, 0), BPF_SK_STORAGE_GET_F_CREATE)
        return value === 0 ? NULL : Atomics.load(cpu.words, value)
      })
    case 'delete':
      return program(cpu, socket, rcuFree, (sk) => bpfSkStorageDelete(cpu, map, sk))
    default:
      throw new Error(`no such step: ${step.do}`)
  }
}

/** Runs a program on the socket behind a descriptor: found under RCU, or held as a packet holds it. -EBADF without one. */
function program(cpu: Cpu, socket: number, rcuFree: boolean, run: (sk: Sk) => number): number {
  if (!rcuFree) {
    const file = sockfdLookup(cpu, socket) as File
    if (file < 0) return file
    rcuReadLock(cpu)
    const result = run(fileObject(cpu, file) as Sk)
    rcuReadUnlock(cpu)
    fput(cpu, file)
    return result
  }
  rcuReadLock(cpu)
  const sk = sockLookupRcu(cpu, socket)
  const result = sk === 0 ? -EBADF : run(sk)
  rcuReadUnlock(cpu)
  return result
}

function lookUp(cpu: Cpu, mapDescriptor: number, socket: number): number {
  const map = mapGet(cpu, mapDescriptor) as BpfMap
  if (map < 0) return map
  const result = lookUpIn(cpu, map, socket)
  mapPut(cpu, map)
  return result === -ENOENT ? 0 : result
}

function lookUpIn(cpu: Cpu, map: BpfMap, socket: number): number {
  const out = new Int32Array(WORDS)
  const err = fdLookupElem(cpu, map, socket, out, 0)
  return err === 0 ? out[0] : err
}
