/**
 * Hides shared memory from the threads: outside of announced operations its bytes are poison.
 *
 * While the veil is on, the engine works on copies of the buffers, and the buffers themselves hold poison. An operation
 * that was announced shows its own bytes until it has been performed; then they go back to the copy and are poison
 * again. So what reads without an event reads poison, and what writes without an event leaves something else than
 * poison behind.
 */

import { ENGINE_MADE, STORES, TOUCHES } from '../engine/access.ts'
import type { Memory, Region, Shape } from '../engine/memory.ts'
import type { Trace } from '../engine/trace.ts'
import type { Veil } from '../runtime/engine.ts'
import type { Poison } from './poison.ts'

/** A range of bytes that hold something else than they should. */
export interface Wrong {
  /** Flat addresses. */
  readonly start: number
  readonly end: number
}

/** A buffer behind the veil. */
interface Hidden {
  readonly region: Region
  /** The buffer's own bytes and words. */
  readonly open: Uint8Array
  readonly openWords: Int32Array
  /** The poison that stands in the buffer where nothing is shown. */
  readonly poison: Uint8Array
  readonly poisonWords: Int32Array
}

/** The veil over one execution. */
export interface Veiled extends Veil {
  /** Shows what event `i` touches to its thread, until it has been performed. */
  show(thread: number, i: number): void
  /** Another thread's turn: what this one has announced is hidden, or shown again. */
  leave(thread: number): void
  enter(thread: number): void
  /** What was stored without an event since the last look. */
  stored(): Wrong | undefined
  /** An event that stored something else than it did before, or a read that stored; undefined: none has yet. */
  differing(): { readonly event: number; readonly unseen: boolean } | undefined
  /** Takes the veil off: the buffers hold what the engine saw. */
  remove(): void
}

/**
 * Puts the veil on. The memory holds what setup left in it; no event touches what is `apart` of it; `current` says
 * whose turn it is.
 */
export function createVeil(
  memory: Memory,
  apart: readonly Region[],
  trace: Trace,
  poison: Poison,
  current: () => number,
): Veiled {
  const hidden = [...memory.regions, ...apart].map((region) => hide(region, poison))
  const shown: number[][] = []
  /** Events that were shown before a switch of threads. */
  const left = new Set<number>()
  let differing: { event: number; unseen: boolean } | undefined
  let wrong: Wrong | undefined

  const of = (i: number): Hidden => {
    const { region } = trace.shape[i] as Shape
    return hidden.find((each) => each.region === region) ?? added(region)
  }
  const added = (region: Region): Hidden => {
    const each = hide(region, poison)
    hidden.push(each)
    return each
  }
  const reveal = (i: number): void => {
    const { region, open } = of(i)
    const from = trace.address[i] - region.base
    const to = trace.limit[i] - region.base
    for (let at = from; at < to; at++) open[at] = region.bytes[at]
  }
  /** Takes what a thread was shown back to the copy: all of it first, since ranges may overlap, and then poisons it. */
  const conceal = (list: readonly number[]): void => {
    for (const i of list) {
      const { region, open } = of(i)
      const to = trace.limit[i] - region.base
      for (let at = trace.address[i] - region.base; at < to; at++) {
        if (region.bytes[at] === open[at]) continue
        region.bytes[at] = open[at]
        if (!storedTo(trace, list, region.base + at)) differing ??= { event: i, unseen: true }
      }
    }
    for (const i of list) {
      const { region, open, poison: its } = of(i)
      const to = trace.limit[i] - region.base
      for (let at = trace.address[i] - region.base; at < to; at++) open[at] = its[at] = poisonByte(region, at, poison)
    }
  }
  const compare = (i: number): void => {
    if (differing !== undefined || STORES[trace.kind[i]] === 0 || storedAgain(trace, i)) return
    differing = { event: i, unseen: false }
  }

  return {
    did() {
      const list = shown[current()]
      if (list === undefined || list.length === 0) return
      conceal(list)
      list.forEach((i, at) => {
        // What threw before it stored may have been followed by another store to the same bytes.
        // Behind a switch another thread may have stored there, too.
        if (!left.has(i) && !list.some((j, later) => later > at && overlap(trace, i, j))) compare(i)
      })
      list.length = 0
    },
    show(thread, i) {
      if (TOUCHES[trace.kind[i]] === 0 || ENGINE_MADE[trace.kind[i]] === 1) return
      const list = (shown[thread] ??= [])
      // A native may announce several ranges before it does anything.
      conceal(list)
      list.push(i)
      list.forEach(reveal)
    },
    leave(thread) {
      const list = shown[thread] ?? []
      conceal(list)
      for (const i of list) left.add(i)
    },
    enter: (thread) => (shown[thread] ?? []).forEach(reveal),
    lift() {
      conceal(shown[current()] ?? [])
      for (const { region, open } of hidden) open.set(region.bytes)
    },
    drop(stores) {
      for (const each of hidden) {
        if (stores) takeBack(each, poison)
        each.open.set(each.poison)
      }
      for (const i of shown[current()] ?? []) reveal(i)
    },
    stored() {
      for (const each of hidden) wrong ??= changedBytes(each, trace, shown)
      return wrong
    },
    differing: () => differing,
    remove() {
      for (const { region, open, openWords } of hidden) {
        open.set(region.bytes)
        region.bytes = open
        region.words = openWords
      }
    },
  }
}

/** The arrays for a region's copy and for its poison, which the next veil uses again. */
const arrays = new WeakMap<Region, Pick<Region, 'bytes' | 'words'> & Pick<Hidden, 'poison' | 'poisonWords'>>()

function arraysFor(region: Region) {
  let its = arrays.get(region)
  if (its === undefined) {
    const { length } = region.bytes
    const [bytes, poison] = [new Uint8Array(length), new Uint8Array(length)]
    const wordsOf = ({ buffer }: Uint8Array<ArrayBuffer>) => new Int32Array(buffer, 0, length >> 2)
    arrays.set(region, (its = { bytes, words: wordsOf(bytes), poison, poisonWords: wordsOf(poison) }))
  }
  return its
}

function hide(region: Region, poison: Poison): Hidden {
  const { bytes: open, words: openWords } = region
  const { bytes, words, poison: its, poisonWords } = arraysFor(region)
  bytes.set(open)
  Object.assign(region, { bytes, words })
  const hidden = { region, open, openWords, poison: its, poisonWords }
  poisonAll(hidden, poison)
  open.set(its)
  return hidden
}

/** Takes what was stored while all was shown back to the copy, with its poison: mostly nothing. */
function takeBack({ region, open, openWords, poison: its, poisonWords }: Hidden, poison: Poison): void {
  const { words, bytes, base } = region
  for (let word = 0; word < words.length; word++) {
    const now = openWords[word]
    if (words[word] === now) continue
    words[word] = now
    poisonWords[word] = poison.of(base + word * 4, now)
  }
  for (let at = words.length * 4; at < bytes.length; at++) {
    bytes[at] = open[at]
    its[at] = poisonByte(region, at, poison)
  }
}

/** The poison for all that a region holds now. */
function poisonAll({ region, poison: its, poisonWords }: Hidden, poison: Poison): void {
  fill(poisonWords, region.words, region.base, poison)
  // The last bytes of a buffer that are no whole word.
  for (let at = poisonWords.length * 4; at < its.length; at++) its[at] = poisonByte(region, at, poison)
}

/** Poisons whole words. Most get the same, which is quicker told than asked. */
function fill(into: Int32Array, values: Int32Array, base: number, { of, mostly, others }: Poison): void {
  if (mostly === undefined) {
    for (let word = 0; word < into.length; word++) into[word] = of(base + word * 4, values[word])
    return
  }
  into.fill(mostly)
  for (let word = 0; word < into.length; word++) if (values[word] === mostly) into[word] = of(base + word * 4, mostly)
  for (const address of others) {
    const word = (address - base) >> 2
    if (word >= 0 && word < into.length) into[word] = of(address, values[word])
  }
}

/** The poison for one byte of what a region holds now. */
function poisonByte({ words, bytes, base }: Region, at: number, poison: Poison): number {
  const word = at >> 2
  // The last bytes of a buffer that are no whole word.
  if (word >= words.length) return bytes[at] ^ 0x5a
  return (poison.of(base + word * 4, words[word]) >>> ((at & 3) * 8)) & 0xff
}

/** Whether the event has stored what it stored when the trace was made. */
function storedAgain(trace: Trace, i: number): boolean {
  const { region } = trace.shape[i] as Shape
  const from = trace.address[i] - region.base
  const to = trace.limit[i] - region.base
  const wide = trace.wide.get(i)
  if (wide !== undefined) return wide.every((byte, at) => region.bytes[from + at] === byte)
  for (let at = from; at < to; at++) {
    const word = at - from + (from & 3) < 4 ? trace.newLow[i] : trace.newHigh[i]
    if (region.bytes[at] !== ((word >>> ((at & 3) * 8)) & 0xff)) return false
  }
  return true
}

/** The first run of bytes that are neither poison nor shown. */
function changedBytes({ region, open, openWords, poison, poisonWords }: Hidden, trace: Trace, shown: number[][]) {
  let from = 0
  while (from < openWords.length && openWords[from] === poisonWords[from]) from++
  from *= 4
  const changed = (at: number): boolean =>
    at < open.length && open[at] !== poison[at] && !isShown(region.base + at, trace, shown)
  while (from < open.length && !changed(from)) from++
  if (from === open.length) return undefined
  let to = from + 1
  while (changed(to)) to++
  return { start: region.base + from, end: region.base + to }
}

/** Whether one of these events stores to that byte. */
function storedTo({ kind, address, limit }: Trace, list: readonly number[], byte: number): boolean {
  return list.some((i) => STORES[kind[i]] === 1 && address[i] <= byte && byte < limit[i])
}

const overlap = ({ address, limit }: Trace, i: number, j: number): boolean =>
  address[i] < limit[j] && address[j] < limit[i]

function isShown(address: number, trace: Trace, shown: number[][]): boolean {
  return shown.some((list) => list?.some((i) => trace.address[i] <= address && address < trace.limit[i]))
}
