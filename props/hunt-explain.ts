/**
 * Whether the sequential model explains what a round gave: some order of all operations, consistent with each CPU's program order, in which
 * it answers the same.
 *
 * What one call does in several atomic steps (take the map, take the socket, act, put both) the order may take apart, and the kworker's
 * and the grace period's work comes whenever it may. What Linux itself does that no order explains is allowed by name:
 *
 * - an update returns -EAGAIN, and get-with-create NULL, when another CPU was making or removing an element of the same socket;
 * - a delete returns 0 although another CPU was the one that removed the element, or replaced it;
 * - a look without the lock (lookup, delete, update in place) finds nothing while another CPU replaces the element: past the list's head when the new one
 *   is linked there, it reaches the old one's place after that was unlinked.
 */

import { type HuntMap, type HuntOutcome, type HuntProgram, type HuntStep, has, NULL } from './hunt-program.ts'
import * as model from './model.ts'
import { BPF_MAP_TYPE_SK_STORAGE, createModel, EBADF, type Element, ENOENT, type Model } from './model-state.ts'
import * as storages from './model-storage.ts'

const EAGAIN = 11
const BPF_F_LOCK = 4

/** One CPU's place in its program, and what it holds there. */
interface Place {
  step: number
  /** Which atomic step of the call comes next. */
  phase: number
  map: number
  sock: number
  value: Element | null
  /** In a read section: no grace period ends. */
  reading: boolean
  /** Where the others were when this step began. */
  others: number[]
}

/** A state of the search; copied as a whole, so that a held value stays the model's own. */
interface State {
  model: Model
  places: Place[]
}

interface Search {
  program: HuntProgram
  outcome: HuntOutcome
  maps: [number, number]
  socket: number
  seen: Set<string>
}

const request = {
  type: BPF_MAP_TYPE_SK_STORAGE,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: 1,
  lockOffset: 4,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
}

/** Whether there is such an order. */
export function explained(program: HuntProgram, outcome: HuntOutcome): boolean {
  const start = createModel({ optmemMax: 131_072, maxFds: 16 })
  const maps: [number, number] = [model.mapCreate(start, request), model.mapCreate(start, request)]
  const socket = model.socketCreate(start, { stream: true, listening: false, rcuFree: program.rcuFree })
  for (const [i, word] of program.before.entries())
    if (word !== 0) model.fdUpdateElem(start, start.fds.get(maps[i])!.id, socket, [word, 0], 0)
  const places = program.cpus.map(
    (): Place => ({ step: 0, phase: 0, map: 0, sock: 0, value: null, reading: false, others: [] }),
  )
  return search({ program, outcome, maps, socket, seen: new Set() }, { model: start, places })
}

function search(all: Search, state: State): boolean {
  const key = keyOf(state)
  if (all.seen.has(key)) return false
  all.seen.add(key)
  if (state.places.every((place, cpu) => place.step === all.program.cpus[cpu].length)) return endsRight(all, state)
  for (let cpu = 0; cpu < state.places.length; cpu++)
    if (advance(all, state, cpu).some((next) => search(all, next))) return true
  return background(state).some((next) => search(all, next))
}

function keyOf({ model: { fds, sockets, maps }, places }: State): string {
  return JSON.stringify([
    [...fds.keys()],
    [...sockets].map(([id, { refs, elements }]) => [
      id,
      refs,
      [...elements].map(([map, { words }]) => [map, words[0]]),
    ]),
    [...maps].map(([id, { refs }]) => [id, refs]),
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
    const freed = structuredClone(state)
    model.runDeferredWork(freed.model)
    next.push(freed)
  }
  if (
    [...state.model.sockets.values()].some((socket) => socket.refs === 0) &&
    !state.places.some((place) => place.reading)
  ) {
    const over = structuredClone(state)
    model.rcuBarrier(over.model)
    next.push(over)
  }
  return next
}

/** At rest the maps hold what was found. */
function endsRight({ maps, socket, outcome: { after } }: Search, { model: final }: State): boolean {
  model.runDeferredWork(final)
  model.rcuBarrier(final)
  if (after === undefined) return final.sockets.size === 0
  return maps.every((fd, i) => {
    const file = final.fds.get(fd)
    if (file === undefined) return true
    const found = model.fdLookupElem(final, file.id, socket, 0)
    return after[i] === (typeof found === 'number' ? 0 : found[0])
  })
}

/** The states that the CPU's next atomic step may lead to; none if it can't give what was returned. */
function advance(all: Search, from: State, cpu: number): State[] {
  const steps = all.program.cpus[cpu]
  const { step: index, phase } = from.places[cpu]
  if (index === steps.length) return []
  const step = steps[index]
  const result = all.outcome.results[cpu][index]
  const state = structuredClone(from)
  const place = state.places[cpu]
  if (phase === 0) place.others = state.places.map((other) => other.step)
  const go = (to: number) => {
    place.phase = to
    return [state]
  }
  const done = (fits: boolean) => {
    Object.assign(place, { step: index + 1, phase: 0, map: 0, sock: 0, value: null, reading: false, others: [] })
    return fits ? [state] : []
  }

  if (step.do === 'close' || step.do === 'closeMap') {
    const fd = step.do === 'close' ? all.socket : all.maps[0]
    const file = state.model.fds.get(fd)
    if (phase === 0) {
      if (file === undefined) return done(result === -EBADF)
      place.sock = file.id
      state.model.fds.delete(fd)
      return go(1)
    }
    if (step.do === 'close') model.sockPut(state.model, place.sock)
    else model.mapPut(state.model, place.sock)
    return done(result === 0)
  }

  const underRcu = all.program.rcuFree && (step.do === 'get' || step.do === 'delete')
  switch (phase) {
    case 0: {
      const map = model.mapGet(state.model, all.maps[step.map])
      if (map < 0) return done(result === map)
      place.map = map
      return go(1)
    }
    case 1: {
      const sock = underRcu
        ? (state.model.fds.get(all.socket)?.id ?? -EBADF)
        : model.sockfdLookup(state.model, all.socket)
      if (sock < 0) {
        model.mapPut(state.model, place.map)
        return done(result === sock)
      }
      place.sock = sock
      place.reading = true
      return go(2)
    }
    case 2:
      return act(all, state, cpu, step, result, go)
    case 3:
      if (!underRcu) model.sockPut(state.model, place.sock)
      return go(4)
    default: {
      // A lookup copies the value only after it let the socket go.
      const fits = place.value === null || place.value.words[0] === result
      model.mapPut(state.model, place.map)
      return done(fits)
    }
  }
}

function act(
  { program }: Search,
  state: State,
  cpu: number,
  step: Exclude<HuntStep, { do: 'close' | 'closeMap' }>,
  result: number,
  go: (phase: number) => State[],
): State[] {
  const place = state.places[cpu]
  const { map, sock } = place
  switch (step.do) {
    case 'update':
      if (result === -EAGAIN) return raced(program, place, cpu) ? go(3) : []
      if (result === -ENOENT && (step.flags & BPF_F_LOCK) !== 0 && replaced(program, place, cpu, step.map)) return go(3)
      return storages.skStorageUpdate(state.model, map, sock, [step.word, 0], step.flags) === result ? go(3) : []
    case 'get': {
      if (result === NULL && raced(program, place, cpu)) return go(3)
      place.value = storages.bpfSkStorageGet(state.model, map, sock, [step.word, 0], 1)
      return (place.value === null) === (result === NULL) ? go(3) : []
    }
    case 'lookup': {
      place.value = storages.skStorageLookup(state.model, map, sock) ?? null
      if (result === -ENOENT && replaced(program, place, cpu, step.map)) place.value = null
      return (place.value === null) === (result === -ENOENT) ? go(3) : []
    }
    case 'delete':
    case 'fdDelete': {
      const beaten = result === 0 && raced(program, place, cpu, step.map)
      const missed = result === -ENOENT && replaced(program, place, cpu, step.map)
      const untouched = beaten || missed ? [structuredClone(state)] : []
      for (const other of untouched) other.places[cpu].phase = 3
      const remove = step.do === 'delete' ? storages.bpfSkStorageDelete : storages.skStorageDelete
      return [...(remove(state.model, map, sock) === result ? go(3) : []), ...untouched]
    }
  }
}

/** Whether another CPU may have made or removed an element of the socket, of `map` if given, since this step began: it had such a step, or map free's, not yet behind it. */
function raced(program: HuntProgram, place: Place, cpu: number, map?: HuntMap): boolean {
  if (map === undefined && has(program, 'closeMap')) return true
  return program.cpus.some(
    (steps, other) =>
      other !== cpu &&
      steps
        .slice(place.others[other])
        .some((step) => changes(step) && (map === undefined || ('map' in step && step.map === map))),
  )
}

/** Whether another CPU may have replaced the socket's element of `map` since this step began. */
function replaced(program: HuntProgram, place: Place, cpu: number, map: HuntMap): boolean {
  return program.cpus.some(
    (steps, other) =>
      other !== cpu && steps.slice(place.others[other]).some((step) => step.do === 'update' && step.map === map),
  )
}

function changes(step: HuntStep): boolean {
  return step.do === 'update' || step.do === 'get' || step.do === 'delete' || step.do === 'fdDelete'
}
