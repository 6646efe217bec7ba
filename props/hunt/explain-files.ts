/**
 * Descriptors, as the sequential model does them: closing one, and what reserves one and installs something there.
 */

import * as model from '../model.ts'
import { EBADF, type File, type Socket } from '../model-state.ts'
import type { State } from './explain-state.ts'
import { done, go, type Turn } from './explain-turn.ts'
import { diesLate, HUNT_MAP } from './program.ts'

/** Takes the file off its descriptor, and puts what it refers to. */
export function close(turn: Turn, fd: number): State[] {
  const { place, result } = turn
  const { model: m, beside } = turn.state
  if (place.phase === 0) {
    const file = m.fds.get(fd)
    if (file === undefined) return done(turn, result === -EBADF)
    m.fds.delete(fd)
    place.file = file
    return go(turn, 1)
  }
  const { kind, id } = place.file!
  if (kind === 'socket') model.sockPut(m, id)
  else if (kind === 'map') model.mapPut(m, id)
  else beside.btfRefs--
  return done(turn, result === 0)
}

/** The lowest free descriptor, taken but meaning nothing yet. */
export function reserve({ state, place }: Turn): number {
  let fd = 3
  while (state.model.fds.has(fd) || state.reserved.includes(fd)) fd++
  state.reserved.push(fd)
  place.fd = fd
  return fd
}

/** Lets the descriptor that was reserved refer to something. */
export function install({ state, place }: Turn, kind: File['kind'], id: number): void {
  state.reserved.splice(state.reserved.indexOf(place.fd), 1)
  state.model.fds.set(place.fd, { kind, id })
}

/** Opens a socket, or makes a map. */
export function open(turn: Turn, isMap: boolean): State[] {
  const { model: m } = turn.state
  if (turn.place.phase === 0) return reserve(turn) === turn.result ? go(turn, 1) : []
  const { kind } = turn.all.program
  if (isMap) {
    install(turn, 'map', m.nextMap)
    m.maps.set(m.nextMap++, { refs: 1, valueSize: HUNT_MAP.valueSize, lockOffset: HUNT_MAP.lockOffset, clone: true })
  } else {
    install(turn, 'socket', m.nextSocket)
    m.sockets.set(m.nextSocket++, { ...newSocket(), listening: kind === 'listener', rcuFree: diesLate(kind) })
    if (kind === 'datagram') m.sockets.get(m.nextSocket - 1)!.stream = false
  }
  return done(turn, true)
}

/** A connected stream socket that nobody has found yet. */
export const newSocket = (): Socket => ({
  refs: 1,
  stream: true,
  listening: false,
  rcuFree: false,
  elements: new Map(),
})
