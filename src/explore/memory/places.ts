/**
 * The words that threads touch, and their values.
 *
 * A word of shared memory is named by its flat address, and is all that an access touches: of two that overlap without
 * being the same the walk knows nothing, and they are refused. Locks, read sections and lists of waiters have words of
 * their own.
 */
import { elementValue, SECTIONS, type Shape } from '../engine/memory.ts'
import { markDirty } from '../engine/put-back.ts'
import type { Value } from './access.ts'

/** The lock at an address has the word that is so far behind it: the memory under it keeps its value. */
const LOCKS = 2 ** 32

/** The word that says whether a callback is queued. */
const QUEUED = 2 ** 33

/** The list of those who wait for the word at an address is so far behind it. */
const WAITERS = 2 ** 34

export const lockAt = (address: number): number => LOCKS + address
export const waitersAt = (address: number): number => WAITERS + address
export const queuedAt = (helper: number): number => QUEUED + helper
export const sectionOf = (thread: number): number => SECTIONS + 4 * thread

/** A word of shared memory. */
export interface Word {
  readonly shape: Shape
  readonly index: number
}

export interface Places {
  /** By address. */
  readonly words: Map<number, Word>
  /** The address of the word at each byte that one covers. */
  readonly covered: Map<number, number>
}

export const createPlaces = (): Places => ({ words: new Map(), covered: new Map() })

/** The address of an element. Undefined: another word of another size lies there in part. */
export function wordOf({ words, covered }: Places, shape: Shape, index: number): number | undefined {
  const { base, size } = shape
  const address = base + index * size
  const known = words.get(address)
  if (known !== undefined) return known.shape.size === size ? address : undefined
  for (let byte = address; byte < address + size; byte++) if (covered.has(byte)) return undefined
  for (let byte = address; byte < address + size; byte++) covered.set(byte, address)
  words.set(address, { shape, index })
  return address
}

/** Makes it hold that, whoever looks. */
export function poke({ words }: Places, address: number, value: Value): void {
  const { shape, index } = words.get(address)!
  const { region, view, size } = shape
  if (region.dirty !== null) markDirty(region, address, address + size)
  ;(view as unknown as Value[])[index] = value
}

/** What it holds now. */
export function peek({ words }: Places, address: number): Value {
  const { shape, index } = words.get(address)!
  return (shape.view as unknown as Value[])[index]
}

/** What it holds before all threads: what setup left. */
export function initial({ words }: Places, address: number): Value {
  const word = words.get(address)
  if (word === undefined) return 0
  const { region } = word.shape
  const at = (address - region.base) >> 2
  return elementValue(word.shape, address, region.savedWords[at], region.savedWords[at + 1])
}

/** The address whose lock has that word. Undefined: it is no lock's. */
export const addressOfLock = (place: number): number | undefined =>
  place >= LOCKS && place < QUEUED ? place - LOCKS : undefined

/** The address whose waiters that word lists. Undefined: it is no such list. */
export const addressOfWaiters = (place: number): number | undefined => (place >= WAITERS ? place - WAITERS : undefined)

/** Whether that word says if a callback is queued. */
export const isQueueWord = (place: number): boolean => place >= QUEUED && place < WAITERS
