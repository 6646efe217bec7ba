/**
 * The clone workload: connections are accepted from listeners whose elements, and whose maps, come and go.
 */

import type { CallContext } from '../task.ts'
import { type Mix, runMix } from './mix.ts'
import type { CpuReport } from './tally.ts'

export const CLONE: Mix = {
  get: 150,
  create: 250,
  update: 100,
  delete: 60,
  clone: 400,
  iterate: 4,
  socketClose: 20,
  mapFree: 16,
  cloneMaps: true,
}

export default (context: CallContext): CpuReport => runMix(context, CLONE)
