/**
 * The churn workload: everything at once, on few sockets and maps at a time, so that the hard races are common and not
 * rare.
 *
 * All CPUs meet at the socket and map in focus: they make its first storage, delete while others get, put the last
 * reference while the map is freed elsewhere, update in place while others delete, accept while maps go, and walk the
 * maps through all of it.
 */

import type { CallContext } from '../task.ts'
import { type Mix, runMix } from './mix.ts'
import type { CpuReport } from './tally.ts'

export const CHURN: Mix = {
  get: 300,
  create: 220,
  update: 180,
  delete: 200,
  clone: 40,
  iterate: 4,
  socketClose: 40,
  mapFree: 8,
  cloneMaps: false,
}

export default (context: CallContext): CpuReport => runMix(context, CHURN)
