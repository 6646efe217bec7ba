/**
 * Which executions are worth an audit: the first ones, those with a path that none before had, and a small share of the
 * others.
 *
 * What touches shared memory unseen stands between two visible steps of its thread (or before its first, or behind its
 * last), so a path is a pair of sites that follow each other in one thread.
 */

import type { Execution } from '../engine/state.ts'
import { ABSENT } from '../engine/thread-status.ts'
import { POISONS, type PoisonName } from './poison.ts'

/** Executions at the beginning that are audited whatever they do, under both poisons; later ones under one of them. */
const FIRST = 2
/** Audits of new paths that are made whatever they cost. */
const FREELY = 256
/** Later ones may take one part in so many of the work of the search; those of no new path, one in so many. */
const NEW_SHARE = 8
const OLD_SHARE = 100
/** What a step under the veil costs in one run, beside one that is replayed. */
const COST = 4
/** Bytes that take as long to hide as one step takes to replay. */
const BYTES_PER_STEP = 32

const NO_POISONS: readonly PoisonName[] = []

/** The site behind the last step of a thread, and before its first. */
const END = -2
const START = -1
/** No site. */
const NONE = -3

export interface Paths {
  /** The poisons under which the execution that has just ended should be run again. */
  worth(): readonly PoisonName[]
}

/** The pairs of sites that have been seen. */
interface Pairs {
  /** A pair in two numbers each; open addressing. */
  slots: Int32Array
  count: number
  /** By the second site, of a pair that was asked for lately its first one: most are asked for again and again. */
  latest: Int32Array
}

/** Notes a pair. Returns whether it is new. */
function note(pairs: Pairs, first: number, second: number): boolean {
  const at = second - NONE
  if (at >= pairs.latest.length) pairs.latest = longer(pairs.latest, at)
  if (pairs.latest[at] === first) return false
  pairs.latest[at] = first
  return add(pairs, first, second)
}

function longer(from: Int32Array, at: number): Int32Array {
  const to = new Int32Array(at * 2).fill(NONE)
  to.set(from)
  return to
}

function add(pairs: Pairs, first: number, second: number): boolean {
  const { slots } = pairs
  const mask = slots.length / 2 - 1
  let at = hash(first, second) & mask
  while (slots[at * 2] !== NONE) {
    if (slots[at * 2] === first && slots[at * 2 + 1] === second) return false
    at = (at + 1) & mask
  }
  slots[at * 2] = first
  slots[at * 2 + 1] = second
  if (++pairs.count * 4 > slots.length) grow(pairs)
  return true
}

function grow(pairs: Pairs): void {
  const old = pairs.slots
  pairs.slots = new Int32Array(old.length * 2).fill(NONE)
  pairs.count = 0
  for (let at = 0; at < old.length; at += 2) if (old[at] !== NONE) add(pairs, old[at], old[at + 1])
}

function hash(first: number, second: number): number {
  return (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 9
}

export function createPaths(x: Execution): Paths {
  const pairs: Pairs = { slots: new Int32Array(1024).fill(NONE), count: 0, latest: new Int32Array(64).fill(NONE) }
  /** By thread, the last site behind which it was at its end: an array of its own, since all ends are asked for. */
  let ends: Int32Array = new Int32Array(16).fill(NONE)
  let before = 0
  let audits = 0
  let spent = 0
  let steps = 0

  function hasNewPath(): boolean {
    const { trace, position } = x
    const { site, past, last, n, threads } = trace
    let found = false
    // What was replayed has been looked at.
    for (let i = Math.max(0, n - (x.totals.newSteps - before)); i < n; i++) {
      if (note(pairs, past[i] < 0 ? START : site[past[i]], site[i])) found = true
    }
    if (threads > ends.length) ends = longer(ends, threads)
    for (let t = 0; t < threads; t++) {
      if (position.status[t] === ABSENT) continue
      const its = last[t] < 0 ? START : site[last[t]]
      if (ends[t] === its) continue
      ends[t] = its
      if (add(pairs, its, END)) found = true
    }
    return found
  }

  return {
    worth() {
      steps += x.position.step
      const isNew = hasNewPath()
      before = x.totals.newSteps
      const first = isNew ? audits < FREELY : audits < FIRST
      if (!first && spent * (isNew ? NEW_SHARE : OLD_SHARE) > steps) return NO_POISONS
      // In turn: what one of them does not show, the other may on the next path.
      const poisons = audits < FIRST ? POISONS : [POISONS[audits & 1]]
      audits++
      spent += COST * poisons.length * (x.position.step + x.memory.bytes / BYTES_PER_STEP)
      return poisons
    },
  }
}
