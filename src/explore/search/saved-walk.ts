/**
 * What lies ahead of an exact search, as JSON: what another search of the same program can take up, here or elsewhere.
 *
 * Helper threads and the buffers that threads make are numbered as they turn up, so another search may know them by
 * other numbers. What is saved names both, and is told in the numbers of whoever takes it up.
 */
import { createHelper } from '../engine/helper-threads.ts'
import { baseOfMade, EXITS, HISTORY, type Memory, SECTIONS } from '../engine/memory.ts'
import type { Execution } from '../engine/state.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { amount, below, count, flag, list, orNothing, record, type Shape, text } from '../runtime/shape.ts'
import type { Frame } from './ahead.ts'
import type { Moved } from './moved.ts'
import type { Operation } from './operation.ts'

/** A buffer that a thread makes: whose, after how many others, its size, and its flat address. */
interface Made {
  readonly label: string
  readonly turn: number
  readonly bytes: number
  readonly base: number
}

/** What is kept of an exact search. */
export interface SavedWalk {
  /** The threads, helpers included, in the order of their numbers. */
  readonly labels: readonly string[]
  readonly frames: readonly Frame[]
  /** The buffers that they make. Not there: they make none. */
  readonly made?: readonly Made[] | undefined
  /** It speaks of memory that is known to this search alone. Not there: of none. */
  readonly apart?: true | undefined
  /** What comes behind it, in numbers of its own. Not there: nothing. */
  readonly behind?: readonly SavedWalk[] | undefined
}

/** Saves frames of a search. */
export function saveFrames({ program, memory }: Execution, frames: readonly Frame[]): SavedWalk {
  const labels = [...program.labels]
  const made = [...memory.bases].map(([key, base]) => {
    const [thread, turn, bytes] = key.split(' ').map(Number)
    return { label: labels[thread], turn, bytes, base }
  })
  const isMade = (address: number) => made.some(({ base, bytes }) => address >= base && address < base + bytes)
  let apart = false as boolean
  const look = (address: number) => {
    if (address >= memory.settled && address < SECTIONS && !isMade(address)) apart = true
    return address
  }
  for (const frame of frames) retold(frame, (t) => t, look)
  return { labels, frames, ...(made.length > 0 && { made }), ...(apart && { apart }) }
}

/**
 * The frames of a saved search as they are in this one, the latest execution last. The first execution must have been
 * run. Throws a MisuseError for what only the search knows that saved them.
 */
export function framesOf(x: Execution, { labels, frames, made = [], apart, behind = [] }: SavedWalk): Frame[] {
  if (apart === true) {
    throw new MisuseError(
      'the search can only go on where it began: a thread touches shared memory that setup neither made nor returned, and that the first execution does not touch',
    )
  }
  const before = behind.toReversed().flatMap((each) => framesOf(x, each))
  const threads = labels.map((label) => threadOf(x, label))
  const regions = made.map(({ label, turn, bytes, base }) => {
    return { base, bytes, here: baseOfMade(x.memory, threads[labels.indexOf(label)], turn, bytes) }
  })
  const address = addressesIn(x.memory, threads, regions)
  const same = threads.every((here, t) => here === t) && regions.every(({ base, here }) => base === here)
  return [...before, ...frames.map((frame) => (same ? { ...frame } : retold(frame, (t) => threads[t], address)))]
}

/** The number of the thread of that label, which gets one if it has none. */
function threadOf(x: Execution, label: string): number {
  const { labels } = x.program
  const known = labels.indexOf(label)
  if (known >= 0) return known
  const dot = label.lastIndexOf('.')
  return createHelper(x, threadOf(x, label.slice(0, dot)), Number(label.slice(dot + 1)) - 1, function* () {})
}

/** Where the bytes lie here that lie there at an address. */
function addressesIn(
  memory: Memory,
  threads: readonly number[],
  regions: readonly { base: number; bytes: number; here: number }[],
): (address: number) => number {
  const ofThread = (from: number, address: number) => from + 4 * threads[(address - from) >> 2]
  return (address) => {
    if (address < memory.settled || address >= HISTORY) return address
    if (address >= EXITS) return ofThread(EXITS, address)
    if (address >= SECTIONS) return ofThread(SECTIONS, address)
    const region = regions.find(({ base, bytes }) => address >= base && address < base + bytes)
    return region === undefined ? address : region.here + address - region.base
  }
}

/** A frame in other numbers. */
function retold(frame: Frame, thread: (t: number) => number, address: (at: number) => number): Frame {
  const operation = ({ words, ...its }: Operation): Operation => {
    const start = address(its.start)
    return {
      ...its,
      thread: thread(its.thread),
      agent: its.agent === undefined ? undefined : thread(its.agent),
      ends: its.ends === undefined ? undefined : thread(its.ends),
      start,
      end: start + its.end - its.start,
      words: words?.map((at, k) => (k % 2 === 0 ? address(at) : address(words[k - 1]) + at - words[k - 1])),
    }
  }
  const moved = (its: Moved): Moved => ({ ...its, was: operation(its.was), rival: operation(its.rival) })
  return {
    ...frame,
    threads: frame.threads.map(thread),
    reversals: frame.reversals.map((its) => ({
      ...its,
      threads: its.threads.map(thread),
      moved: its.moved.map(moved),
      rival: thread(its.rival),
      rivalMoved: its.rivalMoved && moved(its.rivalMoved),
    })),
  }
}

/** What is wrong with it, in a program of so many threads beside helpers. */
export const savedWalk =
  (given: number): Shape =>
  (saved, place) => {
    const labels = (saved as Partial<SavedWalk> | null)?.labels
    const thread = below(Array.isArray(labels) ? labels.length : given)
    const operation = record({
      thread,
      nth: count,
      class: count,
      start: amount,
      end: amount,
      words: orNothing(list(amount)),
      agent: orNothing(thread),
      ends: orNothing(thread),
    })
    const moved = record({ at: count, was: operation, rival: operation, turn: count, settled: flag, passed: flag })
    const reversal = record({
      at: count,
      threads: list(thread),
      moved: list(moved),
      rival: thread,
      rivalMoved: orNothing(moved),
    })
    const frame = record({ threads: list(thread), reversals: list(reversal), begun: count })
    const wrong = record({
      labels: list(text),
      frames: list(frame),
      made: orNothing(list(record({ label: text, turn: count, bytes: count, base: count }))),
      apart: orNothing(flag),
      behind: orNothing(list(savedWalk(given))),
    })(saved, place)
    return wrong ?? contradiction(saved as SavedWalk, given, place)
  }

/** Numbers that lead beyond what is there, and helpers of nobody. */
function contradiction({ labels, frames, made = [] }: SavedWalk, given: number, place: string): string | undefined {
  const isLabel = (label: string, t: number): boolean =>
    t < given
      ? label === String(t)
      : /\.[1-9]\d*$/.test(label) && labels.slice(0, t).includes(label.slice(0, label.lastIndexOf('.')))
  if (labels.length < given || !labels.every(isLabel)) return `${place}.labels: got ${labels}, which are no threads`
  const stranger = made.find(({ label }) => !labels.includes(label))
  if (stranger !== undefined) return `${place}.made: got a buffer of ${stranger.label}, which is no thread`
  const at = frames.findIndex(
    ({ threads, reversals, begun }) =>
      begun > reversals.length || reversals.some((each) => each.at > threads.length || each.threads.length === 0),
  )
  return at === -1 ? undefined : `${place}.frames[${at}]: got a reversal that does not fit its schedule`
}
