/**
 * The memory: one SharedArrayBuffer with a header that says what it is and where its parts lie.
 */

import { initRcu } from '../sync/rcu-layout.ts'
import {
  FINGERPRINT,
  FIRST_FD,
  headerFault,
  type Layout,
  layoutOf,
  MAGIC,
  MAX_CPUS,
  MOST_FDS,
  VERSION,
} from './layout.ts'
import { OptionError } from './option-error.ts'
import { HEADER } from './records.ts'
import { openHeap, prefillMagazines } from './slab.ts'
import { initSlab } from './slab-layout.ts'

/** Node hands out large buffers at page + 16 bytes: beginning here puts word 0 on a cache line. */
const START = 48
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
  /**
   * A line behind each object that belongs to none, and nothing that looks at it: for those who know which object a
   * word belongs to, and would take an overflow for an access to the neighbour. The sanitizer has its own. Off.
   */
  readonly redzones?: boolean
  /** Make the memory an ArrayBuffer, for a single thread where SharedArrayBuffer is not available. Off. */
  readonly unshared?: boolean
}

function inRange(name: string, got: number, least: number, most: number): number {
  if (Number.isInteger(got) && got >= least && got <= most) return got
  throw new OptionError(name, `got ${got}, expected an integer from ${least} to ${most}`)
}

/**
 * Makes a memory with all of its tables empty. Throws RangeError, one sentence, for a size or count that makes no
 * sense.
 */
export function createMemory(options: MemoryOptions): Memory {
  const cpus = inRange('cpus', options.cpus, 1, MAX_CPUS)
  const maxFds = inRange('maxFds', options.maxFds ?? 65_536, FIRST_FD + 1, MOST_FDS)
  const optmemMax = inRange('optmemMax', options.optmemMax ?? 131_072, 0, 0x7fff_ffff)
  const sanitize = options.sanitize ?? false

  const { heap } = layoutOf(0, cpus, maxFds, sanitize)
  const least = START + 4 * (heap + MIN_HEAP + cpus * 2048) * (sanitize ? 1.25 : 1)
  const size = inRange('bytes', options.bytes, Math.ceil(least), 2 ** 33)

  const buffer = options.unshared ? new ArrayBuffer(size) : new SharedArrayBuffer(size)
  const memory = viewsOf(buffer)
  const { words } = memory
  const layout = layoutOf(words.length, cpus, maxFds, sanitize)
  for (const [part, at] of Object.entries(layout) as [keyof Layout, number][]) words[HEADER[part]] = at
  words[HEADER.version] = VERSION
  words[HEADER.fingerprint] = FINGERPRINT
  words[HEADER.words] = words.length
  words[HEADER.cpus] = cpus
  words[HEADER.maxFds] = maxFds
  words[HEADER.optmemMax] = optmemMax
  words[HEADER.fdHint] = FIRST_FD
  words[HEADER.nextMapId] = 1
  words[HEADER.nextBtfId] = 1
  initRcu(words, layout.rcu, cpus)
  initSlab(words, sanitize)
  openHeap(words, !sanitize && options.redzones === true)
  prefillMagazines(words)
  sign(words)
  return memory
}

/**
 * Says that the memory is one: last, so that what is not finished is not attached to. All before the magic number is
 * nobody's.
 * @explore arena words[HEADER.null] to=HEADER.magic
 */
function sign(words: Int32Array): void {
  Atomics.store(words, HEADER.magic, MAGIC)
}

function viewsOf(buffer: SharedArrayBuffer | ArrayBuffer): Memory {
  const length = (buffer.byteLength - START) >>> 2
  return { buffer, words: new Int32Array(buffer, START, length), bytes: new Uint8Array(buffer, START, length * 4) }
}

/**
 * Attaches to a memory that another thread made. Throws TypeError, in one exact sentence, if it is not one, not ours,
 * or its header damaged.
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
  const fault = headerFault(words)
  if (fault !== undefined) throw new TypeError(`attach: ${fault}`)
  return memory
}
