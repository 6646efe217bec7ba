/**
 * The sanitizer: a shadow byte for each word, redzones behind each object, poison and a quarantine for the freed.
 * Model: KASAN.
 *
 * Off, it costs nothing: the allocator reaches it only on its slow path, which `sanitize` makes every alloc and free
 * take, and a lookup's fast path needs no check, because what it loads from a freed record is POISON, which matches no
 * map and leads nowhere but to the slow path, where kasanCheck stands.
 */

import type { Cpu } from '../sync/cpu.ts'
import { HEADER } from './records.ts'
import { KIND_NAMES, type Kind, QUARANTINE, SIZE_CLASSES, sizeClass } from './slab-layout.ts'

/** What freed memory is filled with; as a pointer it lies behind the end of any memory below 7 GB. */
export const POISON = 0x6b6b6b6b
const REDZONE_FILL = 0x5a5a5a5a
/** One line behind each object. */
const REDZONE = 16

/** Values of a shadow byte. An odd one begins an object. */
const UNUSED = 0
const LIVE_FIRST = 1
const LIVE = 2
const FREED_FIRST = 3
const FREED = 4
const GUARD = 6

/** The redzone's last words remember the object: a note that a small overflow does not reach. */
const NOTE = { kind: 3, allocCpu: 2, freeCpu: 1 } as const

/** What was wrong with an access; stable, for tests and reports. */
export type KasanCode =
  | 'use-after-free'
  | 'double-free'
  | 'invalid-free'
  | 'overflow'
  | 'write-after-free'
  | 'wild-access'

/** Thrown at the access that was wrong, or at the free that found the damage. */
export class KasanError extends Error {
  override readonly name = 'KasanError'
  /** What was wrong with the access. */
  readonly code: KasanCode
  /** The word it happened at. */
  readonly word: number

  constructor(code: KasanCode, word: number, message: string) {
    super(`${code}: ${message}`)
    this.code = code
    this.word = word
  }
}

/** Makes the `n`-th allocation from now fail, once, on whatever CPU. Needs the sanitizer. Model: failslab. */
export function failslab(words: Int32Array, n: number): void {
  if (words[HEADER.shadow] === 0) throw new Error('failslab: this memory was made without sanitize, expected with')
  Atomics.store(words, HEADER.failslab, n)
}

/**
 * Whether all words of [at, at + count) belong to live objects; throws KasanError if not. Nothing when the sanitizer is
 * off.
 */
export function kasanCheck(cpu: Cpu, at: number, count: number): void {
  const shadow = cpu.words[HEADER.shadow]
  if (shadow === 0) return
  for (let word = at; word < at + count; word++) checkWord(cpu, shadow, word)
}

function checkWord(cpu: Cpu, shadow: number, word: number): void {
  const { words, bytes } = cpu
  if (!(word >= words[HEADER.heap] && word < words[HEADER.heapEnd])) {
    const where = word === POISON ? 'a pointer read from freed memory (poison)' : 'outside the heap'
    throw new KasanError(word === POISON ? 'use-after-free' : 'wild-access', word, `word ${word} is ${where}`)
  }
  const state = bytes[shadow * 4 + word]
  if (state === LIVE || state === LIVE_FIRST) return
  if (state === FREED || state === FREED_FIRST) {
    throw new KasanError('use-after-free', word, `word ${word} lies in ${describe(cpu, shadow, word)}, which was freed`)
  }
  if (state === GUARD) throw new KasanError('overflow', word, `word ${word} lies behind ${describe(cpu, shadow, word)}`)
  throw new KasanError('wild-access', word, `word ${word} was never allocated`)
}

/** The object that a word lies in, or behind: 'the elem of 16 words at 4711 (allocated on CPU 0, freed on CPU 1)'. */
function describe(cpu: Cpu, shadow: number, word: number): string {
  const { words, bytes } = cpu
  let first = word
  while (bytes[shadow * 4 + first] % 2 === 0 && first > words[HEADER.heap]) first--
  let end = first + 1
  while (end < words[HEADER.heapEnd] && (bytes[shadow * 4 + end] === LIVE || bytes[shadow * 4 + end] === FREED)) end++
  const size = end - first
  const note = first + SIZE_CLASSES[sizeClass(size + REDZONE)]
  const kind = KIND_NAMES[words[note - NOTE.kind]] ?? 'object'
  const freeCpu = words[note - NOTE.freeCpu]
  const freed = freeCpu < 0 ? '' : `, freed on CPU ${freeCpu}`
  return `the ${kind} of ${size} words at ${first} (allocated on CPU ${words[note - NOTE.allocCpu]}${freed})`
}

/** Allocates with a redzone behind. `take` gets one block of a size class from the depot or fresh memory. */
export function kasanAlloc(cpu: Cpu, kind: Kind, size: number, take: (cpu: Cpu, index: number) => number): number {
  const { words, bytes } = cpu
  if (Atomics.load(words, HEADER.failslab) > 0 && Atomics.sub(words, HEADER.failslab, 1) === 1) return 0
  const index = sizeClass(size + REDZONE)
  const object = take(cpu, index)
  if (object === 0) return 0
  const end = object + SIZE_CLASSES[index]
  words.fill(REDZONE_FILL, object + size, end)
  words[end - NOTE.kind] = kind
  words[end - NOTE.allocCpu] = cpu.id
  words[end - NOTE.freeCpu] = -1
  // What a fresh object holds is nobody's business: poison shows whoever reads it before writing.
  words.fill(POISON, object, object + size)
  const shadow = words[HEADER.shadow] * 4
  bytes.fill(GUARD, shadow + object + size, shadow + end)
  bytes.fill(LIVE, shadow + object + 1, shadow + object + size)
  Atomics.store(bytes, shadow + object, LIVE_FIRST)
  return object
}

/** Checks and poisons an object and puts it in quarantine. `give` returns a block to the depot. */
export function kasanFree(
  cpu: Cpu,
  size: number,
  object: number,
  give: (cpu: Cpu, index: number, object: number) => void,
): void {
  const { words, bytes } = cpu
  const shadow = words[HEADER.shadow] * 4
  const state =
    object >= words[HEADER.heap] && object < words[HEADER.heapEnd] ? Atomics.load(bytes, shadow + object) : UNUSED
  // Exactly one of two racing frees wins this exchange.
  if (state !== LIVE_FIRST || Atomics.compareExchange(bytes, shadow + object, LIVE_FIRST, FREED_FIRST) !== LIVE_FIRST) {
    if (state === LIVE_FIRST || state === FREED_FIRST) {
      throw new KasanError(
        'double-free',
        object,
        `${describe(cpu, words[HEADER.shadow], object)} is freed again on CPU ${cpu.id}`,
      )
    }
    throw new KasanError('invalid-free', object, `word ${object} does not begin an object`)
  }
  const index = sizeClass(size + REDZONE)
  const end = object + SIZE_CLASSES[index]
  const last = size === 1 ? FREED_FIRST : LIVE
  for (let word = object + size - 1; word < end - NOTE.kind; word++) {
    if (bytes[shadow + word] !== (word < object + size ? last : GUARD)) {
      throw new KasanError(
        'invalid-free',
        object,
        `${describe(cpu, words[HEADER.shadow], object)} is freed as ${size} words`,
      )
    }
    if (word >= object + size && words[word] !== REDZONE_FILL) {
      throw new KasanError(
        'overflow',
        word,
        `word ${word} behind ${describe(cpu, words[HEADER.shadow], object)} was overwritten`,
      )
    }
  }
  words[end - NOTE.freeCpu] = cpu.id
  words.fill(POISON, object, object + size)
  bytes.fill(FREED, shadow + object + 1, shadow + object + size)
  quarantine(cpu, size, object, give)
}

/** Puts a freed object into this CPU's ring; the one that falls out is checked and goes back to the depot. */
function quarantine(
  cpu: Cpu,
  size: number,
  object: number,
  give: (cpu: Cpu, index: number, object: number) => void,
): void {
  const { words } = cpu
  const ring = words[HEADER.quarantine] + cpu.id * QUARANTINE.SIZE
  const at = ring + QUARANTINE.ring + 2 * words[ring + QUARANTINE.next]
  const oldest = words[at]
  const oldestSize = words[at + 1]
  words[at] = object
  words[at + 1] = size
  words[ring + QUARANTINE.next] = (words[ring + QUARANTINE.next] + 1) % QUARANTINE.ENTRIES
  if (oldest === 0) return
  for (let word = oldest; word < oldest + oldestSize; word++) {
    if (words[word] !== POISON) {
      throw new KasanError(
        'write-after-free',
        word,
        `word ${word} in ${describe(cpu, words[HEADER.shadow], word)} was written after it was freed`,
      )
    }
  }
  give(cpu, sizeClass(oldestSize + REDZONE), oldest)
}
