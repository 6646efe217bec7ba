/**
 * Where the search for an order stands.
 */

import type { Element, File, Model } from '../model-state.ts'
import type { HuntOutcome, HuntProgram } from './program.ts'

/** One CPU's place in its program, and what it holds there. */
export interface Place {
  step: number
  /** Which atomic step of the call comes next. */
  phase: number
  map: number
  sock: number
  value: Element | null
  /** A program found the socket under RCU, and took a reference for as long as it acts. */
  held: boolean
  /** In a read section: no grace period ends. */
  reading: boolean
  /** Where the others were when this step began. */
  others: number[]
  /**
   * Of an accept: the child, its reserved descriptor, and the maps it has not copied yet. Of a walk: sockets it may
   * still show.
   */
  child: number
  fd: number
  left: number[]
  /** Of a close: what it has taken off its descriptor. */
  file: File | null
  /** Of a dump: how many sockets it has shown. */
  shown: number
}

/** What is there beside sockets and maps of sk storage, as far as others can see it. */
export interface Beside {
  /** The words under the keys of the hash map. */
  keys: Map<number, number>
  /** The map of the program that is attached; 0 for none. */
  attached: number
  /** Maps of programs that were detached, whose grace period is not over. */
  detached: number[]
  /** References on the BTF object. */
  btfRefs: number
  /** Maps that hold one of these. */
  typed: number[]
}

/** A state of the search; copied as a whole, so that a held value stays the model's own. */
export interface State {
  model: Model
  places: Place[]
  /** Descriptors that are taken and mean nothing yet. */
  reserved: number[]
  beside: Beside
}

export interface Search {
  program: HuntProgram
  outcome: HuntOutcome
  maps: readonly number[]
  sockets: readonly number[]
  btfFd: number
  seen: Set<string>
  /** States after which it gives up. */
  most: number
}

const IDLE: Omit<Place, 'step'> = {
  phase: 0,
  map: 0,
  sock: 0,
  value: null,
  held: false,
  reading: false,
  others: [],
  child: 0,
  fd: -1,
  left: [],
  file: null,
  shown: 0,
}

/** A place before a step. */
export const before = (step: number): Place => ({ ...IDLE, step, others: [], left: [] })

/**
 * A copy of a state, in which a held value is still the same as the element that it was the same as. By hand: the
 * search does little else.
 */
export function copyOf({ model, places, reserved, beside }: State): State {
  const copies = new Map<Element, Element>()
  const elementOf = (element: Element): Element => {
    const known = copies.get(element)
    if (known !== undefined) return known
    const copy = { words: element.words.slice() }
    copies.set(element, copy)
    return copy
  }
  const sockets: Model['sockets'] = new Map()
  for (const [id, socket] of model.sockets) {
    const elements: typeof socket.elements = new Map()
    for (const [map, element] of socket.elements) elements.set(map, elementOf(element))
    sockets.set(id, { ...socket, elements })
  }
  const maps: Model['maps'] = new Map()
  for (const [id, map] of model.maps) maps.set(id, { ...map })
  return {
    // Files don't change, nor do the lists in a place: they are replaced.
    model: { ...model, fds: new Map(model.fds), sockets, maps },
    places: places.map((place) => ({ ...place, value: place.value && elementOf(place.value) })),
    reserved: reserved.slice(),
    beside: {
      ...beside,
      keys: new Map(beside.keys),
      detached: beside.detached.slice(),
      typed: beside.typed.slice(),
    },
  }
}
