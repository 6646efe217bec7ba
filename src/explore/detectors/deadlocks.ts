/**
 * Who waits for whom when nobody can go on.
 */
import { takenAt } from '../engine/held-locks.ts'
import { SLEEPS_AGAIN, STORES_AGAIN } from '../engine/pending-state.ts'
import { inPlace } from '../engine/place-in-source.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { restsForEver } from '../engine/tasks.ts'
import { ABSENT, DONE } from '../engine/thread-status.ts'
import { LOCK, PAUSE, READ_ENTER, SECTION_AWAIT } from '../runtime/kinds.ts'
import { type Detector, type KnownFinding, NOTHING, type PlaceName } from './detector.ts'
import { type Wait, waitOf } from './wait.ts'

/** What is left behind by threads that are stuck, such as locks that are held, follows from that. */
export const createDeadlocks = (x: Execution, placeName: PlaceName): Detector => ({
  final: true,
  atEnd(ending) {
    const deadlock = ending === 'blocked' ? judgeEnd(x, placeName) : undefined
    return deadlock === undefined ? NOTHING : [deadlock]
  },
})

/** The deadlock at the end of an execution, or undefined if all threads have ended. */
function judgeEnd(x: Execution, nameOf: PlaceName): KnownFinding | undefined {
  const waits: Wait[] = []
  for (let t = 0; t < x.trace.threads; t++) {
    const { [t]: status } = x.position.status
    if (status !== DONE && status !== ABSENT && !restsForEver(x, t)) waits.push(waitOf(x, t, nameOf))
  }
  for (const [thread, site] of x.agents.unsettled)
    waits.push({ thread, whom: undefined, why: `awaits a promise that nobody settles${inPlace(site)}` })
  if (waits.length === 0) return undefined
  const circle = circleIn(waits)
  // One that stores and takes it back is never at rest, and who waits for what it stored may see it, or always miss it.
  // Nor is one that sleeps again and again.
  const turning = waits.find(({ thread }) => turnsOn(x, thread) !== undefined)
  const name = (t: number) => nameOfThread(x, t)
  const shown = circle.length > 0 ? circle : waits
  const told = shown.map(({ thread, why }) => `${name(thread)} ${why}`)
  const events = shown.map(({ thread, whom }) => causeOf(x, thread, whom)).filter((i) => i >= 0)
  return {
    kind: turning === undefined ? 'deadlock' : 'livelock',
    message:
      turning !== undefined
        ? `livelock: ${waits.map(({ thread, why }) => `${name(thread)} ${why}`).join('; ')}, and ${name(turning.thread)} ${turnsOn(x, turning.thread)} in each turn`
        : `${circle.length > 0 ? 'deadlock' : 'stuck'}: ${told.join('; ')}`,
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

/** What a thread does in each turn of a loop that goes on for ever; undefined if it is at rest. */
function turnsOn({ position }: Execution, t: number): string | undefined {
  const { kind, b } = position.pending[t]
  if (kind !== PAUSE) return undefined
  if (b === STORES_AGAIN) return 'stores something and takes it back'
  return b === SLEEPS_AGAIN ? 'sleeps until its timeout' : undefined
}

/**
 * The step that makes a thread wait: where `whom` took the lock, or entered its read section; else its own last step.
 */
function causeOf(x: Execution, thread: number, whom: number | undefined): number {
  const { trace } = x
  const p = x.position.pending[thread]
  if (whom !== undefined && p.kind === LOCK) return takenAt(trace, trace.last[whom], p.start)
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
