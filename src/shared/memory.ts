/**
 * The memory: one SharedArrayBuffer with a header that says what it is and where its parts lie.
 */

import { PERCPU } from '../sync/cpu.ts'
import { cpuBase, initRcu, RCU } from '../sync/rcu-layout.ts'
import { OptionError } from './option-error.ts'
import * as records from './records.ts'
import { HEADER } from './records.ts'
import { prefillMagazines } from './slab.ts'
import { DEPOT, initSlab, QUARANTINE, SIZE_CLASSES } from './slab-layout.ts'

const MAGIC = 0x53_4b_53_54 // 'SKST'
const VERSION = 1

/** Node hands out large buffers at page + 16 bytes: beginning here puts word 0 on a cache line. */
const START = 48
const LINE = 16
/** The layout has room for so many CPUs. */
export const MAX_CPUS = 256
/** Descriptors begin here: 0 to 2 are taken everywhere. */
export const FIRST_FD = 3
/** What the heap needs at the least: the magazines' first filling and a few maps. */
const MIN_HEAP = 0x4000

/** One SharedArrayBuffer and its views. */
export interface Memory {
  /** The buffer behind the views; an ArrayBuffer if it was made unshared. */
  readonly buffer: SharedArrayBuffer | ArrayBuffer
  /** All of it as words; a pointer is an index into this. */
  readonly words: Int32Array
  /** The same as bytes. */
  readonly bytes: Uint8Array
}

export interface MemoryOptions {
  /** CPUs, the kworker and the main thread included. 1 to 256. */
  readonly cpus: number
  /** Size of the whole memory in bytes. */
  readonly bytes: number
  /** net.core.optmem_max in bytes: what a socket may be charged. 131 072, as in Linux 6.8 and later. */
  readonly optmemMax?: number
  /** Size of the descriptor table. 65 536. */
  readonly maxFds?: number
  /** Redzones, poison, quarantine and checks at each access helper, in the way of KASAN. Off. */
  readonly sanitize?: boolean
  /** Make the memory an ArrayBuffer, for a single thread where SharedArrayBuffer is not available. Off. */
  readonly unshared?: boolean
}

/** Hash of every layout: two builds that differ in one offset refuse each other's memory. FNV-1a. */
function layoutFingerprint(): number {
  let hash = 0x811c9dc5
  // Sorted: a bundler may list a module's exports in another order.
  const layouts = Object.entries(records).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const char of JSON.stringify([layouts, PERCPU, RCU, SIZE_CLASSES])) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  }
  return hash | 0
}

function inRange(name: string, got: number, least: number, most: number): number {
  if (Number.isInteger(got) && got >= least && got <= most) return got
  throw new OptionError(name, `got ${got}, expected an integer from ${least} to ${most}`)
}

function onLine(word: number): number {
  return (word + LINE - 1) & -LINE
}

/**
 * Makes a memory with all of its tables empty. Throws RangeError, one sentence, for a size or count that makes no
 * sense.
 */
export function createMemory(options: MemoryOptions): Memory {
  const cpus = inRange('cpus', options.cpus, 1, MAX_CPUS)
  const maxFds = inRange('maxFds', options.maxFds ?? 65_536, FIRST_FD + 1, 1 << 24)
  const optmemMax = inRange('optmemMax', options.optmemMax ?? 131_072, 0, 0x7fff_ffff)
  const sanitize = options.sanitize ?? false

  const rcu = onLine(HEADER.SIZE)
  const depots = onLine(cpuBase(rcu, cpus))
  const cookies = onLine(depots + SIZE_CLASSES.length * DEPOT.SIZE)
  const fds = cookies + cpus * LINE
  const quarantine = onLine(fds + maxFds)
  const heap = onLine(quarantine + (sanitize ? cpus * QUARANTINE.SIZE : 0))
  const least = START + 4 * (heap + MIN_HEAP + cpus * 2048) * (sanitize ? 1.25 : 1)
  const size = inRange('bytes', options.bytes, Math.ceil(least), 2 ** 33)

  const buffer = options.unshared ? new ArrayBuffer(size) : new SharedArrayBuffer(size)
  const memory = viewsOf(buffer)
  const { words } = memory
  // One byte of shadow for each word of everything before it.
  const shadow = sanitize ? Math.floor((words.length * 4) / 5) & -LINE : 0
  words[HEADER.version] = VERSION
  words[HEADER.fingerprint] = layoutFingerprint()
  words[HEADER.words] = words.length
  words[HEADER.cpus] = cpus
  words[HEADER.maxFds] = maxFds
  words[HEADER.optmemMax] = optmemMax
  words[HEADER.shadow] = shadow
  words[HEADER.quarantine] = quarantine
  words[HEADER.rcu] = rcu
  words[HEADER.fds] = fds
  words[HEADER.depots] = depots
  words[HEADER.cookies] = cookies
  words[HEADER.heap] = heap
  words[HEADER.heapEnd] = sanitize ? shadow : words.length & -LINE
  words[HEADER.brk] = heap
  words[HEADER.fdHint] = FIRST_FD
  words[HEADER.nextMapId] = 1
  words[HEADER.nextBtfId] = 1
  initRcu(words, rcu, cpus)
  initSlab(words, sanitize)
  prefillMagazines(words)
  // Last, so that a memory that is not finished is not attached to.
  Atomics.store(words, HEADER.magic, MAGIC)
  return memory
}

function viewsOf(buffer: SharedArrayBuffer | ArrayBuffer): Memory {
  const length = (buffer.byteLength - START) >>> 2
  return { buffer, words: new Int32Array(buffer, START, length), bytes: new Uint8Array(buffer, START, length * 4) }
}

/**
 * Attaches to a memory that another thread made. Throws TypeError, in one exact sentence, if it is not one or not ours.
 */
export function attach(buffer: SharedArrayBuffer | ArrayBuffer): Memory {
  const shared = buffer instanceof SharedArrayBuffer
  if (!shared && !(buffer instanceof ArrayBuffer)) {
    const kind = buffer === null ? 'null' : typeof buffer
    const got = kind === 'object' ? ((buffer as object).constructor?.name ?? 'an object') : kind
    throw new TypeError(`attach: got ${got}, expected a SharedArrayBuffer`)
  }
  const least = START + 4 * HEADER.SIZE
  if (buffer.byteLength < least) {
    throw new TypeError(`attach: got ${buffer.byteLength} bytes, expected at least ${least} for the header`)
  }
  const memory = viewsOf(buffer)
  const { words } = memory
  expectWord('magic number', Atomics.load(words, HEADER.magic), MAGIC, hex)
  expectWord('version', words[HEADER.version], VERSION, String)
  expectWord('layout fingerprint', words[HEADER.fingerprint], layoutFingerprint(), hex)
  expectWord('size in words', words.length, words[HEADER.words], String)
  return memory
}

function expectWord(what: string, got: number, expected: number, show: (n: number) => string): void {
  if (got !== expected) throw new TypeError(`attach: got ${what} ${show(got)}, expected ${show(expected)}`)
}

function hex(n: number): string {
  return `0x${(n >>> 0).toString(16).padStart(8, '0')}`
}
