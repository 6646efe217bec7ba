/**
 * What each CPU does where sockets and their map die together: gives its sockets storages, and then closes them.
 */

import type { CallContext } from '../src/workers/task.ts'
import type { Counted } from './scale-job.ts'

export interface DeathTask {
  /** Descriptor of the map. */
  readonly map: number
  /** Whether the first CPU closes it at the same time, so that it is freed while the sockets die. */
  readonly closeMap: boolean
  /** Descriptors of each CPU's sockets. */
  readonly sockets: readonly (readonly number[])[]
}

const VALUE = Int32Array.of(1, 0)

export default function deathJob(context: CallContext): Counted {
  const { cpu, sys } = context
  const { map, closeMap, sockets } = context.args as DeathTask
  const own = sockets[cpu.id]
  for (const fd of own) sys.mapUpdate(map, fd, VALUE)
  if (!context.together()) return { done: 0, begin: 0, end: 1 }
  const begin = performance.now()
  if (closeMap && cpu.id === 0) sys.close(map)
  for (const fd of own) sys.close(fd)
  const { timeOrigin } = performance
  return { done: own.length, begin: timeOrigin + begin, end: timeOrigin + performance.now() }
}
