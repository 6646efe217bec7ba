/**
 * All suites, by name.
 */

import { headline } from './headline.ts'
import type { Suite } from './suite.ts'

export const SUITES: readonly Suite[] = [headline]
