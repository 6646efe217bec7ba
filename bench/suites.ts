/**
 * All suites, by name.
 */

import { headline } from './headline.ts'
import { lifecycle } from './lifecycle.ts'
import type { Suite } from './suite.ts'

export const SUITES: readonly Suite[] = [headline, lifecycle]
