/**
 * Who waits for whom when nobody can go on.
 */

import type { Finding } from '../engine/finding.ts'
import { ownerOf } from '../engine/held-locks.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { ABSENT, DONE } from '../engine/thread-status.ts'
import { AWAIT, EXIT_AWAIT, LOCK, PAUSE, READ_ENTER, SECTION_AWAIT, TIMED, WOKEN } from '../runtime/kinds.ts'
import { takenAt } from './lock-rules.ts'

/** One thread that can't go on. */
export interface Wait {
  thread: number
  /** The thread it waits for, if that can be told. */
  whom: number | undefined
  /** "waits for lock m, held by 1". */
  why: string
}

/** Why a blocked thread can't go on. */
export function waitOf(x: Execution, thread: number, nameOf: (address: number) => string): Wait {
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
    case AWAIT:
      return { thread, whom: undefined, why: `waits for ${nameOf(p.start)} to change` }
    case WOKEN:
    case TIMED:
      return { thread, whom: undefined, why: `sleeps on ${nameOf(p.start)}` }
    case PAUSE: {
      const read = (p.a as number[]).map((i) => nameOf(x.trace.address[i]))
      const names = [...new Set(read.reverse())]
      const what = names.length === 1 ? `${names[0]} changes` : `somebody stores to ${names.join(' or ')}`
      return { thread, whom: undefined, why: `spins until ${what}` }
    }
    default:
      return { thread, whom: undefined, why: 'could go on' }
  }
}

/** The deadlock at the end of an execution, or undefined if all threads have ended. */
export function judgeEnd(x: Execution, nameOf: (address: number) => string): Finding | undefined {
  const waits: Wait[] = []
  for (let t = 0; t < x.trace.threads; t++) {
    if (x.position.status[t] !== DONE && x.position.status[t] !== ABSENT) waits.push(waitOf(x, t, nameOf))
  }
  if (waits.length === 0) return undefined
  const circle = circleIn(waits)
  const name = (t: number) => nameOfThread(x, t)
  const shown = circle.length > 0 ? circle : waits
  const told = shown.map(({ thread, why }) => `${name(thread)} ${why}`)
  const events = shown.map(({ thread, whom }) => causeOf(x, thread, whom)).filter((i) => i >= 0)
  return {
    kind: 'deadlock',
    message: `${circle.length > 0 ? 'deadlock' : 'stuck'}: ${told.join('; ')}`,
    sites: waits.map(({ thread }) => x.position.pending[thread].site),
    events: [...new Set(events)],
    thread: waits[0].thread,
    at: -1,
    why: shown.map(({ thread, whom, why }) => {
      const { site } = x.position.pending[thread]
      const cause = whom === undefined ? -1 : causeOf(x, thread, whom)
      const since = cause < 0 ? '' : `, since step ${cause + 1}${inPlace(x.trace.site[cause])}`
      return `${name(thread)}${inPlace(site)} ${why}${since}`
    }),
  }
}

const inPlace = (site: number): string => (whereIs(site) === '' ? '' : ` at ${whereIs(site)}`)

/** The step that makes a thread wait: where `whom` took the lock, or entered its read section; else its own last step. */
function causeOf(x: Execution, thread: number, whom: number | undefined): number {
  const { trace } = x
  const p = x.position.pending[thread]
  if (whom !== undefined && p.kind === LOCK) return takenAt(x, trace.last[whom], p.start)
  if (whom !== undefined && p.kind === SECTION_AWAIT) {
    for (let i = trace.last[whom]; i >= 0; i = trace.past[i]) if (trace.kind[i] === READ_ENTER) return i
  }
  return trace.last[thread]
}

function circleIn(waits: readonly Wait[]): Wait[] {
  const byThread = new Map(waits.map((wait) => [wait.thread, wait]))
  for (const start of waits) {
    const path: Wait[] = []
    for (let wait: Wait | undefined = start; wait !== undefined; wait = byThread.get(wait.whom ?? -1)) {
      if (path.includes(wait)) return path.slice(path.indexOf(wait))
      path.push(wait)
    }
  }
  return []
}
