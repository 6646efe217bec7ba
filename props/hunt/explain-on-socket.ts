/**
 * Steps on the element of one socket and one map, as the sequential model does them.
 */

import * as model from '../model.ts'
import { BPF_F_LOCK, EBADF, ENOENT, ENOTSOCK } from '../model-state.ts'
import * as storages from '../model-storage.ts'
import { raced, replaced } from './exceptions.ts'
import type { State } from './explain-state.ts'
import { done, fork, go, type Turn } from './explain-turn.ts'
import { diesLate, type HuntStep, NULL } from './program.ts'

const EAGAIN = 11

type OnSocket = Extract<HuntStep, { map: unknown; sock: unknown }>

/**
 * Takes the map, takes or finds the socket, acts, uses the value, lets both go. A lookup uses the value only after it
 * let the socket go.
 */
export function onSocket(turn: Turn, step: OnSocket): State[] {
  const { place, result, all } = turn
  const { model: m } = turn.state
  const byProgram = step.do === 'get' || step.do === 'watch' || step.do === 'write' || step.do === 'delete'
  const underRcu = byProgram && diesLate(all.program.kind)
  switch (place.phase) {
    case 0: {
      const map = model.mapGet(m, all.maps[step.map])
      if (map < 0) return done(turn, result === map)
      place.map = map
      return go(turn, 1)
    }
    case 1: {
      const sock = underRcu ? findUnderRcu(turn, all.sockets[step.sock]) : model.sockfdLookup(m, all.sockets[step.sock])
      if (sock < 0) {
        model.mapPut(m, place.map)
        // A program is not told that what it found is a map.
        return done(turn, result === sock || (byProgram && sock === -ENOTSOCK && result === -EBADF))
      }
      place.sock = sock
      place.reading = true
      return go(turn, underRcu ? 2 : 3)
    }
    case 2: {
      // A program that creates or deletes takes a reference first, if there is one to be had.
      const holds = fork(turn)
      const socket = holds.state.model.sockets.get(place.sock)!
      const without = go(turn, 3)
      if (socket.refs === 0 || (step.do !== 'get' && step.do !== 'delete')) return without
      socket.refs++
      holds.place.held = true
      return [...without, ...go(holds, 3)]
    }
    case 3:
      return act(turn, step, underRcu)
    case 4:
      return use(turn, step)
    case 5: {
      if (!underRcu || place.held) model.sockPut(m, place.sock)
      return go(turn, step.do === 'lookup' ? 4 : 6)
    }
    default:
      model.mapPut(m, place.map)
      return done(turn, true)
  }
}

/** The socket that a program finds behind a descriptor without a reference, or -EBADF. */
export function findUnderRcu({ state }: Turn, fd: number): number {
  const file = state.model.fds.get(fd)
  return file?.kind === 'socket' && state.model.sockets.get(file.id)!.rcuFree ? file.id : -EBADF
}

function act(turn: Turn, step: OnSocket, underRcu: boolean): State[] {
  const { state, place, result, cpu } = turn
  const { program } = turn.all
  const { map, sock } = place
  const next = step.do === 'lookup' ? 5 : 4
  const missed = (empty: number) => result === empty && replaced(program, place, cpu, step.map)
  const dying = state.model.sockets.get(sock)!.refs === 0
  switch (step.do) {
    case 'update':
      if (result === -EAGAIN) return raced(program, place, cpu) ? go(turn, 5) : []
      if ((step.flags & BPF_F_LOCK) !== 0 && missed(-ENOENT)) return go(turn, 5)
      return storages.skStorageUpdate(state.model, map, sock, [step.word, 0, step.word], step.flags) === result
        ? go(turn, 5)
        : []
    case 'get':
    case 'watch':
    case 'write': {
      const found = storages.skStorageLookup(state.model, map, sock) ?? null
      const creates = step.do === 'get' && step.create
      if (result === NULL) {
        if (creates ? raced(program, place, cpu) : missed(NULL)) return go(turn, 5)
        return found === null && (!creates || dying) ? go(turn, 5) : []
      }
      // Without a reference nothing is made.
      place.value =
        found ??
        (creates && (!underRcu || place.held)
          ? storages.bpfSkStorageGet(state.model, map, sock, [step.word, 0, step.word], 1)
          : null)
      return place.value === null ? [] : go(turn, 4)
    }
    case 'lookup': {
      place.value = storages.skStorageLookup(state.model, map, sock) ?? null
      if (missed(-ENOENT)) place.value = null
      return (place.value === null) === (result === -ENOENT) ? go(turn, next) : []
    }
    case 'delete':
    case 'fdDelete': {
      if (step.do === 'delete' && underRcu && !place.held) return dying && result === -ENOENT ? go(turn, 5) : []
      const beaten = result === 0 && raced(program, place, cpu, step.map)
      const untouched = beaten || missed(-ENOENT) ? go(fork(turn), 5) : []
      return [...(storages.skStorageDelete(state.model, map, sock) === result ? go(turn, 5) : []), ...untouched]
    }
  }
}

/** Reads through the value, or writes. */
function use(turn: Turn, step: OnSocket): State[] {
  const { place, result } = turn
  if (place.value === null) return go(turn, step.do === 'lookup' ? 6 : 5)
  if (place.value.words[0] !== result) return []
  if (step.do === 'write') place.value.words.fill(step.word)
  return go(turn, step.do === 'lookup' ? 6 : 5)
}
