/**
 * One atomic step of one CPU, as the sequential model does it: the states it may lead to, none if it can't give what
 * was returned.
 */

import * as model from '../model.ts'
import { EINVAL, EOPNOTSUPP } from '../model-state.ts'
import * as storages from '../model-storage.ts'
import { disturbed, replaced } from './exceptions.ts'
import { onBeside } from './explain-beside.ts'
import { close, install, newSocket, open, reserve } from './explain-files.ts'
import { onSocket } from './explain-on-socket.ts'
import type { Search, State } from './explain-state.ts'
import { done, fork, go, type Turn, turnOf } from './explain-turn.ts'
import { opens } from './program.ts'

/** The next atomic step of a CPU. */
export function advance(all: Search, from: State, cpu: number): State[] {
  const steps = all.program.cpus[cpu]
  const index = from.places[cpu].step
  if (index === steps.length) return []
  const step = steps[index]
  const turn = turnOf(all, from, cpu, all.outcome.results[cpu][index])
  if (turn.place.phase === 0) turn.place.others = turn.state.places.map((other) => other.step)
  switch (step.do) {
    case 'close':
      return close(turn, all.sockets[step.sock])
    case 'closeMap':
      return close(turn, all.maps[0])
    case 'open':
    case 'newMap':
      return open(turn, step.do === 'newMap')
    case 'accept':
      return accept(turn, all.sockets[step.sock])
    case 'iterate':
      return iterate(turn, all.maps[step.map])
    case 'dump':
      return dump(turn)
  }
  return 'map' in step ? onSocket(turn, step) : onBeside(turn, step)
}

/**
 * Takes the listener, reserves a descriptor, copies the elements one by one, installs the child, lets the listener go.
 */
function accept(turn: Turn, listener: number): State[] {
  const { place, result, all, cpu } = turn
  const { model: m, reserved } = turn.state
  switch (place.phase) {
    case 0: {
      const sock = model.sockfdLookup(m, listener)
      if (sock < 0) return done(turn, result === sock)
      place.sock = sock
      return go(turn, 1)
    }
    case 1: {
      reserve(turn)
      return go(turn, 2)
    }
    case 2: {
      const { stream, listening } = m.sockets.get(place.sock)!
      if (stream && listening) {
        if (place.fd !== result) return []
        place.child = m.nextSocket++
        m.sockets.set(place.child, { ...newSocket(), refs: 0 })
        place.reading = true
        place.left = [...m.maps.keys()]
        return go(turn, 3)
      }
      reserved.splice(reserved.indexOf(place.fd), 1)
      return result === (stream ? -EINVAL : -EOPNOTSUPP) ? go(turn, 5) : []
    }
    case 3: {
      if (place.left.length === 0) {
        m.sockets.get(place.child)!.refs = 1
        place.reading = false
        install(turn, 'socket', place.child)
        return go(turn, 5)
      }
      return place.left.flatMap((map) => {
        const ways: State[] = []
        const copy = fork(turn)
        const element = copy.state.model.sockets.get(place.sock)!.elements.get(map)
        copy.place.left = place.left.filter((other) => other !== map)
        if (element !== undefined)
          copy.state.model.sockets.get(place.child)!.elements.set(map, { words: element.words.slice() })
        ways.push(copy.state)
        const { refs } = m.maps.get(map) ?? { refs: 0 }
        if (element !== undefined && (refs === 0 || replaced(all.program, place, cpu))) {
          const miss = fork(turn)
          miss.place.left = copy.place.left
          ways.push(miss.state)
        }
        return ways
      })
    }
    default:
      model.sockPut(m, place.sock)
      return done(turn, true)
  }
}

/** Takes the map; holds each socket it shows for a while; puts the map. */
function iterate(turn: Turn, mapFd: number): State[] {
  const { place, result, all, cpu } = turn
  const { model: m } = turn.state
  switch (place.phase) {
    case 0: {
      const map = model.mapGet(m, mapFd)
      if (map < 0) return done(turn, result === map)
      place.map = map
      place.left = [...m.sockets.keys()]
      place.fd = storages.elementsOf(m, map).size
      return go(turn, 1)
    }
    case 1: {
      const ends = fork(turn)
      model.mapPut(ends.state.model, place.map)
      const fits = result >= 0 && (result === place.fd || disturbed(all.program, place, cpu))
      const ways = done(ends, fits)
      // What a walk holds matters only if it may be the last to let it go.
      if (!disturbed(all.program, place, cpu)) return ways
      for (const sock of place.left) {
        const shows = fork(turn)
        const socket = shows.state.model.sockets.get(sock)
        if (socket === undefined || socket.refs === 0 || !socket.elements.has(place.map)) continue
        socket.refs++
        shows.place.sock = sock
        shows.place.left = place.left.filter((other) => other !== sock)
        ways.push(...go(shows, 2))
      }
      return ways
    }
    default:
      model.sockPut(m, place.sock)
      return go(turn, 1)
  }
}

/** Looks at one descriptor after the other, and holds each socket that it shows for a while. */
function dump(turn: Turn): State[] {
  const { place, result, all } = turn
  const { model: m } = turn.state
  if (place.phase === 1) {
    model.sockPut(m, place.sock)
    return go(turn, 0)
  }
  // No descriptor is behind all that there were and all that steps have opened.
  const most = all.btfFd + all.program.cpus.flat().filter(opens).length
  place.fd = Math.max(place.fd, 2) + 1
  if (place.fd > most) return done(turn, place.shown === result)
  const file = m.fds.get(place.fd)
  if (file?.kind !== 'socket') return go(turn, 0)
  m.sockets.get(file.id)!.refs++
  place.sock = file.id
  place.shown++
  return go(turn, 1)
}
