/**
 * Shares an exact search out among workers, and puts together what they tell.
 *
 * Whoever is idle gets the earliest part that nobody is at; if there is none, somebody is asked to give one away. What
 * is found ends the parts behind it alone: those before it are explored to their ends, so that what is reported is what
 * one core would come to first. Nothing here knows how a worker is reached.
 */
import type { Result } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { SavedWalk } from '../search/saved-walk.ts'
import {
  addCounts,
  addOutcomes,
  addReport,
  createEntry,
  type Entry,
  insertGifts,
  mergeEnded,
  sumOf,
} from './line-up.ts'
import { conclude, end } from './result-of-all.ts'
import type { Hand, ShareOptions, State, Worker } from './share-state.ts'
import { tell } from './telling.ts'
import type { Asked, Report, Word } from './words.ts'

/** The scenario asks for a search that can't be shared. */
export class Unshared extends MisuseError {}

type Begun = Extract<Word, { begun: string }>

/** A search that is shared. */
export interface Shared {
  /** Takes on one more worker. Returns what is to be called with each word of it. */
  join(hand: Hand): (word: Word) => void
  /** Ends it: nothing comes of it. */
  fail(error: unknown): void
  readonly result: Promise<Result>
}

/** Executions that a worker may run at least before it comes back for more. */
const FEW = 256

/** Begins to share a search out. */
export function shareOut(options: ShareOptions): Shared {
  const { resume } = options
  const { promise, resolve, reject } = withResolvers<Result>()
  const first = createEntry(1, (resume?.search as object | undefined) ?? null, 1)
  if (resume !== undefined) {
    addCounts(first.counts, resume.counts)
    addOutcomes(first.outcomes, resume.outcomes)
  }
  const state: State = {
    options,
    entries: [first],
    workers: [],
    started: undefined,
    executions: 0,
    asked: { maxExecutions: undefined, seconds: undefined },
    clock: undefined,
    start: undefined,
    fingerprint: '',
    ids: 1,
    told: 0,
    budget: '',
    cutShort: resume?.cutShort === true,
    slept: resume?.slept === true,
    nothing: undefined,
    over: false,
    resolve,
    reject,
  }
  const result = promise.finally(() => {
    clearTimeout(state.clock)
    for (const { hand } of state.workers) hand.tell({ quit: true })
  })
  return { join: (hand) => join(state, hand), fail: reject, result }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((one, other) => {
    resolve = one
    reject = other
  })
  return { promise, resolve, reject }
}

function join(state: State, hand: Hand): (word: Word) => void {
  const number = state.workers.length
  const worker: Worker = {
    number,
    hand,
    entry: undefined,
    asked: false,
    executions: 0,
    ready: false,
    look: undefined,
    suspected: [],
    learned: [],
    drawn: [],
  }
  state.workers.push(worker)
  return (word) => {
    try {
      if ('begun' in word) welcome(state, worker, word)
      else if ('unshared' in word) throw new Unshared(word.unshared)
      else if ('report' in word) hear(state, worker, word.report)
      else if ('look' in word) {
        worker.look = word.look
        conclude(state)
      } else state.resolve(word.result)
    } catch (error) {
      state.reject(error)
    }
  }
}

function welcome(state: State, worker: Worker, { begun: start, fingerprint, asked }: Begun): void {
  const { resume } = state.options
  if (resume !== undefined && resume.fingerprint !== fingerprint)
    throw new MisuseError('the checkpoint was made from other code')
  if ((state.start ??= start) !== start) {
    throw new MisuseError(
      'what setup makes, or the first execution, is another one on each worker: by chance, by the time, or by what lies around; --jobs 1 explores on one',
    )
  }
  state.fingerprint = fingerprint
  begin(state, asked)
  // Late: the others are about to put the result together.
  if (state.over) return
  worker.ready = true
  handOut(state)
}

/** Starts the clock, and sets out what may be spent. */
function begin(state: State, asked: Asked): void {
  if (state.started !== undefined) return
  state.started = state.told = performance.now()
  state.asked = asked
  const { maxExecutions = Number.MAX_SAFE_INTEGER, seconds } = asked
  state.executions = maxExecutions - (state.options.resume?.counts.executions ?? 0)
  if (seconds !== undefined) state.clock = setTimeout(() => spend(state, 'time'), Math.min(seconds * 1000, 0x7fffffff))
}

/** Gives everybody who is idle the earliest part that nobody is at, and asks for more if there are not enough. */
function handOut(state: State): void {
  const { entries, workers } = state
  const idle = workers.filter(({ ready, entry }) => ready && entry === undefined)
  const taken = new Set(workers.map(({ entry }) => entry))
  const waiting = entries.filter((entry) => entry.open && !taken.has(entry))
  while (state.budget === '' && state.executions > 0 && idle.length > 0 && waiting.length > 0)
    hand(state, idle.shift()!, waiting.shift()!)
  if (state.budget === '') askFor(state, idle.length - waiting.length)
  if (workers.some(({ entry }) => entry !== undefined)) return
  if (waiting.length > 0 && state.executions <= 0) state.budget ||= 'executions'
  if (state.budget !== '' || waiting.length === 0) end(state)
}

function hand(state: State, worker: Worker, entry: Entry): void {
  worker.entry = entry
  worker.asked = false
  worker.executions = executionsFor(state)
  state.executions -= worker.executions
  worker.hand.tell({
    explore: entry.id,
    walk: entry.left,
    // What stood before it has come to its end once, or nothing would have been given away.
    completed: entry.id > 1 || entry.counts.complete > 0,
    saves: state.options.onCheckpoint !== undefined,
    executions: worker.executions,
  })
}

/** How many executions one worker may run, until it comes back for more. */
function executionsFor({ executions, workers }: State): number {
  const fair = Math.ceil(executions / (4 * workers.length))
  return Math.min(executions, Math.max(fair, FEW))
}

/** Asks so many workers for a piece, those first of whose parts the most seems to be left. */
function askFor({ workers }: State, pieces: number): void {
  const left = ({ entry }: Worker) => entry!.share * (1 - entry!.behind)
  const busy = workers.filter(({ entry }) => entry?.open === true).sort((a, b) => left(b) - left(a))
  for (const worker of busy.slice(0, Math.max(0, pieces))) {
    if (worker.asked) continue
    worker.asked = true
    worker.hand.ask(worker.entry!.id)
  }
}

function hear(state: State, worker: Worker, report: Report): void {
  const { entry } = worker
  if (entry?.id !== report.part) throw new Error(`a report on part ${report.part}, which is not explored`)
  worker.suspected = report.suspected
  worker.learned = report.learned
  worker.drawn = report.drawn
  worker.executions -= report.counts.executions
  state.slept ||= report.slept
  if (report.gifts.length > 0) worker.asked = false
  // What was found before it is not explored any more.
  if (state.entries.includes(entry)) takeIn(state, worker, entry, report)
  if (report.ended !== '') {
    worker.entry = undefined
    state.executions += worker.executions
  }
  handOut(state)
  tell(state)
}

function takeIn(state: State, worker: Worker, entry: Entry, report: Report): void {
  const { entries, options } = state
  addReport(entry, report, worker.number)
  state.cutShort ||= report.cutShort
  entry.behind = report.ended === 'done' ? 1 : report.behind
  entry.open = report.ended === '' || report.ended === 'stopped'
  entry.left = report.left ?? entry.left
  const gifts = report.gifts.map(({ walk, share }) => createEntry(++state.ids, walk, share * entry.share))
  for (const gift of gifts) entry.share -= gift.share
  insertGifts(entries, entry, gifts)
  if (report.ended === 'found') {
    dropBehind(state, entry)
    if (options.first === true) dropBefore(state, entry)
  }
  if (report.ended === 'done') state.nothing = report.left as SavedWalk
  mergeEnded(entries)
}

/** What comes behind it is not explored any more, and does not count. */
function dropBehind(state: State, entry: Entry): void {
  drop(state, state.entries.splice(state.entries.indexOf(entry) + 1))
}

/** What comes before it is not explored any more, but counts. */
function dropBefore(state: State, entry: Entry): void {
  const before = state.entries.splice(0, state.entries.indexOf(entry))
  drop(state, before)
  const sum = sumOf(before)
  addCounts(entry.counts, sum.counts)
}

function drop({ workers }: State, dropped: readonly Entry[]): void {
  for (const { hand, entry } of workers) if (entry !== undefined && dropped.includes(entry)) hand.stop(entry.id)
}

/** A budget is spent: everybody leaves off. */
function spend(state: State, budget: 'time'): void {
  if (state.over || state.budget !== '') return
  state.budget = budget
  for (const { hand, entry } of state.workers) if (entry !== undefined) hand.stop(entry.id)
  handOut(state)
}
