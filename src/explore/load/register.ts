/**
 * The adapter for Node: `node --import sk-storage/register program.ts`.
 *
 * Newer versions take hooks in this thread; Node 20 runs them in a thread of its own. Either way what is
 * imported from now on is instrumented. EXPLORE_PACKAGES lists packages to instrument as well, with commas
 * between, or is `*` for all; EXPLORE_RAW=1 explores the implementation of locks and RCU.
 *
 * @module sk-storage/register
 */

import * as nodeModule from 'node:module'
import '../agents/install.ts'
import type { InstrumentOptions } from './instrument-file.ts'
import { hooks } from './register-hooks.ts'

const options: InstrumentOptions = {
  raw: process.env.EXPLORE_RAW === '1',
}

// A stack trace out of a twin should name the author's line.
process.setSourceMapsEnabled(true)

type RegisterHooks = (mine: object) => void
const { registerHooks } = nodeModule as unknown as { registerHooks?: RegisterHooks }
if (registerHooks) registerHooks(hooks(options))
else {
  const file = import.meta.url.endsWith('.ts') ? './register-hooks.ts' : './register-hooks.js'
  nodeModule.register(file, import.meta.url, { data: options })
}
