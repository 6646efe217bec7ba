/**
 * The parts of a search in the order in which one core would come to them, and what was counted of each.
 *
 * What a part gives away comes behind all that it keeps, and before what it gave away earlier. Parts that have been
 * explored to their end and stand side by side become one, so that there are never more than twice as many as are
 * still open.
 */
import type { Counts, Outcome } from '../result.ts'
import { noCounts } from '../result.ts'
import type { Report, Walk } from './words.ts'

/** A part, or several that have ended. */
export interface Entry {
  readonly id: number
  /** It has not been explored to its end. */
  open: boolean
  /** What lies ahead of it, as far as it was told; null: all. */
  left: Walk
  /** Which share of the search it is thought to be, and which share of that lies behind. */
  share: number
  behind: number
  readonly counts: Counts
  newSteps: number
  /** How often each outcome came, with the line of its first schedule. */
  readonly outcomes: Map<string, { count: number; witness: string }>
  /** The part that the first violation was found in, the worker that found it, and its schedule. */
  found: { readonly part: number; readonly worker: number; readonly line: string } | undefined
}

/** Outcomes told apart; the others are counted together. */
const MOST_OUTCOMES = 1000
const OTHERS = '(other outcomes)'

export const createEntry = (id: number, left: Walk, share: number): Entry => ({
  id,
  open: true,
  left,
  share,
  behind: 0,
  counts: noCounts(),
  newSteps: 0,
  outcomes: new Map(),
  found: undefined,
})

/** Adds what a worker tells of a part. */
export function addReport(entry: Entry, report: Report, worker: number): void {
  addCounts(entry.counts, report.counts)
  entry.newSteps += report.newSteps
  addOutcomes(entry.outcomes, report.outcomes)
  if (entry.found === undefined && report.failed !== null) entry.found = { part: entry.id, worker, line: report.failed }
}

/** Adds counts to others. */
export function addCounts(to: Counts, more: Counts): void {
  for (const name of Object.keys(to) as (keyof Counts)[]) to[name] += more[name]
}

/** Adds outcomes that were seen later. */
export function addOutcomes(to: Entry['outcomes'], later: Iterable<Outcome>): void {
  for (const { outcome, count, witness } of later) {
    const known = to.get(outcome) ?? (to.size < MOST_OUTCOMES ? undefined : to.get(OTHERS))
    if (known !== undefined) known.count += count
    else to.set(to.size < MOST_OUTCOMES ? outcome : OTHERS, { count, witness })
  }
}

/** The outcomes, in the order in which they were seen. */
export const outcomesOf = ({ outcomes }: Entry): Outcome[] =>
  [...outcomes].map(([outcome, { count, witness }]) => ({ outcome, count, witness }))

/** Puts what a part has given away in its place. */
export function insertGifts(entries: Entry[], giver: Entry, gifts: readonly Entry[]): void {
  entries.splice(entries.indexOf(giver) + 1, 0, ...gifts.toReversed())
}

/** Makes one of those that have ended and stand side by side. */
export function mergeEnded(entries: Entry[]): void {
  for (let k = entries.length - 1; k > 0; k--) {
    const [first, second] = [entries[k - 1], entries[k]]
    if (first.open || second.open) continue
    mergeInto(first, second)
    entries.splice(k, 1)
  }
}

/** Adds an entry to the one before it. */
function mergeInto(first: Entry, second: Entry): void {
  addCounts(first.counts, second.counts)
  first.newSteps += second.newSteps
  const share = first.share + second.share
  if (share > 0) first.behind = (first.share * first.behind + second.share * second.behind) / share
  first.share = share
  addOutcomes(first.outcomes, outcomesOf(second))
  first.found ??= second.found
}

/** All of them as one. They stay as they are. */
export function sumOf(entries: readonly Entry[]): Entry {
  const sum = createEntry(0, null, 0)
  for (const entry of entries) mergeInto(sum, entry)
  sum.behind *= sum.share
  return sum
}
