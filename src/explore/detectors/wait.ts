/**
 * Who waits for whom, in words: for reports, for the page, and for whoever looks for a circle of them.
 */
import { ownerOf } from '../engine/held-locks.ts'
import { TIMERS } from '../engine/memory.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { DONE } from '../engine/thread-status.ts'
import { ARRIVES, AWAIT, DUE, EXIT_AWAIT, LOCK, PAUSE, SECTION_AWAIT, TIMED, WOKEN } from '../runtime/kinds.ts'
import type { PlaceName } from './detector.ts'

/** One thread that can't go on. */
export interface Wait {
  thread: number
  /** The thread it waits for, if that can be told. */
  whom: number | undefined
  /** "waits for lock m, held by 1". */
  why: string
}

/** Why a blocked thread can't go on. */
export function waitOf(x: Execution, thread: number, nameOf: PlaceName): Wait {
  const p = x.position.pending[thread]
  const name = (t: number) => nameOfThread(x, t)
  switch (p.kind) {
    case LOCK: {
      const owner = ownerOf(x.primitives.locks, p.start)
      const whom = owner < 0 ? undefined : owner
      if (whom === thread) return { thread, whom, why: `waits for ${nameOf(p.start)}, which it holds itself` }
      const holder =
        whom === undefined
          ? ''
          : `, held by ${name(whom)}${x.position.status[whom] === DONE ? ', which has ended' : ''}`
      return { thread, whom, why: `waits for ${nameOf(p.start)}${holder}` }
    }
    case SECTION_AWAIT:
      return { thread, whom: p.index, why: `waits for a grace period: ${name(p.index)} is inside a read section` }
    case EXIT_AWAIT:
      return { thread, whom: p.index, why: `waits for ${name(p.index)} to end` }
    case ARRIVES:
      return { thread, whom: undefined, why: `waits for ${nameOf(p.start)}` }
    case AWAIT:
      return { thread, whom: undefined, why: `waits for ${nameOf(p.start)} to change` }
    case WOKEN:
    case TIMED:
    case DUE: {
      const never = 'that never runs out, since the scenario says timeouts: false'
      if (p.start >= TIMERS) {
        const why = x.program.timeouts === false ? `waits for a timer ${never}` : 'waits for its time'
        return { thread, whom: undefined, why }
      }
      // Of an operation that has become a sleep, `b` is the timeout.
      const endless = p.kind === WOKEN && Number(p.b) < Number.POSITIVE_INFINITY
      const why = endless ? `, with a timeout ${never}` : ''
      return { thread, whom: undefined, why: `sleeps on ${nameOf(p.start)}${why}` }
    }
    case PAUSE: {
      const read = ((p.a ?? []) as number[]).map((i) => nameOf(x.trace.address[i]))
      const names = [...new Set(read.reverse())]
      if (names.length === 0) return { thread, whom: undefined, why: 'spins for ever' }
      const what = names.length === 1 ? `${names[0]} changes` : `somebody stores to ${names.join(' or ')}`
      return { thread, whom: undefined, why: `spins until ${what}` }
    }
    default:
      return { thread, whom: undefined, why: 'could go on' }
  }
}
