/**
 * Sockets and maps that come and go, and sockets that are accepted from listeners.
 */

import { below, oneIn } from '../../random/random.ts'
import { EINVAL, EMFILE, ENOMEM, EOPNOTSUPP } from '../../shared/errno.ts'
import { FILE_SOCKET, fdClose, fdOpen, sockLookupRcu } from '../../shared/fd-table.ts'
import { mapCreate } from '../../shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE, type MapOptions } from '../../shared/map-options.ts'
import type { BpfMap, Sk } from '../../shared/pointer.ts'
import { SOCK } from '../../shared/records.ts'
import { skClone, sockAccept } from '../../shared/sk-clone.ts'
import { fdLookupElem } from '../../shared/sk-storage.ts'
import { BPF_F_CLONE, BPF_F_NO_PREALLOC } from '../../shared/sk-storage-map.ts'
import { SOCK_DGRAM, type SockOptions, sockPut, TCP_CLOSE, TCP_LISTEN } from '../../shared/sock.ts'
import { socketCreate } from '../../shared/socket.ts'
import { BPF_F_LOCK } from '../../shared/update-flags.ts'
import { mapValueHasSpinLock, valueWords } from '../../shared/value.ts'
import { deferredWorkPending } from '../../sync/deferred-work.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import { type Actor, judge, SOCKET_KINDS, socketKind } from './actor.ts'
import { mapSlot, putFd, socketSlot, takeFd, ticketFd, ticketIn } from './slots.ts'
import { countOp, OP, resultName, violation } from './tally.ts'
import { examineCopy } from './value-pattern.ts'
import { type ValueType, valueTypeOf } from './value-types.ts'

/**
 * What the sockets of slot `index` are. Listeners and datagram sockets wait for a grace period when they die, the other
 * two kinds do not.
 */
export function socketOptions(index: number): SockOptions {
  switch (socketKind(index)) {
    case 'listener':
      return { state: TCP_LISTEN }
    case 'datagram':
      return { type: SOCK_DGRAM }
    case 'connected':
      return {}
    case 'closed':
      return { state: TCP_CLOSE }
  }
}

/**
 * What the maps of slot `index` are: with a lock and without, inherited by accepted sockets or not, and of several
 * sizes. `clone` makes all of them inherited.
 */
export function mapOptions(index: number, clone: boolean, types: readonly ValueType[]): MapOptions {
  return {
    type: BPF_MAP_TYPE_SK_STORAGE,
    keySize: 4,
    maxEntries: 0,
    flags: BPF_F_NO_PREALLOC | (clone || (index & 2) !== 0 ? BPF_F_CLONE : 0),
    ...valueTypeOf(types, index),
    name: `churn_${index}`,
  }
}

/** Closes a descriptor that this CPU took out of its slot, or never put into one: it must be open. */
function closeOwn(actor: Actor, fd: number): number {
  const result = fdClose(actor.cpu, fd)
  if (result !== 0)
    violation(actor.tally, `close of descriptor ${fd}, which nobody else closes: got ${resultName(result)}, expected 0`)
  return result
}

/** Puts a fresh socket into slot `index`; if another CPU has filled it meanwhile, closes it again. */
function offerSocket(actor: Actor, index: number, fd: number): void {
  actor.tally.socketsMade++
  if (!putFd(actor.slots, socketSlot(index), fd)) closeSocket(actor, fd)
}

function closeSocket(actor: Actor, fd: number): void {
  countOp(actor.tally, OP.socketClose, closeOwn(actor, fd))
  actor.tally.socketsClosed++
}

/** Opens a socket for the chosen slot, which was empty. */
export function openSocket(actor: Actor): void {
  const fd = socketCreate(actor.cpu, socketOptions(actor.socket))
  countOp(actor.tally, OP.socketOpen, fd)
  if (fd >= 0) offerSocket(actor, actor.socket, fd)
  else if (fd !== -ENOMEM && fd !== -EMFILE)
    violation(actor.tally, `socket: got ${resultName(fd)}, expected a descriptor, ENOMEM or EMFILE`)
}

/** Closes the chosen socket, unless another CPU is faster. Whoever still holds its file makes the last put. */
export function closeChosenSocket(actor: Actor): void {
  if (takeFd(actor.slots, socketSlot(actor.socket), actor.ticket)) closeSocket(actor, ticketFd(actor.ticket))
}

/** Makes a map for the chosen slot, which was empty. */
export function makeMap(actor: Actor, clone: boolean): void {
  const { cpu, slots, tally } = actor
  const fd = mapCreate(cpu, mapOptions(actor.map, clone, actor.types))
  countOp(tally, OP.mapCreate, fd)
  if (fd >= 0) {
    tally.mapsMade++
    if (!putFd(slots, mapSlot(slots, actor.map), fd)) closeMap(actor, fd)
  } else if (fd !== -ENOMEM && fd !== -EMFILE) {
    violation(tally, `BPF_MAP_CREATE: got ${resultName(fd)}, expected a descriptor, ENOMEM or EMFILE`)
  }
}

function closeMap(actor: Actor, fd: number): void {
  countOp(actor.tally, OP.mapFree, closeOwn(actor, fd))
  actor.tally.mapsClosed++
}

/**
 * Closes the chosen map, so that it is freed under everybody's feet. Not while as many as there are slots wait to be
 * freed: each takes two grace periods.
 */
export function closeChosenMap(actor: Actor): void {
  const { cpu, slots } = actor
  if (deferredWorkPending(cpu) >= slots.maps) return
  const slot = mapSlot(slots, actor.map)
  const ticket = ticketIn(slots, slot)
  if (ticketFd(ticket) !== 0 && takeFd(slots, slot, ticket)) closeMap(actor, ticketFd(ticket))
}

/**
 * Accepts a connection on the listener nearest to the chosen slot, looks at one inherited value, and keeps the child if
 * there is room for it.
 */
export function acceptChild(actor: Actor, map: BpfMap): void {
  const { slots, tally, random } = actor
  actor.socket -= actor.socket % SOCKET_KINDS.length
  actor.ticket = ticketIn(slots, socketSlot(actor.socket))
  if (ticketFd(actor.ticket) === 0) {
    openSocket(actor)
    return
  }
  const fd = oneIn(random, 2) ? acceptByFd(actor) : acceptLockless(actor)
  if (fd === 0) return
  countOp(tally, OP.clone, fd)
  if (fd < 0) return
  examineChild(actor, map, fd)
  const room = below(random, slots.sockets) | 2
  if (room < slots.sockets && socketKind(room) === 'connected' && oneIn(random, 2)) {
    offerSocket(actor, room, fd)
  } else {
    tally.socketsMade++
    closeSocket(actor, fd)
  }
}

function acceptByFd(actor: Actor): number {
  const fd = sockAccept(actor.cpu, ticketFd(actor.ticket))
  const overtaken = ticketIn(actor.slots, socketSlot(actor.socket)) !== actor.ticket
  // A descriptor that was closed meanwhile may be another kind of socket now.
  judge(actor, OP.clone, fd, overtaken ? [ENOMEM, EMFILE, EINVAL, EOPNOTSUPP] : [ENOMEM, EMFILE])
  return fd
}

/**
 * As the kernel accepts: the listener is found under RCU, and may be dying while it is cloned. Returns 0 if there was
 * none.
 */
function acceptLockless(actor: Actor): number {
  const { cpu } = actor
  rcuReadLock(cpu)
  const parent = sockLookupRcu(cpu, ticketFd(actor.ticket))
  const listens = parent !== 0 && Atomics.load(cpu.words, parent + SOCK.state) === TCP_LISTEN
  const child = listens ? skClone(cpu, parent) : (0 as Sk)
  rcuReadUnlock(cpu)
  if (!listens) return 0
  if (child === 0) return -ENOMEM
  const fd = fdOpen(cpu, FILE_SOCKET, child)
  if (fd < 0) sockPut(cpu, child)
  return fd
}

/**
 * The child has a copy of its own, which nobody else writes: whole even without the lock, unless another CPU came to
 * this descriptor by an old ticket.
 */
function examineChild(actor: Actor, map: BpfMap, fd: number): void {
  const { cpu, tally } = actor
  const out = new Int32Array(valueWords(cpu.words, map))
  const flags = mapValueHasSpinLock(cpu.words, map) ? BPF_F_LOCK : 0
  const result = fdLookupElem(cpu, map, fd, out, flags)
  const wrong = result === 0 ? examineCopy(cpu, map, out) : undefined
  if (wrong !== undefined) violation(tally, `in an accepted socket: ${wrong}`)
}
