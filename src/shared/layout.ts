/**
 * Where the parts of a memory lie, computed from its sizes: when it is made, when another thread attaches to it, and
 * when it is checked.
 */

import { PERCPU } from '../sync/cpu.ts'
import { cpuBase, RCU } from '../sync/rcu-layout.ts'
import * as records from './records.ts'
import { HEADER } from './records.ts'
import { DEPOT, QUARANTINE, SIZE_CLASSES } from './slab-layout.ts'

export const MAGIC = 0x53_4b_53_54 // 'SKST'
export const VERSION = 1
/** The layout has room for so many CPUs. */
export const MAX_CPUS = 256
/** Descriptors begin here: 0 to 2 are taken everywhere. */
export const FIRST_FD = 3
export const MOST_FDS = 1 << 24
const LINE = 16

/** Where each part begins, in words. Every one is on a cache line. */
export interface Layout {
  readonly rcu: number
  readonly depots: number
  readonly cookies: number
  readonly fds: number
  readonly quarantine: number
  readonly heap: number
  readonly heapEnd: number
  /** 0 without the sanitizer. */
  readonly shadow: number
}

/** The parts of a memory of `length` words. */
export function layoutOf(length: number, cpus: number, maxFds: number, sanitize: boolean): Layout {
  const rcu = onLine(HEADER.SIZE)
  const depots = onLine(cpuBase(rcu, cpus))
  const cookies = onLine(depots + SIZE_CLASSES.length * DEPOT.SIZE)
  const fds = cookies + cpus * LINE
  const quarantine = onLine(fds + maxFds)
  const heap = onLine(quarantine + (sanitize ? cpus * QUARANTINE.SIZE : 0))
  // One byte of shadow for each word of everything before it.
  const shadow = sanitize ? Math.floor((length * 4) / 5) & -LINE : 0
  return { rcu, depots, cookies, fds, quarantine, heap, heapEnd: sanitize ? shadow : length & -LINE, shadow }
}

function onLine(word: number): number {
  return (word + LINE - 1) & -LINE
}

/** Hash of every layout: two builds that differ in one offset refuse each other's memory. FNV-1a. */
export const FINGERPRINT = layoutFingerprint() | 0

function layoutFingerprint(): number {
  let hash = 0x811c9dc5
  // Sorted: a bundler may list a module's exports in another order.
  const layouts = Object.entries(records).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const char of JSON.stringify([layouts, PERCPU, RCU, SIZE_CLASSES])) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  }
  return hash | 0
}

/**
 * What is wrong with the part of the header that never changes, as "got <what> <number>, expected <number>": the first
 * fault, since the others may follow from it. Undefined if it is in order. Whoever follows the header's pointers may
 * trust them then.
 */
export function headerFault(words: Int32Array): string | undefined {
  const fault = (what: string, got: number, expected: number | string, show: (n: number) => string = String) =>
    `got ${what} ${show(got)}, expected ${typeof expected === 'number' ? show(expected) : expected}`
  const range = (what: string, got: number, least: number, most: number) =>
    got >= least && got <= most ? undefined : fault(what, got, `from ${least} to ${most}`)

  const magic = Atomics.load(words, HEADER.magic)
  if (magic !== MAGIC) return fault('magic number', magic, MAGIC, hex)
  if (words[HEADER.version] !== VERSION) return fault('version', words[HEADER.version], VERSION)
  if (words[HEADER.fingerprint] !== FINGERPRINT)
    return fault('layout fingerprint', words[HEADER.fingerprint], FINGERPRINT, hex)
  if (words[HEADER.words] !== words.length) return fault('size in words', words.length, words[HEADER.words])
  const wrong =
    range('a number of CPUs of', words[HEADER.cpus], 1, MAX_CPUS) ??
    range('a number of descriptors of', words[HEADER.maxFds], FIRST_FD + 1, MOST_FDS) ??
    range('an optmem_max of', words[HEADER.optmemMax], 0, 0x7fff_ffff) ??
    (words[HEADER.redzone] === LINE ? undefined : range('redzones of', words[HEADER.redzone], 0, 0))
  if (wrong !== undefined) return wrong
  const layout = layoutOf(words.length, words[HEADER.cpus], words[HEADER.maxFds], words[HEADER.shadow] !== 0)
  for (const [part, at] of Object.entries(layout) as [keyof Layout, number][])
    if (words[HEADER[part]] !== at) return fault(`${part} at word`, words[HEADER[part]], at)
  const { cpus } = RCU
  const known = words[layout.rcu + cpus]
  return known === words[HEADER.cpus] ? undefined : fault('a number of CPUs for RCU of', known, words[HEADER.cpus])
}

/** Words behind NULL, which nobody writes. */
function nullFaults(words: Int32Array): string[] {
  const faults: string[] = []
  for (let word = HEADER.null; word < HEADER.magic; word++)
    if (words[word] !== 0)
      faults.push(`word ${word} holds ${words[word]}, expected 0: something was stored through a NULL pointer`)
  return faults
}

/** What is wrong with the words that never change, one sentence each: nothing else of the memory is looked at. */
export function guardFaults(words: Int32Array): string[] {
  const fault = headerFault(words)
  return [...(fault === undefined ? [] : [`the header is damaged: ${fault}`]), ...nullFaults(words)]
}

function hex(n: number): string {
  return `0x${(n >>> 0).toString(16).padStart(8, '0')}`
}
