/**
 * The adapter for Node: `node --import sk-storage/register program.ts`.
 *
 * Newer versions take hooks in this thread; Node 20 runs them in a thread of its own. Either way what is
 * imported from now on is instrumented. EXPLORE_PACKAGES lists packages to instrument as well, with commas
 * between, or is `*` for all; EXPLORE_RAW=1 explores the implementation of locks and RCU. EXPLORE_PATIENCE is how many
 * seconds an exploration may compute without a visible step before its process is ended, by default 30.
 *
 * @module sk-storage/register
 */

import * as nodeModule from 'node:module'
import '../agents/install.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { InstrumentOptions } from './instrument-file.ts'
import { hooks } from './register-hooks.ts'
import { PATIENCE, watchOver } from './watchdog.ts'

const options: InstrumentOptions = {
  raw: process.env.EXPLORE_RAW === '1',
}
const patience = Number(process.env.EXPLORE_PATIENCE ?? PATIENCE)
if (!(patience > 0))
  throw new MisuseError(`EXPLORE_PATIENCE: got '${process.env.EXPLORE_PATIENCE}', expected seconds, more than 0`)

watchOver(patience)

// A stack trace out of a twin should name the author's line.
process.setSourceMapsEnabled(true)

type RegisterHooks = (mine: object) => void
const { registerHooks } = nodeModule as unknown as { registerHooks?: RegisterHooks }
if (registerHooks) registerHooks(hooks(options))
else {
  const file = import.meta.url.endsWith('.ts') ? './register-hooks.ts' : './register-hooks.js'
  nodeModule.register(file, import.meta.url, { data: options })
}
