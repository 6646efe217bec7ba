/**
 * Whether the sequential model explains what a round gave: some order of all operations, consistent with each CPU's
 * program order, in which it answers the same.
 *
 * What one call does in several atomic steps (take the map, take the socket, act, use the value, put both) the order
 * may take apart, and the kworker's and the grace period's work comes whenever it may. What Linux itself does that no
 * order explains is allowed by name, in exceptions.ts.
 */

import * as model from '../model.ts'
import { createModel, ENOENT, type Model } from '../model-state.ts'
import { type Beside, before, copyOf, type Search, type State } from './explain-state.ts'
import { advance } from './explain-step.ts'
import { HUNT_MAP, type HuntOutcome, type HuntProgram, KEYS, opened, usesBtf, usesHash } from './program.ts'

/** States that a search looks at before it gives up: a second or a few. */
const MOST_STATES = 40_000

/** Whether there is such an order. A search that takes too long is undecided. */
export function explain(program: HuntProgram, outcome: HuntOutcome): 'explained' | 'unexplained' | 'undecided' {
  const start = createModel({ optmemMax: 131_072, maxFds: 64 })
  const stays = model.mapCreate(start, HUNT_MAP)
  const maps = [model.mapCreate(start, HUNT_MAP), stays]
  const request = {
    stream: program.kind !== 'datagram',
    listening: program.kind === 'listener',
    rcuFree: program.kind !== 'connected',
  }
  const sockets = [model.socketCreate(start, request), model.socketCreate(start, request)]
  for (const [i, word] of program.before.entries())
    if (word !== 0) model.fdUpdateElem(start, start.fds.get(maps[i & 1])!.id, sockets[i >> 1], [word, 0, word], 0)
  const keys = new Map<number, number>()
  const beside: Beside = { keys, attached: 0, detached: [], btfRefs: usesBtf(program) ? 1 : 0, typed: [] }
  const btfFd = withBeside(start, program)
  const state: State = { model: start, places: program.cpus.map(() => before(0)), reserved: [], beside }
  const all: Search = { program, outcome, maps, sockets, btfFd, seen: new Set(), most: MOST_STATES }
  if (search(all, state)) return 'explained'
  return all.seen.size < all.most ? 'unexplained' : 'undecided'
}

/** Gives the BTF object the next descriptor behind that of the hash map, where the program needs them. */
function withBeside(start: Model, program: HuntProgram): number {
  let fd = Math.max(...start.fds.keys()) + 1
  // Nobody closes the hash map: to the model it is one more BTF object.
  if (usesHash(program)) start.fds.set(fd++, { kind: 'btf', id: 2 })
  if (usesBtf(program)) start.fds.set(fd, { kind: 'btf', id: 1 })
  return fd
}

/** Whether nothing says that there is no such order. */
export function explained(program: HuntProgram, outcome: HuntOutcome): boolean {
  return explain(program, outcome) !== 'unexplained'
}

function search(all: Search, state: State): boolean {
  if (all.seen.size >= all.most) return false
  const key = keyOf(state)
  if (all.seen.has(key)) return false
  all.seen.add(key)
  if (state.places.every((place, cpu) => place.step === all.program.cpus[cpu].length)) return endsRight(all, state)
  for (let cpu = 0; cpu < state.places.length; cpu++)
    if (advance(all, state, cpu).some((next) => search(all, next))) return true
  return background(state).some((next) => search(all, next))
}

function keyOf({ model: { fds, sockets, maps }, places, reserved, beside }: State): string {
  return JSON.stringify([
    [...fds].map(([fd, { kind, id }]) => [fd, kind, id]),
    reserved,
    [...sockets].map(([id, { refs, elements }]) => [
      id,
      refs,
      [...elements].map(([map, { words }]) => [map, words[0]]),
    ]),
    [...maps].map(([id, { refs }]) => [id, refs]),
    { ...beside, keys: [...beside.keys] },
    places.map((place) => ({
      ...place,
      // Whether a held value is still the element changes what an update in place does to it.
      value: place.value && [
        place.value.words[0],
        [...sockets.values()].some(({ elements }) => elements.get(place.map) === place.value),
      ],
    })),
  ])
}

/** What the kworker and the end of a grace period may do now. */
function background(state: State): State[] {
  const next: State[] = []
  if ([...state.model.maps.values()].some((map) => map.refs === 0)) {
    const freed = copyOf(state)
    model.runDeferredWork(freed.model)
    const { beside } = freed
    const typed = beside.typed.filter((map) => freed.model.maps.has(map))
    beside.btfRefs -= beside.typed.length - typed.length
    beside.typed = typed
    next.push(freed)
  }
  const waits = [...state.model.sockets.values()].some(({ refs }) => refs === 0) || state.beside.detached.length > 0
  if (waits && !state.places.some((place) => place.reading)) {
    const over = copyOf(state)
    model.rcuBarrier(over.model)
    for (const map of over.beside.detached.splice(0)) model.mapPut(over.model, map)
    next.push(over)
  }
  return next
}

/** At rest, by descriptor, there is what was found. */
function endsRight({ program, maps, sockets, outcome }: Search, { model: final, beside }: State): boolean {
  const { results, looks } = outcome
  model.runDeferredWork(final)
  model.rcuBarrier(final)
  let i = 0
  for (const fd of [...sockets, ...opened(program, results)]) {
    for (const mapFd of maps) {
      if (lookAt(final, mapFd, fd) !== looks[i++]) return false
    }
  }
  return !usesHash(program) || KEYS.every((key) => (beside.keys.get(key) ?? -ENOENT) === looks[i++])
}

function lookAt(final: Model, mapFd: number, fd: number): number {
  const map = model.mapGet(final, mapFd)
  if (map < 0) return map
  const found = model.fdLookupElem(final, map, fd, 0)
  model.mapPut(final, map)
  if (typeof found !== 'number') return found[0]
  return found === -ENOENT ? 0 : found
}
