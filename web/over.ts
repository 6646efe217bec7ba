/**
 * Where a step over a call ends, and one out of it. A CPU shows its visible steps and no returns, so what has been
 * called is told from the functions that these stand in.
 */

import type { Site } from '../src/explore/internals.ts'
import { functionAround, within } from './view/sources.ts'

/** A function, by file and name: nested ones without a name are their outer one. */
interface Frame {
  readonly id: string
  readonly name: string
  /** It is the reader's program, or the scenario's, which others are called by. */
  readonly outermost: boolean
}

function frameAt(site: Site | undefined): Frame | undefined {
  if (site === undefined) return undefined
  const name = functionAround(site)?.[0] ?? ''
  return { id: `${site.file} ${name}`, name, outermost: !site.file.startsWith('src/') }
}

const calledByName = (caller: Frame, callee: Frame): boolean => within(caller.name).has(callee.name)
/** A program may be handed another one to call. */
const mayCall = (caller: Frame, callee: Frame): boolean => caller.outermost || calledByName(caller, callee)

/** The calls that a CPU is in after steps at these places, innermost last. */
function callsOf(sites: readonly (Site | undefined)[]): Frame[] {
  const calls: Frame[] = []
  for (const site of sites) {
    const frame = frameAt(site)
    if (frame === undefined) continue
    const known = calls.findLastIndex(({ id }) => id === frame.id)
    if (known >= 0) calls.length = known + 1
    else {
      while (calls.length > 0 && !mayCall(calls[calls.length - 1], frame)) calls.pop()
      calls.push(frame)
    }
  }
  return calls
}

/** Whether a CPU that was to step at `from` has come out of that function when it is to step at `site`. */
export function outFrom(
  steps: readonly (Site | undefined)[],
  from: Site | undefined,
): (site: Site | undefined) => boolean {
  const here = frameAt(from)
  if (here === undefined) return () => true
  const callers = new Set(
    callsOf([...steps, from])
      .slice(0, -1)
      .map(({ id }) => id),
  )
  return (site) => {
    const frame = frameAt(site)
    if (frame === undefined || frame.id === here.id) return false
    return callers.has(frame.id) || !mayCall(here, frame)
  }
}

/**
 * Whether a CPU that was to step at `from` is over that call when it is to step at `site`. It is back in what it had
 * been in before; or out of the call, in a function that this can't have called. Where the next step is the first one
 * in a function of the sources, that call is the one to go over. The program itself stops before what it calls next.
 */
export function overFrom(
  steps: readonly (Site | undefined)[],
  from: Site | undefined,
): (site: Site | undefined) => boolean {
  const here = frameAt(from)
  if (here === undefined) return () => true
  const before = callsOf(steps)
  const last = before.at(-1)
  // Whoever can have called what was stepped last has come back from it.
  const returned = last !== undefined && mayCall(here, last)
  const entered = here.outermost || returned || before.some(({ id }) => id === here.id)
  const calls = callsOf([...steps, from])
  const back = new Set((entered ? calls : calls.slice(0, -1)).map(({ id }) => id))
  return (site) => {
    const frame = frameAt(site)
    if (frame === undefined) return false
    if (back.has(frame.id)) return true
    if (here.outermost) return calledByName(here, frame)
    return frame.id !== here.id && !mayCall(here, frame)
  }
}
