/**
 * Leaks: objects that the threads made and nothing refers to at the end.
 *
 * Looked for after every execution, so what setup left and no event stored to is not read again: an index made once
 * says where in it a pointer's value stands.
 */

import { PAGE_WORDS, type Region } from '../engine/memory.ts'
import { type Allocation, ARENA_WORD, DEAD, type Shadow } from '../engine/shadow.ts'
import type { Execution } from '../engine/state.ts'
import { type Detector, type KnownFinding, NOTHING } from './detector.ts'
import { nameOf } from './heap.ts'

export const createLeaks = (x: Execution): Detector => ({
  atEnd: () => (x.primitives.shadow.used ? leaks(x).map((leaked) => findingOf(x, leaked)) : NOTHING),
})

function findingOf({ trace }: Execution, leaked: Allocation): KnownFinding {
  const { made } = leaked
  return {
    kind: 'leak',
    message: `nothing refers to ${nameOf(leaked)} any more, and it was not freed`,
    sites: made >= 0 ? [trace.site[made]] : [],
    events: made >= 0 ? [made] : [],
    thread: made >= 0 ? trace.thread[made] : 0,
    at: -1,
  }
}

/**
 * By region: value -> the words, counted from the region's first, in which setup left it. Not of 0, which stands
 * everywhere.
 */
const indexes = new WeakMap<Region, Map<number, number[]>>()

function indexOf(region: Region): Map<number, number[]> {
  let index = indexes.get(region)
  if (index !== undefined) return index
  index = new Map()
  for (let k = 0; k < region.savedWords.length; k++) {
    const value = region.savedWords[k]
    if (value === 0) continue
    const words = index.get(value)
    if (words === undefined) index.set(value, [k])
    else words.push(k)
  }
  indexes.set(region, index)
  return index
}

/**
 * Objects that the threads made and nothing refers to: no word outside dead or leaked objects holds a pointer to one of
 * their elements. Conservative, as a scan for leaks must be: an integer that looks like a pointer counts as one, and a
 * list may link its members by a field within.
 */
function leaks(x: Execution): Allocation[] {
  const { shadow } = x.primitives
  const candidates: Allocation[] = []
  for (let id = shadow.settled; id < shadow.count; id++) {
    if (shadow.allocations[id].live) candidates.push(shadow.allocations[id])
  }
  if (candidates.length === 0) return candidates
  const { least, most } = rangeOf(candidates)
  const reached = new Set<Allocation>()
  const pending: Allocation[] = []
  const meet = (value: number) => {
    for (const allocation of candidates) {
      const within = value - allocation.pointer
      if (within < 0 || within >= allocation.length || reached.has(allocation)) continue
      reached.add(allocation)
      pending.push(allocation)
    }
  }
  /** Meets what stands in a region's words. Few values lie in the range, so that is asked first. */
  const scan = ({ words }: Region, from: number, to: number, counts: (k: number) => boolean) => {
    for (let k = from; k < to; k++) {
      const value = words[k]
      if (value >= least && value <= most && counts(k)) meet(value)
    }
  }
  for (const region of x.memory.regions) {
    const { words, dirty, dirtyPages } = region
    const root = rootsOf(shadow, region)
    if (dirty === null) {
      scan(region, 0, words.length, root)
      continue
    }
    for (const page of dirtyPages)
      scan(region, page * PAGE_WORDS, Math.min((page + 1) * PAGE_WORDS, words.length), root)
    const index = indexOf(region)
    const isClean = (k: number) => dirty[Math.floor(k / PAGE_WORDS)] === 0 && root(k)
    for (const { pointer, length } of candidates) {
      for (let value = pointer; value < pointer + length; value++)
        if (value === 0 || index.get(value)?.some(isClean) === true) meet(value)
    }
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { start, end } = next
    const region = x.memory.regions.find(({ base, bytes }) => base <= start && start < base + bytes.length)!
    scan(region, (start - region.base) >> 2, (end - region.base + 3) >> 2, () => true)
  }
  return candidates.filter((allocation) => !reached.has(allocation))
}

function rangeOf(candidates: readonly Allocation[]): { least: number; most: number } {
  let least = candidates[0].pointer
  let most = least
  for (const { pointer, length } of candidates) {
    if (pointer < least) least = pointer
    if (pointer + length - 1 > most) most = pointer + length - 1
  }
  return { least, most }
}

/** Tells the words that refer to objects by themselves: those in no object that is dead or came after setup. */
function rootsOf({ state, owner, settled }: Shadow, { base }: Region): (k: number) => boolean {
  const first = base >> 2
  return (k) => {
    const its = state[first + k]
    return its !== DEAD && its !== ARENA_WORD && (owner[first + k] ?? 0) <= settled
  }
}
