/**
 * What is told of the roots of a search, and all of it together as a checkpoint at its end: whoever goes on from that
 * has the result, and nothing left to explore.
 */

import type { Checkpoint, Counts, Outcome } from '../explore/index.ts'
import { addCounts, addOutcomes, type Look, noCounts, type Report } from '../explore/internals-load.ts'

/** What was told of a root. JSON. */
export interface Told {
  readonly counts: Counts
  readonly newSteps: number
  readonly outcomes: readonly Outcome[]
  /** The line of the first schedule that failed, if one did. */
  readonly failed: string | null
  /** The lines of schedules that took locks in a circle, and of those up to where locks came in a new order. */
  readonly suspected: readonly string[]
  readonly learned: readonly string[]
  readonly drawn: readonly string[]
  readonly peakAhead: number
  readonly cutShort: boolean
  readonly slept: boolean
  /** Something did not repeat, whatever the schedules were. */
  readonly broken: boolean
}

/** What a report and a look add. */
export function toldIn(report: Report, look: Look | undefined): Told {
  const { counts, newSteps, outcomes, failed, suspected, learned, drawn, cutShort, slept } = report
  return {
    ...{ counts, newSteps, outcomes, failed, suspected, learned, drawn, slept },
    peakAhead: look?.peakAhead ?? 0,
    cutShort: cutShort || look?.leavesOut === true,
    broken: look?.found === true,
  }
}

const together = (all: readonly (readonly string[])[]) => [...new Set(all.flat())]

/** All of it as one: what comes first in the order of one core, first. */
export function sumOfTold(all: readonly Told[]): Told {
  const counts = noCounts()
  const outcomes: Parameters<typeof addOutcomes>[0] = new Map()
  for (const told of all) {
    addCounts(counts, told.counts)
    addOutcomes(outcomes, told.outcomes)
  }
  return {
    counts,
    outcomes: [...outcomes].map(([outcome, { count, witness }]) => ({ outcome, count, witness })),
    newSteps: all.reduce((total, { newSteps }) => total + newSteps, 0),
    failed: all.find(({ failed }) => failed !== null)?.failed ?? null,
    suspected: together(all.map(({ suspected }) => suspected)),
    learned: together(all.map(({ learned }) => learned)),
    drawn: together(all.map(({ drawn }) => drawn)),
    peakAhead: Math.max(0, ...all.map(({ peakAhead }) => peakAhead)),
    cutShort: all.some(({ cutShort }) => cutShort),
    slept: all.some(({ slept }) => slept),
    broken: all.some(({ broken }) => broken),
  }
}

/** Where a search stands of which that was told and nothing is left. `threads`: how many it has. */
export function checkpointOf(sum: Told, fingerprint: string, threads: number): Checkpoint {
  const { counts, outcomes, failed, suspected, learned, drawn, cutShort, slept } = sum
  return {
    schema: 1,
    ...{ fingerprint, counts, outcomes, failed, learned, drawn },
    suspected: suspected.length > 0 ? suspected : undefined,
    cutShort: cutShort ? true : undefined,
    slept: slept ? true : undefined,
    search: { labels: Array.from({ length: threads }, (_, t) => String(t)), frames: [] },
  }
}
