/**
 * A process that explores roots of one search, one after the other, for a worker of a queue. It reports as it does to
 * `explore --jobs`; what it tells of a root is kept here until the root is committed as a whole.
 */

import { CommandFailure } from '../command/command-failure.ts'
import type { Hand, Look, Report, Word } from '../explore/internals-load.ts'
import type { Plan } from './explore-plan.ts'
import type { Commit, OpenRoot, Root } from './queue-store.ts'
import { nameOfGift } from './queue-store.ts'
import { sumOfTold, type Told, toldIn } from './queue-told.ts'
import { runJob } from './scenario-process.ts'

/** What a search begins with, here. */
export type Begun = Extract<Word, { begun: string }>

/** How a root is worked at. */
export interface Work {
  /** Seconds after which it is committed as far as it is. */
  readonly slice: number
  /** How many roots are wanted of it now. Negative: it is no longer to be explored. */
  readonly wanted: () => Promise<number>
  readonly signal: AbortSignal
}

/** A process that explores roots. */
export interface Seat {
  /** What the search begins with. Rejects if it can't be explored here, or not by several. */
  readonly begun: Promise<Begun>
  /** Explores a root of which that was told before. */
  explore(root: OpenRoot, before: Told | undefined, work: Work): Promise<Commit>
  end(): void
}

/** Milliseconds between two looks whether more roots are wanted, and before the first of a root. */
const LOOK = 200
/** More executions than one root will have in a slice. */
const ANY_NUMBER = 2 ** 40

/** What the process says, as it is waited for. */
interface Heard {
  begun: (word: Begun) => void
  report: (report: Report) => void
  look: (look: Look) => void
  fail: (error: unknown) => void
}

/** Starts a process for that search. */
export function startSeat(plan: Plan, patience: number): Seat {
  const over = new AbortController()
  const nothing = () => {}
  const heard: Heard = { begun: nothing, report: nothing, look: nothing, fail: nothing }
  let hand: Hand | undefined
  let parts = 0
  const join = (its: Hand) => {
    hand = its
    return (word: Word) => {
      if ('begun' in word) heard.begun(word)
      else if ('unshared' in word) heard.fail(new CommandFailure(`${plan.scenario}: ${word.unshared}`, 'usage'))
      else if ('report' in word) heard.report(word.report)
      else if ('look' in word) heard.look(word.look)
    }
  }
  const job = runJob({ share: plan }, { name: plan.scenario, patience, join, signal: over.signal })
  const ended = job.then(
    () => Promise.reject(new CommandFailure(`${plan.scenario}: its process has ended`)),
    (error: unknown) => Promise.reject(error),
  )
  ended.catch(nothing)
  const orEnded = <T>(what: Promise<T>) => Promise.race([what, ended]) as Promise<T>
  const begun = orEnded(
    new Promise<Begun>((resolve, reject) => {
      heard.begun = resolve
      heard.fail = reject
    }),
  )
  begun.catch(nothing)
  return {
    begun,
    explore: (root, before, work) => exploreRoot({ hand: hand!, heard, orEnded, part: ++parts }, root, before, work),
    end: () => over.abort(new CommandFailure(`${plan.scenario}: not wanted any more`)),
  }
}

interface Talk {
  readonly hand: Hand
  readonly heard: Heard
  /** Waits for that, but no longer than there is a process. */
  readonly orEnded: <T>(what: Promise<T>) => Promise<T>
  readonly part: number
}

/** Explores a root until it has come to its end, its time is over, or others have nothing to do. */
async function exploreRoot(
  { hand, heard, orEnded, part }: Talk,
  root: OpenRoot,
  before: Told | undefined,
  { slice, wanted, signal }: Work,
): Promise<Commit> {
  const reports: Report[] = []
  const gifts = new Map<string, Root>()
  let { share } = root
  let most = 0
  const stop = () => hand.stop(part)
  const last = new Promise<Report>((resolve) => {
    heard.report = (report) => {
      reports.push(report)
      for (const gift of report.gifts) {
        const its = gift.share * share
        share -= its
        gifts.set(nameOfGift(root.name, root.gifts + gifts.size), {
          walk: gift.walk,
          completed: true,
          share: its,
          gifts: 0,
        })
      }
      if (report.ended !== '') resolve(report)
      // Nothing is given before it is committed, so whoever waits gets it sooner if it stops.
      else if (report.gifts.length > 0) {
        if (gifts.size < most) hand.ask(part)
        else stop()
      }
    }
  })
  const timer = setTimeout(stop, slice * 1000)
  const looking = setInterval(() => {
    void wanted().then((n) => {
      if (n < 0) return stop()
      most = n
      if (n > 0) hand.ask(part)
    }, stop)
  }, LOOK)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const { walk, completed } = root
  hand.tell({ explore: part, walk, completed, executions: ANY_NUMBER, saves: false })
  const end = await orEnded(last).finally(() => {
    clearTimeout(timer)
    clearInterval(looking)
    signal.removeEventListener('abort', stop)
  })
  const looked = new Promise<Look>((resolve) => {
    heard.look = resolve
  })
  hand.tell({ look: { judge: true, steps: reports.reduce((steps, { counts }) => steps + counts.steps, 1) } })
  const look = await orEnded(looked)
  return commitOf(root, before, reports, end, look, share, gifts)
}

function commitOf(
  root: OpenRoot,
  before: Told | undefined,
  reports: readonly Report[],
  end: Report,
  look: Look,
  share: number,
  gifts: Map<string, Root>,
): Commit {
  const all = reports.map((report) => toldIn(report, report === end ? look : undefined))
  const told = sumOfTold(before === undefined ? all : [before, ...all])
  const isLeft = end.ended === 'stopped'
  const left = isLeft
    ? {
        walk: end.left as object,
        completed: root.completed || told.counts.complete > 0,
        share: share * (1 - end.behind),
        gifts: root.gifts + gifts.size,
      }
    : undefined
  return {
    told,
    executions: all.reduce((executions, { counts }) => executions + counts.executions, 0),
    behind: share * (isLeft ? end.behind : 1),
    left,
    gifts: end.ended === 'found' ? new Map() : gifts,
    found: end.ended === 'found',
  }
}
