/**
 * The allocator: size classes, a magazine per CPU and class, a shared depot behind them, fresh memory at the end.
 *
 * The common alloc and free touch only this CPU's own words: no atomic, no lock. A magazine that runs empty or full
 * trades half of its content with the depot. Out of memory is NULL. The caller says at free what it said at alloc (kind
 * and size), so that objects need no header. Model: kmalloc over SLUB with per-CPU sheaves.
 */

import { type Cpu, PERCPU } from '../sync/cpu.ts'
import { cpuBase } from '../sync/rcu-layout.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { HEADER } from './records.ts'
import { kasanAlloc, kasanFree } from './sanitizer.ts'
import {
  DEPOT,
  KIND,
  KIND_NAMES,
  type Kind,
  LIVE,
  LIVE_WORDS,
  MAGAZINE,
  SIZE_CLASSES,
  sizeClass,
} from './slab-layout.ts'

/**
 * Allocates `size` words. The object begins on a cache line and holds whatever was there. Returns NULL when memory is
 * out.
 * @explore alloc cpu.words[result] size=size kind=KIND_NAMES[kind]
 */
export function kmalloc(cpu: Cpu, kind: Kind, size: number): number {
  const { words, base } = cpu
  const magazine = base + PERCPU.allocator + sizeClass(size) * MAGAZINE.SIZE
  const object = words[magazine + MAGAZINE.head]
  if (object === 0) return kmallocSlow(cpu, kind, size)
  words[magazine + MAGAZINE.head] = words[object]
  words[magazine + MAGAZINE.count]--
  words[base + LIVE + kind]++
  words[base + LIVE_WORDS] += size
  return object
}

/**
 * Frees an object that nobody can reach any more. `kind` and `size` are those of its kmalloc.
 * @explore free cpu.words[object] body=skip
 */
export function kfree(cpu: Cpu, kind: Kind, size: number, object: number): void {
  const { words, base } = cpu
  const magazine = base + PERCPU.allocator + sizeClass(size) * MAGAZINE.SIZE
  if (words[magazine + MAGAZINE.count] >= words[magazine + MAGAZINE.limit]) {
    kfreeSlow(cpu, size, object)
  } else {
    words[object] = words[magazine + MAGAZINE.head]
    words[magazine + MAGAZINE.head] = object
    words[magazine + MAGAZINE.count]++
  }
  words[base + LIVE + kind]--
  words[base + LIVE_WORDS] -= size
}

function kmallocSlow(cpu: Cpu, kind: Kind, size: number): number {
  const { words, base } = cpu
  const object =
    words[HEADER.shadow] === 0 ? takeFromDepot(cpu, sizeClass(size)) : kasanAlloc(cpu, kind, size, takeFromDepot)
  if (object === 0) return 0
  words[base + LIVE + kind]++
  words[base + LIVE_WORDS] += size
  return object
}

function kfreeSlow(cpu: Cpu, size: number, object: number): void {
  const { words, base } = cpu
  if (words[HEADER.shadow] !== 0) {
    kasanFree(cpu, size, object, giveToDepot)
    return
  }
  const index = sizeClass(size)
  const magazine = base + PERCPU.allocator + index * MAGAZINE.SIZE
  const half = words[magazine + MAGAZINE.count] >> 1
  if (half === 0) {
    giveToDepot(cpu, index, object)
    return
  }
  // Full: the recent half goes, since its lines are in our cache to be relinked.
  const first = words[magazine + MAGAZINE.head]
  let last = first
  for (let i = 1; i < half; i++) last = words[last]
  words[magazine + MAGAZINE.head] = words[last]
  words[magazine + MAGAZINE.count] -= half - 1
  pushChain(cpu, index, first, last, half)
  words[object] = words[magazine + MAGAZINE.head]
  words[magazine + MAGAZINE.head] = object
}

/**
 * Takes one object for the caller and half a magazine besides, from the depot or from fresh memory. NULL if there is
 * neither.
 */
function takeFromDepot(cpu: Cpu, index: number): number {
  const { words, base } = cpu
  const magazine = base + PERCPU.allocator + index * MAGAZINE.SIZE
  const want = 1 + (words[magazine + MAGAZINE.limit] >> 1)
  const depot = words[HEADER.depots] + index * DEPOT.SIZE
  spinLock(cpu, depot + DEPOT.lock)
  const object = words[depot + DEPOT.head]
  if (object !== 0) {
    let last = object
    let got = 1
    while (got < want && words[last] !== 0) {
      last = words[last]
      got++
    }
    words[depot + DEPOT.head] = words[last]
    words[depot + DEPOT.count] -= got
    words[last] = 0
    spinUnlock(cpu, depot + DEPOT.lock)
    words[magazine + MAGAZINE.head] = words[object]
    words[magazine + MAGAZINE.count] = got - 1
    return object
  }
  spinUnlock(cpu, depot + DEPOT.lock)
  return carve(words, magazine, SIZE_CLASSES[index], want)
}

/**
 * Cuts up to `want` objects off the end of what was ever used: the first is returned, the rest fill the magazine in
 * ascending order.
 */
function carve(words: Int32Array, magazine: number, size: number, want: number): number {
  const end = words[HEADER.heapEnd]
  const stride = size + words[HEADER.redzone]
  let object: number
  let got: number
  for (;;) {
    object = Atomics.load(words, HEADER.brk)
    got = Math.min(want, Math.floor((end - object) / stride))
    if (got <= 0) return 0
    if (Atomics.compareExchange(words, HEADER.brk, object, object + got * stride) === object) break
  }
  let head = 0
  for (let i = got - 1; i > 0; i--) {
    words[object + i * stride] = head
    head = object + i * stride
  }
  words[magazine + MAGAZINE.head] = head
  words[magazine + MAGAZINE.count] = got - 1
  return object
}

function giveToDepot(cpu: Cpu, index: number, object: number): void {
  pushChain(cpu, index, object, object, 1)
}

function pushChain(cpu: Cpu, index: number, first: number, last: number, count: number): void {
  const { words } = cpu
  const depot = words[HEADER.depots] + index * DEPOT.SIZE
  spinLock(cpu, depot + DEPOT.lock)
  words[last] = words[depot + DEPOT.head]
  words[depot + DEPOT.head] = first
  words[depot + DEPOT.count] += count
  spinUnlock(cpu, depot + DEPOT.lock)
}

/** One line, so that objects still begin on one. */
const REDZONE = 16

/**
 * Gives the heap to the allocator, with a redzone before the first object or none at all.
 * @explore arena words[words[HEADER.heap]] to=words[HEADER.heapEnd]
 */
export function openHeap(words: Int32Array, redzones: boolean): void {
  words[HEADER.redzone] = redzones ? REDZONE : 0
  words[HEADER.brk] = words[HEADER.heap] + words[HEADER.redzone]
}

/** Objects each magazine of a common size holds at the start, so that small programs never meet a shared word. */
const PREFILL = 8
const LARGEST_PREFILLED = 64

/** Fills every CPU's magazines for the first time. No memory is made too small for that. */
export function prefillMagazines(words: Int32Array): void {
  if (words[HEADER.shadow] !== 0) return
  for (let id = 0; id < words[HEADER.cpus]; id++) {
    const base = cpuBase(words[HEADER.rcu], id) + PERCPU.allocator
    for (let i = 0; SIZE_CLASSES[i] <= LARGEST_PREFILLED; i++) {
      const magazine = base + i * MAGAZINE.SIZE
      const first = carve(words, magazine, SIZE_CLASSES[i], PREFILL)
      words[first] = words[magazine + MAGAZINE.head]
      words[magazine + MAGAZINE.head] = first
      words[magazine + MAGAZINE.count]++
    }
  }
}

/** A memory, of which only the words matter here: memory.ts, which makes them, needs this file. */
interface Words {
  readonly words: Int32Array
}

/** Live objects by kind, and the words they take, over all CPUs. Exact while all CPUs are at rest. */
export function liveObjects({ words }: Words): Record<keyof typeof KIND, number> & { words: number } {
  const live = { words: 0 } as Record<keyof typeof KIND, number> & { words: number }
  for (const name of KIND_NAMES) live[name] = 0
  for (let id = 0; id < words[HEADER.cpus]; id++) {
    const base = cpuBase(words[HEADER.rcu], id)
    for (const name of KIND_NAMES) live[name] += Atomics.load(words, base + LIVE + KIND[name])
    live.words += Atomics.load(words, base + LIVE_WORDS)
  }
  return live
}

/** Bytes of the heap ever handed out. */
export function peakBytes({ words }: Words): number {
  return 4 * (Atomics.load(words, HEADER.brk) - words[HEADER.heap])
}
