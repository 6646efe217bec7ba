/**
 * Hides shared memory from the threads: outside of announced operations its bytes are poison.
 *
 * While the veil is on, the engine works on copies of the buffers, and the buffers themselves hold poison. An operation
 * that was announced shows its own bytes until it has been performed; then they go back to the copy and are poison
 * again. So what reads without an event reads poison, and what writes without an event leaves something else than
 * poison behind.
 */

import { ENGINE_MADE, STORES, TOUCHES } from '../engine/access.ts'
import type { Region, Shape } from '../engine/memory.ts'
import { isSame } from '../engine/same-bytes.ts'
import type { Execution } from '../engine/state.ts'
import type { Trace } from '../engine/trace.ts'
import type { Veil } from '../runtime/engine.ts'
import { bare, cover, type Hidden, hide, reveal, takeBack } from './hidden.ts'
import type { Poison } from './poison.ts'

/** A range of bytes that hold something else than they should. */
export interface Wrong {
  /** Flat addresses. */
  readonly start: number
  readonly end: number
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

/** What a veil knows. */
interface Worn {
  readonly x: Execution
  readonly poison: Poison
  readonly hidden: Hidden[]
  /** By thread: the events that are shown to it until they have been performed. */
  readonly shown: (number[] | undefined)[]
  /** Events that were shown before a switch of threads. */
  readonly left: Set<number>
  differing: { readonly event: number; readonly unseen: boolean } | undefined
}

/** Puts the veil on. The memory holds what setup left in it; no event touches what is `apart` of it. */
export function createVeil(x: Execution, apart: readonly Region[], poison: Poison): Veiled {
  const hidden = [...x.memory.regions, ...apart].map((region) => hide(region, poison))
  const worn: Worn = { x, poison, hidden, shown: [], left: new Set(), differing: undefined }
  const { shown } = worn
  let wrong: Wrong | undefined
  return {
    did: () => performed(worn),
    show: (thread, i) => show(worn, thread, i),
    leave(thread) {
      const list = shown[thread]
      if (list === undefined) return
      conceal(worn, list)
      for (const i of list) worn.left.add(i)
    },
    enter: (thread) => revealAll(worn, shown[thread]),
    lift() {
      const list = shown[x.position.current]
      if (list !== undefined) conceal(worn, list)
      for (const { region, open } of hidden) open.set(region.bytes)
    },
    drop(stores) {
      for (const each of hidden) {
        if (stores) takeBack(each, poison)
        each.open.set(each.poison)
      }
      revealAll(worn, shown[x.position.current])
    },
    stored() {
      for (const each of hidden) wrong ??= changedBytes(each, x.trace, shown)
      return wrong
    },
    differing: () => worn.differing,
    remove: () => hidden.forEach(bare),
  }
}

/** The region that an event touches. One that a thread has made is hidden when it is first shown. */
function hiddenOf({ x, hidden, poison }: Worn, i: number): Hidden {
  const { region } = x.trace.shape[i] as Shape
  for (let k = 0; k < hidden.length; k++) if (hidden[k].region === region) return hidden[k]
  const each = hide(region, poison)
  hidden.push(each)
  return each
}

function show(worn: Worn, thread: number, i: number): void {
  const { kind } = worn.x.trace
  if (TOUCHES[kind[i]] === 0 || ENGINE_MADE[kind[i]] === 1) return
  const list = (worn.shown[thread] ??= [])
  // A native may announce several ranges before it does anything.
  conceal(worn, list)
  list.push(i)
  revealAll(worn, list)
}

function revealAll(worn: Worn, list: readonly number[] | undefined): void {
  if (list === undefined) return
  const { address, limit } = worn.x.trace
  for (let k = 0; k < list.length; k++) {
    const hidden = hiddenOf(worn, list[k])
    const { base } = hidden.region
    reveal(hidden, address[list[k]] - base, limit[list[k]] - base)
  }
}

/** Takes what a thread was shown back to the copy: all of it first, since ranges may overlap, and then poisons it. */
function conceal(worn: Worn, list: readonly number[]): void {
  const { trace } = worn.x
  for (let k = 0; k < list.length; k++) {
    const { region, open, openWords } = hiddenOf(worn, list[k])
    const { bytes, words, base } = region
    // Most are one word, and have not changed.
    const word = (trace.address[list[k]] - base) >> 2
    if (isOneWord(trace, list[k]) && words[word] === openWords[word]) continue
    const to = trace.limit[list[k]] - base
    for (let at = trace.address[list[k]] - base; at < to; at++) {
      if (bytes[at] === open[at]) continue
      bytes[at] = open[at]
      if (!storedTo(trace, list, base + at)) worn.differing ??= { event: list[k], unseen: true }
    }
  }
  for (let k = 0; k < list.length; k++) {
    const hidden = hiddenOf(worn, list[k])
    const { base } = hidden.region
    cover(hidden, trace.address[list[k]] - base, trace.limit[list[k]] - base, worn.poison)
  }
}

/** What was announced has been performed. */
function performed(worn: Worn): void {
  const { x, left } = worn
  const list = worn.shown[x.position.current]
  if (list === undefined || list.length === 0) return
  conceal(worn, list)
  for (let k = 0; k < list.length; k++) {
    const i = list[k]
    // What threw before it stored may have been followed by another store to the same bytes.
    // Behind a switch another thread may have stored there, too.
    if (left.has(i) || (list.length > 1 && list.some((j, later) => later > k && overlap(x.trace, i, j)))) continue
    if (worn.differing !== undefined || STORES[x.trace.kind[i]] === 0 || storedAgain(x.trace, i)) continue
    worn.differing = { event: i, unseen: false }
  }
  list.length = 0
}

/** Whether the event has stored what it stored when the trace was made. */
function storedAgain(trace: Trace, i: number): boolean {
  const { region } = trace.shape[i] as Shape
  const from = trace.address[i] - region.base
  if (isOneWord(trace, i)) return region.words[from >> 2] === trace.newLow[i]
  const to = trace.limit[i] - region.base
  const wide = trace.wide.get(i)
  if (wide !== undefined) return wide.every((byte, at) => region.bytes[from + at] === byte)
  for (let at = from; at < to; at++) {
    const word = at - from + (from & 3) < 4 ? trace.newLow[i] : trace.newHigh[i]
    if (region.bytes[at] !== ((word >>> ((at & 3) * 8)) & 0xff)) return false
  }
  return true
}

const isOneWord = ({ address, limit }: Trace, i: number): boolean =>
  limit[i] - address[i] === 4 && (address[i] & 3) === 0

/** The first run of bytes that are neither poison nor shown. */
function changedBytes({ region, open, openWords, poison, poisonWords }: Hidden, trace: Trace, shown: Worn['shown']) {
  if (isSame(open, poison)) return undefined
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

function isShown(address: number, trace: Trace, shown: Worn['shown']): boolean {
  return shown.some((list) => list?.some((i) => trace.address[i] <= address && address < trace.limit[i]))
}
