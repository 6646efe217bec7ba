/**
 * What an agent has for itself of the globals and of Node's modules.
 */

import { refuse } from '../twins/refuse.ts'
import { threads } from '../twins/watched-ports.ts'
import { consoleOf, processOf, type Self } from './agent-globals.ts'
import type { Modules } from './agent-modules.ts'
import { atOnce, twinned } from './promise.ts'

/** What `node:worker_threads` tells an agent of itself. */
export interface Place {
  readonly isMainThread: boolean
  readonly threadId: number
  readonly parentPort: object | null
  readonly workerData: unknown
}

const environment = (name: string) =>
  twinned(atOnce(() => refuse(-1, `${name} in a worker is not explored; hand it over as workerData`)))

/** What an agent's files find; none of them has been evaluated. */
export function modulesOf(self: Self, place: Place): Modules {
  const process = processOf(self)
  const console = consoleOf(self)
  const own = {
    ...threads,
    ...place,
    resourceLimits: {},
    getEnvironmentData: environment('getEnvironmentData'),
    setEnvironmentData: environment('setEnvironmentData'),
  }
  return { globals: { process, console }, builtins: { worker_threads: own, process, console }, instances: new Map() }
}
