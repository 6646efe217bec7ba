/**
 * Shares an exact search out among workers, and puts together what they tell.
 *
 * Whoever is idle gets the earliest part that nobody is at; if there is none, somebody is asked to give one away. What
 * is found ends the parts behind it alone: those before it are explored to their ends, so that what is reported is what
 * one core would come to first. Nothing here knows how a worker is reached.
 */
import type { Progress, Result } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Checkpoint } from '../scenario.ts'
import type { SavedWalk } from '../search/saved-walk.ts'
import {
  addCounts,
  addOutcomes,
  addReport,
  createEntry,
  type Entry,
  insertGifts,
  mergeEnded,
  outcomesOf,
  sumOf,
} from './line-up.ts'
import type { Asked, Look, Order, Report, Sum, Word } from './words.ts'

/** The scenario asks for a search that can't be shared. */
export class Unshared extends MisuseError {}

type Begun = Extract<Word, { begun: string }>

/** A worker, as it is reached. */
export interface Hand {
  tell(order: Order): void
  /** Asks it to leave off that part. */
  stop(part: number): void
  /** Asks it for a piece of that part. */
  ask(part: number): void
}

/** What is asked of all together. */
export interface ShareOptions {
  /** Take the violation that is found first, whatever comes before it. */
  readonly first?: boolean | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => void) | undefined
  readonly resume?: Checkpoint | undefined
}

/** A search that is shared. */
export interface Shared {
  /** Takes on one more worker. Returns what is to be called with each word of it. */
  join(hand: Hand): (word: Word) => void
  /** Ends it: nothing comes of it. */
  fail(error: unknown): void
  readonly result: Promise<Result>
}

interface Worker {
  readonly number: number
  readonly hand: Hand
  /** The part that it is at. */
  entry: Entry | undefined
  /** It has been asked for a piece of it. */
  asked: boolean
  /** How many executions it may still run. */
  executions: number
  /** It has said that it is there. */
  ready: boolean
  look: Look | undefined
  suspected: readonly string[]
}

/** Milliseconds between two words on how far it is. */
const TELLING = 250
/** Executions that a worker may run at least before it comes back for more. */
const FEW = 256

interface State {
  readonly options: ShareOptions
  readonly entries: Entry[]
  readonly workers: Worker[]
  /** By the clock of `performance`: when the first worker was there. */
  started: number | undefined
  /** What the scenario and its options ask of all together. */
  asked: Asked
  /** Executions that nobody may run yet. */
  executions: number
  clock: NodeJS.Timeout | undefined
  /** What all who work at it have in common. */
  start: string | undefined
  fingerprint: string
  ids: number
  told: number
  budget: Result['budget']
  cutShort: boolean
  slept: boolean
  /** What a part that has ended still has ahead of it. */
  nothing: SavedWalk | undefined
  /** Nobody explores any more. */
  over: boolean
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

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

/** Tells how far it is. */
function tell(state: State): void {
  const { options, started, entries } = state
  const now = performance.now()
  if (state.over || started === undefined || now - state.told < TELLING) return
  state.told = now
  const { counts, behind } = sumOf(entries)
  const seconds = (now - started) / 1000
  const { executions } = counts
  options.onProgress?.({
    executions,
    rate: (executions - (options.resume?.counts.executions ?? 0)) / seconds,
    seconds,
    estimate:
      behind > 0
        ? {
            executions: Math.round(executions / behind),
            method: 'by known branches, each taken for equally large; more may appear',
          }
        : undefined,
  })
  saveCheckpoint(state)
}

/** Tells what `resume` takes: what was counted, and the parts that are still open. */
function saveCheckpoint(state: State): void {
  const { options, entries, workers, fingerprint } = state
  const open = entries.filter((entry) => entry.open).map(({ left }) => left)
  // Nobody has told yet what lies ahead from the beginning.
  if (options.onCheckpoint === undefined || open.includes(null)) return
  const { counts, found, ...sum } = sumOf(entries)
  const suspected = workers.flatMap((worker) => worker.suspected)
  options.onCheckpoint({
    schema: 1,
    fingerprint,
    counts,
    outcomes: outcomesOf({ counts, found, ...sum }),
    failed: options.resume?.failed ?? found?.line ?? null,
    suspected: suspected.length > 0 ? suspected : options.resume?.suspected,
    cutShort: state.cutShort ? true : undefined,
    slept: state.slept ? true : undefined,
    search: inOne(open as SavedWalk[]) ?? state.nothing,
  })
}

/** Walks one behind the other as one. */
function inOne([first, ...others]: readonly SavedWalk[]): SavedWalk | undefined {
  if (first === undefined) return undefined
  const behind = [...(first.behind ?? []), ...others]
  return behind.length === 0 ? first : { ...first, behind }
}

/** Nobody explores any more: asks everybody for what only the end can tell. */
function end(state: State): void {
  const { options, workers, entries } = state
  if (state.over || !workers.some(({ ready }) => ready)) return
  const { counts, found } = sumOf(entries)
  const { maxExecutions } = state.asked
  if (maxExecutions !== undefined && counts.executions >= maxExecutions && found === undefined)
    state.budget ||= 'executions'
  if (state.budget !== '') saveCheckpoint(state)
  state.over = true
  const judge = found === undefined && options.resume?.failed == null
  for (const { hand, ready } of workers) if (ready) hand.tell({ look: { judge, steps: counts.steps } })
}

/** When everybody has told, one of them makes the result: the one that has found the violation. */
function conclude(state: State): void {
  const { workers, options, entries, started } = state
  const present = workers.filter(({ ready }) => ready)
  if (present.some(({ look }) => look === undefined)) return
  const looks = present.map(({ look }) => look!)
  const sum = sumOf(entries)
  const { counts, found } = sum
  const broken = found === undefined ? present.find(({ look }) => look?.found) : undefined
  if (broken !== undefined) counts.failing++
  const maker = found === undefined ? (broken ?? present[0]) : workers[found.worker]
  const seconds = (performance.now() - (started ?? performance.now())) / 1000
  const finish: Sum = {
    counts,
    outcomes: outcomesOf(sum),
    newSteps: sum.newSteps,
    peakAhead: Math.max(...looks.map(({ peakAhead }) => peakAhead)),
    behind: sum.behind,
    cutShort: state.cutShort || broken !== undefined,
    slept: state.slept,
    leavesOut: looks.some(({ leavesOut }) => leavesOut),
    budget: state.budget,
    drawn: [...new Set(looks.flatMap(({ drawn }) => drawn))],
    learned: present.flatMap((worker) => (worker === maker ? [] : worker.look!.learned)),
    found: found?.part ?? (broken === undefined ? undefined : -1),
    failed: options.resume?.failed ?? null,
    suspected: options.resume?.suspected ?? [],
    seconds,
    left: Math.max(0, (state.asked.seconds ?? Number.POSITIVE_INFINITY) - seconds),
  }
  maker.hand.tell({ finish })
}
