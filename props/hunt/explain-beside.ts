/**
 * Steps on what there is beside sockets and maps of sk storage, as the sequential model does them.
 */

import * as model from '../model.ts'
import { EBADF, EEXIST, EINVAL, ENOENT, ENOTSOCK } from '../model-state.ts'
import { keyReplaced, keysDisturbed } from './exceptions.ts'
import { close, install, reserve } from './explain-files.ts'
import { findUnderRcu, onSocket } from './explain-on-socket.ts'
import type { State } from './explain-state.ts'
import { done, go, type Turn } from './explain-turn.ts'
import { type BesideStep, diesLate, HUNT_MAP, NULL } from './program.ts'

/** BPF_NOEXIST and BPF_EXIST; what is set besides changes nothing that can be seen here. */
const [NOEXIST, EXIST] = [1, 2]

/** The next atomic step of one of these. */
export function onBeside(turn: Turn, step: BesideStep): State[] {
  switch (step.do) {
    case 'attach':
      return attach(turn)
    case 'run':
      return run(turn, step)
    case 'detach': {
      const { beside } = turn.state
      const old = beside.attached
      if (old !== 0) beside.detached.push(old)
      beside.attached = 0
      return done(turn, turn.result === (old === 0 ? NULL : 0))
    }
    case 'btfOpen':
      return openBtf(turn)
    case 'btfClose':
      return close(turn, turn.all.btfFd)
    case 'typedMap':
      return makeTyped(turn)
  }
  return onHash(turn, step)
}

type OnHash = Exclude<BesideStep, { do: 'attach' | 'run' | 'detach' | 'btfOpen' | 'btfClose' | 'typedMap' }>

/**
 * At once: what a lookup has found, and what is gone when it reads, is what was there until then, as nobody changes it
 * any more.
 */
function onHash(turn: Turn, step: OnHash): State[] {
  const { state, place, result, all, cpu } = turn
  const { keys } = state.beside
  if (step.do === 'hashKeys')
    return done(turn, result === keys.size || (result >= 0 && keysDisturbed(all.program, place, cpu)))
  const there = keys.get(step.key)
  switch (step.do) {
    case 'hashUpdate': {
      const mode = step.flags & 3
      if (there !== undefined && mode === NOEXIST) return done(turn, result === -EEXIST)
      if (there === undefined && mode === EXIST) return done(turn, result === -ENOENT)
      keys.set(step.key, step.word)
      return done(turn, result === 0)
    }
    case 'hashDelete':
      keys.delete(step.key)
      return done(turn, result === (there === undefined ? -ENOENT : 0))
    default: {
      const none = step.do === 'hashGet' ? NULL : -ENOENT
      return done(
        turn,
        result === (there ?? none) || (result === none && keyReplaced(all.program, place, cpu, step.key)),
      )
    }
  }
}

/** Takes the map; attaches a program that holds it too; puts the map. */
function attach(turn: Turn): State[] {
  const { place, result, all } = turn
  const { model: m, beside } = turn.state
  switch (place.phase) {
    case 0: {
      const map = model.mapGet(m, all.maps[0])
      if (map < 0) return done(turn, result === map)
      place.map = map
      return go(turn, 1)
    }
    case 1: {
      const old = beside.attached
      if (old !== 0) beside.detached.push(old)
      beside.attached = place.map
      m.maps.get(place.map)!.refs++
      return result === (old === 0 ? 0 : 1) ? go(turn, 2) : []
    }
    default:
      model.mapPut(m, place.map)
      return done(turn, true)
  }
}

/** Finds the socket, then the program and by it the map; from there on it is a get that creates. */
function run(turn: Turn, step: Extract<BesideStep, { do: 'run' }>): State[] {
  const { place, result, all } = turn
  const { model: m, beside } = turn.state
  const underRcu = diesLate(all.program.kind)
  const fd = all.sockets[step.sock]
  switch (place.phase) {
    case 0: {
      const sock = underRcu ? findUnderRcu(turn, fd) : model.sockfdLookup(m, fd)
      // A program is not told that what it found is no socket.
      if (sock < 0) return done(turn, result === -EBADF && (sock === -EBADF || sock === -ENOTSOCK))
      place.sock = sock
      place.reading = true
      return go(turn, 1)
    }
    case 1: {
      if (beside.attached === 0) return result === NULL ? go(turn, 7) : []
      place.map = beside.attached
      // The program holds its map for as long as we read.
      m.maps.get(place.map)!.refs++
      return go(turn, underRcu ? 2 : 3)
    }
    case 7:
      if (!underRcu) model.sockPut(m, place.sock)
      return done(turn, true)
    default:
      return onSocket(turn, { do: 'get', map: 0, sock: step.sock, word: step.word, create: true })
  }
}

/** Takes a reference by the id, reserves a descriptor, installs it. */
function openBtf(turn: Turn): State[] {
  const { place, result } = turn
  const { beside } = turn.state
  switch (place.phase) {
    case 0:
      if (beside.btfRefs === 0) return done(turn, result === -ENOENT)
      beside.btfRefs++
      return go(turn, 1)
    case 1:
      return reserve(turn) === result ? go(turn, 2) : []
    default:
      install(turn, 'btf', 1)
      return done(turn, true)
  }
}

/** Takes the types by their descriptor, makes the map, which keeps them, reserves a descriptor, installs it. */
function makeTyped(turn: Turn): State[] {
  const { place, result, all } = turn
  const { model: m, beside } = turn.state
  switch (place.phase) {
    case 0: {
      const file = m.fds.get(all.btfFd)
      if (file?.kind !== 'btf') return done(turn, result === (file === undefined ? -EBADF : -EINVAL))
      beside.btfRefs++
      return go(turn, 1)
    }
    case 1:
      return reserve(turn) === result ? go(turn, 2) : []
    default: {
      const id = m.nextMap++
      install(turn, 'map', id)
      m.maps.set(id, { refs: 1, valueSize: HUNT_MAP.valueSize, lockOffset: HUNT_MAP.lockOffset, clone: true })
      beside.typed.push(id)
      return done(turn, true)
    }
  }
}
