/**
 * A directory of slots, shared by all CPUs: each may hold the descriptor of a socket or of a map that anybody may use,
 * close or replace.
 *
 * Descriptors are reused, lowest first, so a number that was read from a slot may mean something else by the time it is
 * used. A slot therefore holds a ticket, the descriptor with a generation above it, and is emptied before its
 * descriptor is closed: as long as the ticket stands there, the descriptor is open. Who finds it changed was overtaken;
 * who finds it unchanged and still got EBADF has found a bug.
 */

/** Where the directory keeps what. The two focus words, which every CPU reads, have a line each. */
const SLOTS = { focusSocket: 0, focusMap: 16, first: 32 } as const

/** Bits of a ticket that are the descriptor; the generation has the 14 above them. 0 here: an empty slot. */
const FD_BITS = 17
const FD_MASK = (1 << FD_BITS) - 1
const GENERATIONS = 1 << 14

/** The largest table of descriptors that tickets can name. */
export const MAX_TICKET_FDS = 1 << FD_BITS

/** The directory, as it is sent to workers. */
export interface Slots {
  readonly words: Int32Array
  readonly sockets: number
  readonly maps: number
}

/** A directory with all slots empty. */
export function createSlots(sockets: number, maps: number): Slots {
  return { words: new Int32Array(new SharedArrayBuffer(4 * (SLOTS.first + sockets + maps))), sockets, maps }
}

/** The word of socket slot `index`. */
export function socketSlot(index: number): number {
  return SLOTS.first + index
}

/** The word of map slot `index`. */
export function mapSlot(slots: Slots, index: number): number {
  return SLOTS.first + slots.sockets + index
}

/** The ticket that stands in a slot; see ticketFd. */
export function ticketIn(slots: Slots, slot: number): number {
  return Atomics.load(slots.words, slot)
}

/** The descriptor of a ticket, or 0 if it is that of an empty slot. */
export function ticketFd(ticket: number): number {
  return ticket & FD_MASK
}

/** Puts a descriptor into a slot. False if another CPU was faster; the descriptor is still the caller's then. */
export function putFd(slots: Slots, slot: number, fd: number): boolean {
  const ticket = ticketIn(slots, slot)
  return ticketFd(ticket) === 0 && Atomics.compareExchange(slots.words, slot, ticket, ticket | fd) === ticket
}

/** Empties a slot that holds `ticket`. True to the one caller who did, and who has to close the descriptor now. */
export function takeFd(slots: Slots, slot: number, ticket: number): boolean {
  const generation = ((ticket >>> FD_BITS) + 1) % GENERATIONS
  return Atomics.compareExchange(slots.words, slot, ticket, generation << FD_BITS) === ticket
}

/** The socket slot, by index, that most operations go to now. */
export function focusSocket(slots: Slots): number {
  return Atomics.load(slots.words, SLOTS.focusSocket)
}

/** The map slot, by index, that most operations go to now. */
export function focusMap(slots: Slots): number {
  return Atomics.load(slots.words, SLOTS.focusMap)
}

/** Moves the focus of all CPUs. */
export function moveFocus(slots: Slots, socket: number, map: number): void {
  Atomics.store(slots.words, SLOTS.focusSocket, socket)
  Atomics.store(slots.words, SLOTS.focusMap, map)
}
