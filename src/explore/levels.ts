/**
 * What an exact search knows of each prefix of its current execution: who sleeps there, and what is still to be explored.
 *
 * Level l is the prefix of l events. Columns of typed arrays, with room for as many sleepers as there are threads.
 */
import { CONFLICTS } from './access.ts'
import type { Trace } from './trace.ts'

export interface Levels {
  /** Sleepers a level has room for. */
  width: number
  /** First wakeup tree node still to be explored, -1 for none. */
  heads: Int32Array
  /** How many branches have been explored to their end. */
  explored: Int32Array
  /** How many threads sleep; their operations stand in the columns below, from `level * width`. */
  sleepers: Int32Array
  thread: Int32Array
  class: Int32Array
  start: Int32Array
  end: Int32Array
}

const SLEEP = ['thread', 'class', 'start', 'end'] as const

export function createLevels(trace: Trace): Levels {
  const depth = 256
  const width = Math.max(4, trace.stride)
  const sleep = () => new Int32Array(depth * width)
  return {
    width,
    heads: new Int32Array(depth).fill(-1),
    explored: new Int32Array(depth),
    sleepers: new Int32Array(depth),
    thread: sleep(),
    class: sleep(),
    start: sleep(),
    end: sleep(),
  }
}

/** Makes room for that level, and for all threads there are. */
export function reachLevel(levels: Levels, level: number, trace: Trace): void {
  if (level >= levels.heads.length || trace.stride > levels.width) growLevels(levels, level, trace)
}

// Apart, because a function with closures in it makes room for what they capture in every call.
function growLevels(levels: Levels, level: number, trace: Trace): void {
  const depth = levels.heads.length
  const { width } = levels
  let deeper = depth
  while (level >= deeper) deeper *= 2
  const wider = Math.max(width, trace.stride)
  const grown = (from: Int32Array, fill: number) => {
    const to = new Int32Array(deeper).fill(fill)
    to.set(from)
    return to
  }
  levels.heads = grown(levels.heads, -1)
  levels.explored = grown(levels.explored, 0)
  levels.sleepers = grown(levels.sleepers, 0)
  for (const name of SLEEP) {
    const to = new Int32Array(deeper * wider)
    for (let l = 0; l < depth; l++) to.set(levels[name].subarray(l * width, (l + 1) * width), l * wider)
    levels[name] = to
  }
  levels.width = wider
}

/** Whether a thread sleeps at a level. */
export function sleepsAt({ width, sleepers, thread }: Levels, level: number, who: number): boolean {
  for (let k = level * width, to = k + sleepers[level]!; k < to; k++) if (thread[k] === who) return true
  return false
}

/** One more thread sleeps at a level, with that operation. */
export function putToSleep(levels: Levels, level: number, thread: number, cls: number, start: number, end: number) {
  const k = level * levels.width + levels.sleepers[level]!++
  levels.thread[k] = thread
  levels.class[k] = cls
  levels.start[k] = start
  levels.end[k] = end
}

/** Who sleeps before event `i` goes on sleeping after it, unless it depends on it. */
export function sleepOn(levels: Levels, trace: Trace, i: number): void {
  const { width, sleepers, thread, class: classes, start: starts, end: ends } = levels
  const conflicts = CONFLICTS[trace.class[i]!]!
  const start = trace.start[i]!
  const end = trace.end[i]!
  let to = (i + 1) * width
  for (let k = i * width, last = k + sleepers[i]!; k < last; k++) {
    if (((conflicts >> classes[k]!) & 1) === 1 && starts[k]! < end && start < ends[k]!) continue
    thread[to] = thread[k]!
    classes[to] = classes[k]!
    starts[to] = starts[k]!
    ends[to] = ends[k]!
    to++
  }
  sleepers[i + 1] = to - (i + 1) * width
}
