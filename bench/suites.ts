/**
 * All suites, by name.
 */

import { bpf } from './bpf.ts'
import { explorer } from './explorer.ts'
import { headline } from './headline.ts'
import { lifecycle } from './lifecycle.ts'
import { locks } from './locks.ts'
import { maps } from './maps.ts'
import { rcu } from './rcu.ts'
import { scale } from './scale.ts'
import { shared } from './shared.ts'
import type { Suite } from './suite.ts'

export const SUITES: readonly Suite[] = [headline, bpf, scale, maps, lifecycle, locks, rcu, explorer, shared]
