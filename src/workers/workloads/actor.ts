/**
 * A CPU at work in a workload: what it knows, how it picks a socket and a map, and how it judges what a descriptor
 * gave.
 */

import { below, createStream, oneIn, type Random } from '../../random/random.ts'
import { EBADF, EINVAL, ENOTSOCK } from '../../shared/errno.ts'
import { mapGet } from '../../shared/map.ts'
import type { BpfMap } from '../../shared/pointer.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { OPS } from '../control.ts'
import type { CallContext } from '../task.ts'
import { focusMap, focusSocket, mapSlot, moveFocus, type Slots, socketSlot, ticketFd, ticketIn } from './slots.ts'
import { createTally, resultName, type Tally, violation } from './tally.ts'
import type { ValueType } from './value-types.ts'

/** What the kinds of socket are, by the index of the slot modulo 4. */
export const SOCKET_KINDS = ['listener', 'datagram', 'connected', 'closed'] as const

export type SocketKind = (typeof SOCKET_KINDS)[number]

/** What the main thread sends to each CPU. */
export interface PhaseArgs {
  readonly slots: Slots
  readonly phase: number
  readonly types: readonly ValueType[]
  /** Time each operation. */
  readonly latency: boolean
}

export interface Actor {
  readonly cpu: Cpu
  readonly slots: Slots
  /** What maps are made with. */
  readonly types: readonly ValueType[]
  readonly random: Random
  readonly tally: Tally
  /** Where it works now: slots by index, and the ticket of the socket seen there. */
  socket: number
  map: number
  ticket: number
}

/** How many operations go to one focus, about, before some CPU moves it. */
const FOCUS_STAY = 48
/** One operation in so many goes elsewhere. */
const ELSEWHERE = 8

export function createActor(context: CallContext): Actor {
  const { slots, phase, types, latency } = context.args as PhaseArgs
  return {
    cpu: context.cpu,
    slots,
    types,
    random: createStream(context.seed, phase),
    tally: createTally(context.control, context.cpu.id, latency),
    socket: 0,
    map: 0,
    ticket: 0,
  }
}

/** The kind of socket that slot `index` holds. */
export function socketKind(index: number): SocketKind {
  return SOCKET_KINDS[index & 3]
}

/** Whether the sockets of slot `index` may be found without a reference. */
export function isRcuFree(index: number): boolean {
  return (index & 3) < 2
}

/**
 * Chooses a socket and a map: mostly those in focus, where the other CPUs are too. `gang` CPUs share the moving of it.
 */
export function choosePlace(actor: Actor, gang: number): void {
  const { slots, random } = actor
  if (oneIn(random, FOCUS_STAY * gang)) moveFocus(slots, below(random, slots.sockets), below(random, slots.maps))
  actor.socket = oneIn(random, ELSEWHERE) ? below(random, slots.sockets) : focusSocket(slots)
  actor.map = oneIn(random, ELSEWHERE) ? below(random, slots.maps) : focusMap(slots)
  actor.ticket = ticketIn(slots, socketSlot(actor.socket))
}

/**
 * Takes a reference on the map in the chosen slot, to be put with mapPut, or returns 0 if another CPU is just replacing
 * it.
 */
export function holdMap(actor: Actor): BpfMap {
  const { cpu, slots, tally } = actor
  const slot = mapSlot(slots, actor.map)
  const ticket = ticketIn(slots, slot)
  const fd = ticketFd(ticket)
  if (fd === 0) return 0 as BpfMap
  const map = mapGet(cpu, fd)
  if (map > 0) return map as BpfMap
  const overtaken = ticketIn(slots, slot) !== ticket
  if (!overtaken || (map !== -EBADF && map !== -EINVAL)) {
    violation(tally, `the map behind descriptor ${fd}: got ${resultName(map)}, expected a map${stillOpen(overtaken)}`)
  }
  return 0 as BpfMap
}

/**
 * Judges the result of an operation on the chosen socket's descriptor: it must be 0 or more, one of `allowed`, or come
 * from a descriptor that was closed meanwhile.
 */
export function judge(actor: Actor, op: number, result: number, allowed: readonly number[]): void {
  if (result >= 0 || allowed.includes(-result)) return
  const overtaken = ticketIn(actor.slots, socketSlot(actor.socket)) !== actor.ticket
  if (overtaken && (result === -EBADF || result === -ENOTSOCK)) return
  const names = ['0', ...allowed.map((errno) => resultName(-errno))].join(', ')
  violation(
    actor.tally,
    `${OPS[op]} at descriptor ${ticketFd(actor.ticket)}: got ${resultName(result)}, expected one of ${names}${stillOpen(overtaken)}`,
  )
}

function stillOpen(overtaken: boolean): string {
  return overtaken ? '' : '; the descriptor was open all the time'
}
