/**
 * What only the walk itself can show, and what it has to know all the time: which callbacks threads queue, who reads in
 * sections, and where objects lie. When something new comes up the walk begins again.
 */
import type { Twin } from '../runtime/twin.ts'

/** A thread that a callback runs as. */
export interface Helper {
  /** Who queues it, and as its how manieth callback, from 0 on. */
  readonly parent: number
  readonly nth: number
  /** Makes its generator, as it was queued last. */
  start: () => Twin
}

/** An object, in bytes. */
interface Extent {
  readonly start: number
  readonly end: number
}

export interface Learned {
  /** They are the threads behind those of the program. */
  readonly helpers: Helper[]
  /** Threads that have entered a read section, in order. */
  sections: readonly number[]
  /** By word, the bytes that belonged to its object in all executions. */
  readonly objects: Map<number, Extent>
  /** The walk did not know all of this when it began. */
  isNew: boolean
}

export const createLearned = (): Learned => ({ helpers: [], sections: [], objects: new Map(), isNew: false })

/** The number of a callback among the helpers. */
export function helperOf(learned: Learned, parent: number, nth: number, start: () => Twin): number {
  const { helpers } = learned
  const known = helpers.findIndex((each) => each.parent === parent && each.nth === nth)
  if (known >= 0) {
    helpers[known].start = start
    return known
  }
  learned.isNew = true
  return helpers.push({ parent, nth, start }) - 1
}

export function readsInSection(learned: Learned, thread: number): void {
  if (learned.sections.includes(thread)) return
  learned.isNew = true
  learned.sections = [...learned.sections, thread].sort((a, b) => a - b)
}

/** An object begins to live. Where others lay there, what all have in common is left. */
export function lives(learned: Learned, start: number, end: number): void {
  for (let at = start; at < end; at += 4) {
    const known = learned.objects.get(at)
    if (known === undefined) learned.objects.set(at, { start, end })
    else if (known.start < start || known.end > end) {
      learned.isNew = true
      learned.objects.set(at, { start: Math.max(start, known.start), end: Math.min(end, known.end) })
    }
  }
}
