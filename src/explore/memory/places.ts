/**
 * The words that threads touch, and their values.
 *
 * A word of shared memory is a range of bytes that is accessed as one: as integers it is told, whatever it holds. Where
 * others overlap it without being the same, or loads of it may be torn, its accesses say what is so of each byte.
 * Locks, read sections and lists of waiters have words of their own.
 */
import { coerced, elementValue, type Memory, SECTIONS, type Shape, savedWordAt, shapeOf } from '../engine/memory.ts'
import { markDirty } from '../engine/put-back.ts'
import { typeOf } from '../runtime/shared-view.ts'
import type { Bytes, Value } from './access.ts'
import type { Learned } from './learned.ts'

/** The lock at an address has the word that is so far behind it: the memory under it keeps its value. */
const LOCKS = 2 ** 32

/** The word that says whether a callback is queued. */
const QUEUED = 2 ** 33

/** The list of those who wait for the word at an address is so far behind it. */
const WAITERS = 2 ** 34

/** A word where another one of another size begins is behind its address by so much for each of its bytes. */
const OTHERS = 2 ** 36

export const lockAt = (address: number): number => LOCKS + address
export const waitersAt = (address: number): number => WAITERS + address
export const queuedAt = (helper: number): number => QUEUED + helper
export const sectionOf = (thread: number): number => SECTIONS + 4 * thread

/** Where a word lies. */
export interface Extent {
  readonly shape: Shape
  readonly address: number
  readonly size: number
}

/** A word of shared memory, as an element of integers. */
interface Word extends Extent {
  readonly index: number
  /** Its bytes are looked at one by one. */
  isSplit: boolean
  /** For accesses that are not torn, and for those that may be. */
  readonly bytes: readonly [Bytes, Bytes]
}

export interface Places {
  readonly words: Map<number, Word>
  /** The words at each byte. */
  readonly covering: Map<number, readonly Word[]>
}

/** The words that are known, and what is learned of them. */
type Known = { readonly places: Places; readonly learned: Learned }

export const createPlaces = (): Places => ({ words: new Map(), covering: new Map() })

/** Views whose elements integers can be told by. */
const INTEGERS = /^(Big)?(Ui|I)nt\d+Array$/
const UNSIGNED: Readonly<Record<number, new (buffer: ArrayBufferLike, offset: number, length: number) => object>> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
  8: BigUint64Array,
}

export const isIntegers = (shape: Shape): boolean => INTEGERS.test(typeOf(shape.view) ?? '')

/** The number of a word. What is new about those that are known is learned. `mayTear`: a load may be torn. */
export function placeOf(known: Known, memory: Memory, extent: Extent, mayTear: boolean): number {
  const { words } = known.places
  const { address, size } = extent
  const first = words.get(address)
  const place = first === undefined || first.size === size ? address : OTHERS * size + address
  if (words.has(place)) {
    if (mayTear) splitWord(known, place)
    return place
  }
  const { covering } = known.places
  const word = wordAt(memory, extent)
  words.set(place, word)
  for (const cell of word.bytes[0].cells) {
    const others = covering.get(cell) ?? []
    for (const other of others) split(known, other)
    if (others.length > 0) word.isSplit = true
    covering.set(cell, [...others, word])
  }
  if (mayTear) word.isSplit = true
  return place
}

function wordAt(memory: Memory, { shape: given, address, size }: Extent): Word {
  const { region } = given
  const isElement = isIntegers(given) && given.size === size
  const own = isElement ? given : shapeOf(memory, new UNSIGNED[size](region.buffer, address - region.base, 1))!
  const fromBits = (bits: bigint): Value => coerced(own, size === 8 ? bits : Number(BigInt.asUintN(8 * size, bits)))
  const cells = Array.from({ length: size }, (_, k) => address + k)
  return {
    shape: own,
    index: (address - own.base) / size,
    address,
    size,
    isSplit: false,
    bytes: [
      { cells, isWhole: true, fromBits },
      { cells, isWhole: false, fromBits },
    ],
  }
}

/** The bytes of a word are looked at one by one from now on. */
export const splitWord = (known: Known, place: number): void => split(known, known.places.words.get(place)!)

function split({ learned }: Known, word: Word): void {
  if (word.isSplit) return
  word.isSplit = true
  learned.isNew = true
}

/** What an access to a word says of its bytes; undefined: it is one cell. */
export function bytesAt({ words }: Places, place: number, mayTear: boolean): Bytes | undefined {
  const word = words.get(place)!
  return word.isSplit ? word.bytes[mayTear ? 1 : 0] : undefined
}

/** What an element of that shape is where its word holds a value. */
export function valueAs(shape: Shape, value: Value): Value {
  if (isIntegers(shape)) return coerced(shape, value)
  const bits = BigInt(value)
  const half = (k: bigint) => Number(BigInt.asIntN(32, bits >> (32n * k)))
  return shape.scratch === null ? value : elementValue(shape, 0, half(0n), half(1n))
}

/** Makes it hold that, whoever looks. */
export function poke({ words }: Places, place: number, value: Value): void {
  const { shape, index, address, size } = words.get(place)!
  const { region, view } = shape
  if (region.dirty !== null) markDirty(region, address, address + size)
  ;(view as unknown as Value[])[index] = value
}

/** Makes that byte of a word hold that. */
export function pokeByte({ words }: Places, place: number, cell: number, value: number): void {
  const { region } = words.get(place)!.shape
  if (region.dirty !== null) markDirty(region, cell, cell + 1)
  region.bytes[cell - region.base] = value
}

/** What it holds now. */
export function peek({ words }: Places, place: number): Value {
  const { shape, index } = words.get(place)!
  return (shape.view as unknown as Value[])[index]
}

/** What it holds before all threads: what setup left. */
export function initial({ words }: Places, place: number): Value {
  const word = words.get(place)
  if (word === undefined) return 0
  const { shape, address, size } = word
  const { region } = shape
  return elementValue(shape, address, savedWordAt(region, address), size === 8 ? savedWordAt(region, address + 4) : 0)
}

/** The address where a word of shared memory begins; of others the number of their own. */
export const addressOf = (place: number): number => (place >= OTHERS ? place % OTHERS : place)

/** The address whose lock has that word. Undefined: it is no lock's. */
export const addressOfLock = (place: number): number | undefined =>
  place >= LOCKS && place < QUEUED ? place - LOCKS : undefined

/** The address whose waiters that word lists. Undefined: it is no such list. */
export const addressOfWaiters = (place: number): number | undefined =>
  place >= WAITERS && place < OTHERS ? place - WAITERS : undefined

/** Whether that word says if a callback is queued. */
export const isQueueWord = (place: number): boolean => place >= QUEUED && place < WAITERS
