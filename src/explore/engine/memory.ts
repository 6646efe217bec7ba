/**
 * The shared buffers of the program under test, as one flat space of byte addresses.
 *
 * Addresses stay the same from execution to execution, so an address is enough to say which bytes an event touched.
 */

import { givenBy } from '../runtime/given-away.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { bufferOf, extentOf, isShared, typeOf } from '../runtime/shared-view.ts'

/** Read sections' words, one per thread: an odd value is an open section. */
export const SECTIONS = 0x6000_0000
/** Exit flags of helper threads. */
export const EXITS = 0x7000_0000
/** Words that stand for the timers that a helper thread waits for. */
export const TIMERS = 0x7800_0000
/** The word that stands for the order of a history's operations. */
export const HISTORY = 0x7fff_0000
/** Behind the last address of all. */
export const ALL_ADDRESSES = 0x7fff_fffc
/**
 * Flat addresses below this are real memory.
 *
 * @alias
 */
export const MEMORY_END = SECTIONS

/** A page has that many bytes, as a power of two. */
export const PAGE_SHIFT = 6
/** Words of a page. */
export const PAGE_WORDS = (1 << PAGE_SHIFT) >> 2
const WHOLE = 1024

type Elements = ArrayLike<number | bigint>
interface ElementsType {
  new (buffer: ArrayBuffer, offset: number, length: number): Elements
  readonly BYTES_PER_ELEMENT: number
}

/** One buffer. */
export interface Region {
  readonly buffer: ArrayBufferLike
  /** Flat address of its first byte; a multiple of 64. */
  readonly base: number
  /** Its contents, as the engine sees them: the buffer's own bytes, or a copy of its own while an audit hides them. */
  bytes: Uint8Array
  words: Int32Array
  /** The bytes after setup. */
  readonly saved: Uint8Array
  readonly savedWords: Int32Array
  /** By page: whether an event stored there in this execution; null for a region small enough to put back whole. */
  readonly dirty: Uint8Array | null
  readonly dirtyPages: number[]
  /**
   * A thread made it in this execution: which one, and how many it had made before. Null: it is there from the start.
   */
  readonly maker: { readonly thread: number; readonly turn: number } | null
}

/** What a view's elements are, and where. */
export interface Shape {
  readonly view: ArrayBufferView
  readonly region: Region
  /** Flat address of element 0. */
  readonly base: number
  /** Bytes per element; 1 for a DataView. */
  readonly size: number
  readonly length: number
  /** One element of the same type over the scratch word, to turn bytes into a value. */
  readonly scratch: Elements | null
}

export interface Memory {
  readonly regions: Region[]
  readonly shapes: WeakMap<object, Shape>
  /** By thread: how many buffers it has made in this execution. */
  readonly made: number[]
  /** Thread, turn and size -> flat address of the buffer made so; stays over executions. */
  readonly bases: Map<string, number>
  /** Flat address of the next region. 0 to 63 belong to none, so that no address is 0. */
  bytes: number
  /**
   * Addresses below this are the same in every search of the program, wherever it begins: the first execution, which is
   * always the same one, has come to them. 0 before it has ended.
   */
  settled: number
  /** The two views asked for last, and their shapes. Written by `recentShape`. */
  lastView: unknown
  lastShape: Shape | null
  otherView: unknown
  otherShape: Shape | null
}

const scratchBuffer = new ArrayBuffer(8)
const scratchWords = new Int32Array(scratchBuffer)

export function createMemory(): Memory {
  return {
    regions: [],
    shapes: new WeakMap(),
    made: [],
    bases: new Map(),
    bytes: 64,
    settled: 0,
    lastView: null,
    lastShape: null,
    otherView: null,
    otherShape: null,
  }
}

function regionOf(memory: Memory, buffer: ArrayBufferLike): Region {
  for (const region of memory.regions) if (region.buffer === buffer) return region
  if ((buffer as { growable?: boolean }).growable === true)
    throw new MisuseError('got a growable SharedArrayBuffer, expected one of fixed length')
  const given = givenBy(buffer)
  if (given !== undefined)
    throw new MisuseError(
      `got shared memory that a worker has (${given}), which runs beside the threads and is not explored; expected memory of threads alone`,
    )
  const bytes = new Uint8Array(buffer)
  const same = regionOver(memory, bytes)
  if (same !== undefined) return same
  const region = regionAt(place(memory, buffer.byteLength), buffer, null)
  memory.regions.push(region)
  return region
}

/** A flat address for so many bytes. */
export function place(memory: Memory, size: number): number {
  const base = memory.bytes
  memory.bytes = (base + size + 127) & ~63
  if (memory.bytes >= MEMORY_END) throw new MisuseError('the shared buffers together exceed 1.5 GiB')
  return base
}

function regionAt(base: number, buffer: ArrayBufferLike, maker: Region['maker']): Region {
  const bytes = new Uint8Array(buffer)
  const saved = bytes.slice()
  return {
    buffer,
    base,
    bytes,
    words: new Int32Array(buffer, 0, buffer.byteLength >> 2),
    saved,
    savedWords: new Int32Array(saved.buffer, 0, saved.byteLength >> 2),
    dirty: buffer.byteLength <= WHOLE ? null : new Uint8Array((buffer.byteLength >> PAGE_SHIFT) + 1),
    dirtyPages: [],
    maker,
  }
}

/**
 * A thread has made a buffer: it lies where the same thread's buffer of the same turn and size lay in other executions.
 */
export function addMade(memory: Memory, buffer: SharedArrayBuffer, thread: number): void {
  // What may grow is refused when it is touched.
  if ((buffer as { growable?: boolean }).growable === true) return
  const turn = memory.made[thread] ?? 0
  memory.made[thread] = turn + 1
  memory.regions.push(regionAt(baseOfMade(memory, thread, turn, buffer.byteLength), buffer, { thread, turn }))
}

/** Where the buffer of so many bytes lies that a thread makes after so many others. */
export function baseOfMade(memory: Memory, thread: number, turn: number, bytes: number): number {
  const key = `${thread} ${turn} ${bytes}`
  let base = memory.bases.get(key)
  if (base === undefined) memory.bases.set(key, (base = place(memory, bytes)))
  return base
}

/**
 * The region that has the same bytes under another buffer, as structuredClone and messages make one; undefined: these
 * are others. Found by a probe: a byte is changed here and looked for there. Threads that are explored don't run
 * meanwhile.
 */
function regionOver(memory: Memory, bytes: Uint8Array): Region | undefined {
  if (bytes.length === 0) return undefined
  const was = bytes[0]
  const same = memory.regions.find((region) => {
    const open = new Uint8Array(region.buffer)
    if (open.length === 0) return false
    bytes[0] = was ^ 1
    const flipped = open[0]
    bytes[0] = was
    return flipped !== open[0]
  })
  if (same !== undefined && same.buffer.byteLength !== bytes.length)
    throw new MisuseError(
      `got two buffers of ${same.buffer.byteLength} and ${bytes.length} bytes over the same memory, as a WebAssembly.Memory that grew has them; expected one`,
    )
  return same
}

/**
 * Regions for those of these buffers that the memory does not have, at addresses behind its own. It is not put back
 * with the others.
 */
export function apartFrom(memory: Memory, buffers: readonly SharedArrayBuffer[]): readonly Region[] {
  let apart: Memory | undefined
  for (const buffer of buffers) {
    const known = memory.regions.some((region) => region.buffer === buffer)
    if (known || regionOver(memory, new Uint8Array(buffer)) !== undefined) continue
    apart ??= { ...createMemory(), bytes: memory.bytes }
    if ((buffer as { growable?: boolean }).growable !== true) regionOf(apart, buffer)
  }
  return apart?.regions ?? []
}

/** The shape of a view on shared memory; null for everything else. */
export function shapeOf(memory: Memory, view: unknown): Shape | null {
  if (!ArrayBuffer.isView(view)) return null
  const known = memory.shapes.get(view)
  if (known !== undefined) return known
  if (!isShared(view)) return null
  const region = regionOf(memory, bufferOf(view))
  const type = typeOf(view)
  const isData = type === undefined
  // By the name that the engine of the language gives: a class that extends Int32Array is one, whatever its constructor
  // does.
  const Type = (isData ? Uint8Array : (globalThis as unknown as Record<string, ElementsType>)[type]) as ElementsType
  const size = Type.BYTES_PER_ELEMENT
  const { offset, bytes } = extentOf(view)
  const shape: Shape = {
    view,
    region,
    base: region.base + offset,
    size,
    length: bytes / size,
    scratch: isData ? null : new Type(scratchBuffer, 0, 1),
  }
  memory.shapes.set(view, shape)
  return shape
}

/** `shapeOf` for the hot path: a thread mostly goes through the same one or two views. Plain arrays drive none out. */
export function recentShape(memory: Memory, view: unknown): Shape | null {
  if (view === memory.lastView) return memory.lastShape
  if (view === memory.otherView) return memory.otherShape
  return ArrayBuffer.isView(view) ? noteShape(memory, view) : null
}

function noteShape(memory: Memory, view: ArrayBufferView): Shape | null {
  memory.otherView = memory.lastView
  memory.otherShape = memory.lastShape
  memory.lastView = view
  memory.lastShape = shapeOf(memory, view)
  return memory.lastShape
}

/** The aligned word that holds a flat address, as it is now. */
export function wordAt(region: Region, address: number): number {
  const at = (address - region.base) >> 2
  return at < region.words.length ? region.words[at] : tail(region.bytes, at)
}

/** The same word as setup left it. */
export function savedWordAt(region: Region, address: number): number {
  const at = (address - region.base) >> 2
  return at < region.savedWords.length ? region.savedWords[at] : tail(region.saved, at)
}

function tail(bytes: Uint8Array, at: number): number {
  let word = 0
  for (let i = 0; i < 4; i++) word |= (bytes[at * 4 + i] ?? 0) << (8 * i)
  return word
}

/** The value that an element of that shape has when its aligned words are `low` and `high`. */
export function elementValue(shape: Shape, address: number, low: number, high: number): number | bigint {
  if (shape.view instanceof Int32Array) return low
  const shift = (address & 3) * 8
  scratchWords[0] = shift === 0 ? low : low >>> shift
  scratchWords[1] = high
  return shape.scratch === null ? scratchWords[0] : shape.scratch[0]
}

/** The value of the element of that shape at a flat address, as it is now. */
export function presentValue(shape: Shape, address: number): number | bigint {
  const { region, size } = shape
  return elementValue(shape, address, wordAt(region, address), size === 8 ? wordAt(region, address + 4) : 0)
}

/** Converts a value as a store to that shape would: what an expected value is compared as. */
export function coerced(shape: Shape, value: unknown): number | bigint {
  const scratch = shape.scratch as unknown as { 0: unknown } | null
  if (scratch === null) return value as number
  scratch[0] = value
  return scratch[0] as number | bigint
}
