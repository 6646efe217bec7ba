/**
 * The model and the storage side by side, so that every answer of one can be compared with the other's.
 *
 * Values are compared only where an operation looks at them: a lookup fills caches and would heal what we want to
 * catch. Charges and the structure at rest are checked after each operation.
 */

import assert from 'node:assert/strict'
import { cpuOf } from '../src/shared/cpu-of.ts'
import { fdClose, fileObject, fput, sockfdLookup } from '../src/shared/fd-table.ts'
import { checkInvariants } from '../src/shared/invariants.ts'
import { mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import { createMemory, type Memory } from '../src/shared/memory.ts'
import type { BpfMap, File, Sk } from '../src/shared/pointer.ts'
import { CACHE_SIZE, HEADER, MAP, SOCK } from '../src/shared/records.ts'
import { liveObjects } from '../src/shared/slab.ts'
import { sockHoldNotZero, sockPut } from '../src/shared/sock.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { runDeferredWork } from '../src/sync/deferred-work.ts'
import { rcuOnline } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { rcuBarrier } from '../src/sync/synchronize-rcu.ts'
import type { MapRequest, SocketRequest } from './model.ts'
import * as model from './model.ts'
import { createModel, type Model, omemAlloc } from './model-state.ts'
import type { FdRef, MapRef, SockRef } from './operations.ts'

/** Few enough fds that the table is full now and then. */
const MAX_FDS = 12

/** A model and a memory that do the same. */
export interface Lockstep {
  /** What ought to be. */
  model: Model
  /** What is. */
  memory: Memory
  /** The one CPU that acts on it. */
  cpu: Cpu
  /** Where the sockets and maps of the model's ids lie. */
  socks: Map<number, Sk>
  /** The maps likewise. */
  maps: Map<number, BpfMap>
  /** References that a program holds, by id, one entry each. */
  heldSocks: number[]
  /** The maps likewise. */
  heldMaps: number[]
  /** How many of the 16 slots of a socket's cache the maps get. */
  cacheSlots: number
  /** How often each call gave each answer: 'fdClose 0', 'fdClose -9'. For tests that ask whether they met them all. */
  answers: Map<string, number>
}

/** How a run begins. */
export interface Setting {
  /** Bytes that a socket may be charged. */
  optmemMax: number
  /** Whether the memory checks each access, in the way of KASAN. */
  sanitize: boolean
  /**
   * How many of the 16 slots of a socket's cache the maps get: with 1 or 2 they share them, as 17 maps and more would.
   */
  cacheSlots: number
  /** Maps and sockets that are open from the start. */
  maps: MapRequest[]
  /** Sockets that are open from the start. */
  sockets: SocketRequest[]
}

/** A model and a memory in which nothing has been opened. */
export function createLockstep({ optmemMax, sanitize, cacheSlots }: Setting): Lockstep {
  const memory = createMemory({ cpus: 1, bytes: 1 << 20, optmemMax, maxFds: MAX_FDS, sanitize, unshared: true })
  const cpu = cpuOf(memory, 0)
  // Slots that look crowded are not given out.
  cpu.words.fill(1000, HEADER.cacheUsage + cacheSlots, HEADER.cacheUsage + CACHE_SIZE)
  rcuOnline(cpu)
  return {
    model: createModel({ optmemMax, maxFds: MAX_FDS }),
    memory,
    cpu,
    socks: new Map(),
    maps: new Map(),
    heldSocks: [],
    heldMaps: [],
    cacheSlots,
    answers: new Map(),
  }
}

/**
 * Throws unless the storage answers a call as the model does. `detail` says which one of several the call was about.
 */
export function answers(both: Lockstep, call: string, detail: string, got: unknown, expected: unknown): void {
  agree(`${call} ${detail}`, got, expected)
  const answer = `${call} ${typeof got === 'number' && got < 0 ? got : got === null ? 'NULL' : 'ok'}`
  both.answers.set(answer, (both.answers.get(answer) ?? 0) + 1)
}

/** Throws unless the storage says what the model does. */
export function agree(what: string, got: unknown, expected: unknown): void {
  assert.deepEqual(got, expected, `${what}: the storage says ${show(got)}, the model ${show(expected)}`)
}

function show(answer: unknown): string {
  return JSON.stringify(answer instanceof Map ? [...answer] : answer)
}

/** Whether a reference finds something to mean; a bare fd may be anything. */
export function finds(both: Lockstep, ref: MapRef | SockRef, kind: 'map' | 'socket'): boolean {
  if ('held' in ref) return (kind === 'map' ? both.heldMaps : both.heldSocks).length > 0
  return 'fd' in ref || openFds(both.model, kind).length > 0
}

function openFds(model: Model, kind: 'map' | 'socket'): number[] {
  return [...model.fds].filter(([, file]) => file.kind === kind).map(([fd]) => fd)
}

/** The fd that a reference means. */
export function fdOf(both: Lockstep, ref: FdRef, kind: 'map' | 'socket'): number {
  if ('fd' in ref) return ref.fd
  const open = openFds(both.model, kind)
  return open[ref.nth % open.length]
}

/** Takes a map by fd on both sides and returns its id, or the -errno on which they agree. */
export function takeMap(both: Lockstep, fd: number): number {
  const id = model.mapGet(both.model, fd)
  answers(both, 'mapGet', `of fd ${fd}`, mapGet(both.cpu, fd), id < 0 ? id : both.maps.get(id))
  return id
}

/** Takes a socket by fd on both sides and returns its id, or the -errno on which they agree. */
export function takeSocket(both: Lockstep, fd: number): number {
  const id = model.sockfdLookup(both.model, fd)
  answers(both, 'sockfdLookup', `of fd ${fd}`, skHold(both.cpu, fd), id < 0 ? id : both.socks.get(id))
  return id
}

/** The socket behind an fd with a reference on it, not on the fd's file, or -errno. */
export function skHold(cpu: Cpu, fd: number): Sk | number {
  const file = sockfdLookup(cpu, fd) as File
  if (file < 0) return file
  const sk = fileObject(cpu, file) as Sk
  agree('sockHoldNotZero of an open socket', sockHoldNotZero(cpu, sk), true)
  fput(cpu, file)
  return sk
}

/** Drops a reference that takeMap took. */
export function putMap(both: Lockstep, id: number): void {
  model.mapPut(both.model, id)
  mapPut(both.cpu, both.maps.get(id)!)
}

/** Drops a reference that takeSocket took. */
export function putSocket(both: Lockstep, id: number): void {
  model.sockPut(both.model, id)
  sockPut(both.cpu, both.socks.get(id)!)
}

/** Closes an fd on both sides. */
export function close(both: Lockstep, fd: number): void {
  answers(both, 'fdClose', `of fd ${fd}`, fdClose(both.cpu, fd), model.fdClose(both.model, fd))
}

/** Does something with a map while it is held; nothing if there is no such map. */
export function withMap(both: Lockstep, ref: MapRef, act: (id: number, map: BpfMap) => void): void {
  const id = 'held' in ref ? both.heldMaps[ref.held % both.heldMaps.length] : takeMap(both, fdOf(both, ref, 'map'))
  if (id < 0) return
  act(id, both.maps.get(id)!)
  if (!('held' in ref)) putMap(both, id)
}

/** Does something with a socket while it is held; nothing if there is no such socket. */
export function withSocket(both: Lockstep, ref: SockRef, act: (id: number, sk: Sk) => void): void {
  const id =
    'held' in ref ? both.heldSocks[ref.held % both.heldSocks.length] : takeSocket(both, fdOf(both, ref, 'socket'))
  if (id < 0) return
  act(id, both.socks.get(id)!)
  if (!('held' in ref)) putSocket(both, id)
}

/** Runs a program on both sides: a read section in which it may use helpers. */
export function program(both: Lockstep, run: () => void): void {
  rcuReadLock(both.cpu)
  run()
  rcuReadUnlock(both.cpu)
}

/** Lets the kworker free the maps that nobody holds. How many items of work that is, is its own affair. */
export function deferredWork(both: Lockstep): void {
  runDeferredWork(both.cpu)
  model.runDeferredWork(both.model)
}

/** Waits until the dead sockets are gone, with what their end left to free, and counts what is left. */
export function barrier(both: Lockstep): void {
  model.rcuBarrier(both.model)
  // The callback that ends a socket queues its elements' own.
  rcuBarrier(both.cpu)
  rcuBarrier(both.cpu)
  const elements = [...both.model.sockets.values()].map((socket) => socket.elements.size)
  const { sock, file, storage, elem } = liveObjects(both.memory)
  agree(
    'liveObjects',
    { sock, file, storage, elem },
    {
      sock: both.model.sockets.size,
      file: both.model.fds.size,
      storage: elements.filter((count) => count > 0).length,
      elem: elements.reduce((sum, count) => sum + count, 0),
    },
  )
}

/**
 * Compares the charge of every living socket and the references on it and on every map, and looks for a broken
 * structure.
 */
export function checkAtRest(both: Lockstep): void {
  const { cpu } = both
  for (const [id, sk] of both.socks) {
    const socket = both.model.sockets.get(id)
    if (socket === undefined) both.socks.delete(id)
    else if (socket.refs > 0) {
      agree(`omemAlloc of socket ${id}`, cpu.words[sk + SOCK.omemAlloc], omemAlloc(both.model, socket))
      agree(`references on socket ${id}`, cpu.words[sk + SOCK.refcount], socket.refs)
    }
  }
  for (const [id, map] of both.maps) {
    const refs = both.model.maps.get(id)?.refs ?? 0
    if (refs === 0) both.maps.delete(id)
    else agree(`references on map ${id}`, cpu.words[map + MAP.refcount], refs)
  }
  if (allInView(both.model)) agree('checkInvariants', checkInvariants(cpu), [])
}

/** checkInvariants sees maps that are not being freed and sockets that have an fd; what others hold would puzzle it. */
function allInView(model: Model): boolean {
  const open = new Set([...model.fds.values()].filter((file) => file.kind === 'socket').map((file) => file.id))
  for (const map of model.maps.values()) if (map.refs === 0) return false
  for (const [id, socket] of model.sockets) if (socket.elements.size > 0 && !open.has(id)) return false
  return true
}

/** Drops and closes everything, lets everything end, and throws if anything is left on either side. */
export function closeEverything(both: Lockstep): void {
  for (const id of both.heldMaps.splice(0)) putMap(both, id)
  for (const id of both.heldSocks.splice(0)) putSocket(both, id)
  deferredWork(both)
  barrier(both)
  checkAtRest(both)
  for (const fd of [...both.model.fds.keys()]) close(both, fd)
  deferredWork(both)
  barrier(both)
  agree('what is left in the model', both.model.sockets.size + both.model.maps.size, 0)
  const left = Object.entries(liveObjects(both.memory)).filter(([, count]) => count !== 0)
  agree('what is left in the memory', left, [])
  const usage = both.cpu.words.subarray(HEADER.cacheUsage, HEADER.cacheUsage + both.cacheSlots)
  agree('cache slots in use', [...usage], Array(both.cacheSlots).fill(0))
  checkAtRest(both)
}
