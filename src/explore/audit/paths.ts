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

/** The site behind the last step of a thread, and before its first. */
const END = -2
const START = -1

export interface Paths {
  /** The poisons under which the execution that has just ended should be run again. */
  worth(): readonly PoisonName[]
}

export function createPaths(x: Execution): Paths {
  let slots = new Int32Array(1024).fill(-3)
  let count = 0
  let before = 0
  let audits = 0
  let spent = 0
  let steps = 0

  /** Notes a pair. Returns whether it is new. */
  function note(first: number, second: number): boolean {
    const mask = slots.length / 2 - 1
    let at = hash(first, second) & mask
    while (slots[at * 2] !== -3) {
      if (slots[at * 2] === first && slots[at * 2 + 1] === second) return false
      at = (at + 1) & mask
    }
    slots[at * 2] = first
    slots[at * 2 + 1] = second
    if (++count * 4 > slots.length) grow()
    return true
  }
  function grow(): void {
    const old = slots
    slots = new Int32Array(old.length * 2).fill(-3)
    count = 0
    for (let at = 0; at < old.length; at += 2) if (old[at] !== -3) note(old[at], old[at + 1])
  }
  function hasNewPath(): boolean {
    const { trace } = x
    let found = false
    // What was replayed has been looked at.
    const from = Math.max(0, trace.n - (x.totals.newSteps - before))
    for (let i = from; i < trace.n; i++) {
      const past = trace.past[i]
      if (note(past < 0 ? START : trace.site[past], trace.site[i])) found = true
    }
    for (let t = 0; t < trace.threads; t++) {
      if (x.position.status[t] === ABSENT) continue
      const last = trace.last[t]
      if (note(last < 0 ? START : trace.site[last], END)) found = true
    }
    return found
  }

  return {
    worth() {
      steps += x.position.step
      const isNew = hasNewPath()
      before = x.totals.newSteps
      const first = isNew ? audits < FREELY : audits < FIRST
      if (!first && spent * (isNew ? NEW_SHARE : OLD_SHARE) > steps) return []
      // In turn: what one of them does not show, the other may on the next path.
      const poisons = audits < FIRST ? POISONS : [POISONS[audits & 1]]
      audits++
      spent += COST * poisons.length * (x.position.step + x.memory.bytes / BYTES_PER_STEP)
      return poisons
    },
  }
}

function hash(first: number, second: number): number {
  return (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 9
}
