/**
 * Natives that are refused when they could touch shared memory: what they do would be no event of any thread.
 */

import { isSharedMemory } from '../runtime/shared-view.ts'
import { compiled } from './calls.ts'
import { silently } from './native-events.ts'
import { compilers, type Family, type Guard, type Guarded, type Native } from './native-table.ts'
import { refuse } from './refuse.ts'

/** What ends the process ends the explorer with it, and the other threads of a real program in mid-air. */
const { process } = globalThis as { process?: NodeJS.Process }
const ending: (Native | undefined)[] = [process?.exit, process?.abort, process?.kill]

const refuseEnd: Guard = (site, fn) =>
  refuse(
    site,
    `process.${fn.name} ends the process in mid-air, threads and explorer alike; return from the thread instead`,
  )

/** It may be handed a view, as a harmless native may, but not move the elements of one. */
const refuseMoved: Guard = (site, fn, self) => {
  if (isSharedMemory(self)) refuse(site, `${fn.name} of an array moves the elements of a view of shared memory unseen`)
}

export const ends: Guarded = [[Array.prototype.unshift, refuseMoved], ...ending.map((fn) => [fn, refuseEnd] as const)]

export const refusals: Family = [
  ...[...compilers].map((fn) => [fn as Native, silently((site) => refuse(site, compiled))] as const),
]
