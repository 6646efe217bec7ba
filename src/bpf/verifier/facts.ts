/**
 * What the verifier tells the code generator of each instruction: the same on every path that reaches it.
 */

import type { BpfMapDefinition } from '../object.ts'
import type { Region } from './register.ts'
import type { Field } from './structure.ts'

/** What a pointer points to, as far as all paths agree. */
export interface PlaceFact {
  readonly region: Region
  /** Bytes from the beginning of the value or memory, or from the end of the frame; undefined where it varies. */
  readonly off: number | undefined
  /** Of the stack: the frame of the running function itself. */
  readonly own?: boolean
  readonly map?: BpfMapDefinition
  readonly memory?: string
  /** On another path it is NULL. */
  readonly orNull?: boolean
  /** Of contexts and sockets. */
  readonly field?: Field
}

/** A load, store or atomic operation. */
export interface AccessFact {
  readonly kind: 'access'
  readonly place: PlaceFact
}

/** Arithmetic: on numbers, on a pointer in the destination, or with the pointer in the source. */
export interface ArithmeticFact {
  readonly kind: 'arithmetic'
  readonly pointer: 'none' | 'destination' | 'source'
}

/** A helper's call: what each argument is; undefined for numbers and NULL. */
export interface CallFact {
  readonly kind: 'call'
  readonly helper: number
  readonly places: readonly (PlaceFact | undefined)[]
  /** Arguments that are the same number on all paths, NULL included. */
  readonly numbers: readonly (bigint | undefined)[]
}

/** A conditional jump; `onNull` where it only asks whether a pointer is NULL. */
export interface ConditionFact {
  readonly kind: 'condition'
  readonly onNull: boolean
}

/** Reached, and nothing more to be known. */
export interface PlainFact {
  readonly kind: 'plain'
}

export type Fact = AccessFact | ArithmeticFact | CallFact | ConditionFact | PlainFact

/** What holds on both paths, or undefined where one text can't serve both. */
export function mergeFacts(a: Fact | undefined, b: Fact): Fact | undefined {
  if (a === undefined) return b
  if (a.kind === 'access' && b.kind === 'access') {
    const place = mergePlaces(a.place, b.place)
    return place === undefined ? undefined : place === a.place ? a : { kind: 'access', place }
  }
  if (a.kind === 'arithmetic' && b.kind === 'arithmetic') return a.pointer === b.pointer ? a : undefined
  if (a.kind === 'call' && b.kind === 'call') return mergeCalls(a, b)
  if (a.kind === 'condition' && b.kind === 'condition') return a.onNull ? b : a
  return a.kind === b.kind ? a : undefined
}

function mergeCalls(a: CallFact, b: CallFact): CallFact | undefined {
  if (a.helper !== b.helper) return undefined
  const places: (PlaceFact | undefined)[] = []
  for (let i = 0; i < a.places.length; i++) {
    const [one, other] = [a.places[i], b.places[i]]
    // A NULL in one path and a pointer in the other are both in the register.
    if (one === undefined || other === undefined) {
      const place = one ?? other
      places.push(place && { ...place, orNull: true })
      continue
    }
    const place = mergePlaces(one, other)
    if (place === undefined) return undefined
    places.push(place)
  }
  const numbers = a.numbers.map((each, i) => (each === b.numbers[i] ? each : undefined))
  return { kind: 'call', helper: a.helper, places, numbers }
}

function mergePlaces(a: PlaceFact, b: PlaceFact): PlaceFact | undefined {
  if (a.region !== b.region || a.memory !== b.memory || a.field?.name !== b.field?.name) return undefined
  // Values of different maps are the same to loads and stores; where the map itself is meant, it has to be one.
  if (a.region === 'map' && a.map !== b.map) return undefined
  const off = a.off === b.off ? a.off : undefined
  // A field is read through its number of bytes from the beginning.
  if (a.field !== undefined && off === undefined) return undefined
  if (off === a.off && a.own === b.own && a.map === b.map && a.orNull === b.orNull) return a
  const orNull = a.orNull === true || b.orNull === true
  return { ...a, off, own: a.own && b.own, orNull, map: a.map === b.map ? a.map : undefined } as PlaceFact
}
