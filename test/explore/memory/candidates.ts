/**
 * Programs of the oracle's, and what their candidate executions are made of.
 */
import type { Relation } from './relations.ts'

export type Kind = 'i8' | 'i16' | 'i32' | 'f32' | 'f64'
export const SIZE: Record<Kind, number> = { i8: 1, i16: 2, i32: 4, f32: 4, f64: 8 }

export type Seen = ReadonlyMap<string, number>

export type Statement =
  | { op: 'W'; at: number; kind: Kind; sc: boolean; value: number; through?: string }
  /** `waits`: goes on only with such a value. `through`: the id of the read that its address comes from. */
  | { op: 'R'; id: string; at: number; kind: Kind; sc: boolean; waits?: (seen: number) => boolean; through?: string }
  /** Stores what `makes` gives; undefined: nothing. */
  | {
      op: 'A'
      id: string
      at: number
      kind?: Kind
      makes: (seen: number) => number | undefined
      waits?: (seen: number) => boolean
    }
  /** `Atomics.wait` for a word, 'ok', 'not-equal' or 'timed-out' as 1, 2, 3; `timed`: its time may run out. */
  | { op: 'wait'; id: string; at: number; value: number; timed: boolean }
  | { op: 'notify'; id: string; at: number; count: number }
  | { op: '?'; holds: (seen: Seen) => boolean; yes: readonly Statement[]; no: readonly Statement[] }

export type Program = readonly (readonly Statement[])[]

/** An event. */
export interface Event {
  thread: number
  /** -1: Init. */
  order: number
  reads: boolean
  writes: boolean
  sc: boolean
  at: number
  size: number
  kind: Kind
  id: string
  statement: Statement | null
  /** It begins or ends a critical section, or is one, and touches nothing. */
  syncs?: boolean
}

/** A critical section of a list of waiters: its events, by their order in the thread, and what it does there. */
export interface Section {
  at: number
  first: number
  last: number
  /** Joins: the thread. Goes on: it was told that, or its time ran out. Wakes: so many, of at most as many. */
  does: 'joins' | 'looks' | 'ok' | 'timed-out' | { wakes: number; most: number }
}

/** One way through a thread. */
export interface Path {
  events: Event[]
  sections: Section[]
  /** What waits and notifies gave, by id. */
  results: [string, number][]
  conditions: ((seen: Seen) => boolean)[]
  /** What it waits with at its end. */
  stuck: Extract<Statement, { op: 'R' | 'A' | 'wait' }> | null
}

/** One candidate: events, and for each event and byte it reads the event that wrote it. */
export interface Candidate {
  events: Event[]
  paths: Path[]
  rbf: Map<number, number[]>
  po: Relation
  rf: Relation
  /** Critical sections of the same list, in turn: the last event of each, the first of the next. */
  turns: [number, number][]
  inTurn: Relation
}

export const bytesOf = (e: { at: number; size: number }): number[] => Array.from({ length: e.size }, (_, k) => e.at + k)

/** The bytes of a value, and the value of bytes. */
export function encode(kind: Kind, value: number): number[] {
  const view = new DataView(new ArrayBuffer(8))
  if (kind === 'i8') view.setInt8(0, value)
  else if (kind === 'i16') view.setInt16(0, value, true)
  else if (kind === 'i32') view.setInt32(0, value, true)
  else if (kind === 'f32') view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  return Array.from(new Uint8Array(view.buffer, 0, SIZE[kind]))
}

export function decode(kind: Kind, bytes: readonly number[]): number {
  const view = new DataView(Uint8Array.from([...bytes, ...Array(8 - bytes.length).fill(0)]).buffer)
  if (kind === 'i8') return view.getInt8(0)
  if (kind === 'i16') return view.getInt16(0, true)
  if (kind === 'i32') return view.getInt32(0, true)
  return kind === 'f32' ? view.getFloat32(0, true) : view.getFloat64(0, true)
}
