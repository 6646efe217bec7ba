/**
 * A whole program as a scenario: its main file is the only thread from the start, and what its agents print the
 * outcome.
 */

import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import '../agents/install.ts'
import { pageThread } from '../agents/page.ts'
import { programOutcome, programThread } from '../agents/program.ts'
import { addWithResolvers } from '../agents/promise-natives.ts'
import type { Globals } from '../runtime/agent-files.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { createCopy } from './copy.ts'
import type { LoadOptions } from './load-options.ts'

/** How a program is loaded. */
export interface ProgramOptions extends Omit<LoadOptions, 'edits'> {
  /** What stands behind the file on its command line. */
  argv?: readonly string[]
  /**
   * What its files find as globals: those of Node, or with `'browser'` those of a page whose module script the file is,
   * and of the dedicated workers that it starts.
   */
  globals?: Globals
}

const GLOBALS: readonly Globals[] = ['node', 'browser']

/**
 * The scenario of a program, whose file is read and not evaluated. Throws a MisuseError for a file that is not there.
 */
export function loadProgram(file: string | URL, { argv = [], ...options }: ProgramOptions = {}) {
  const path = file instanceof URL ? fileURLToPath(file) : resolve(file)
  if (!existsSync(path)) throw new MisuseError(`program: got ${path}, expected a file that exists`)
  const { globals = 'node' } = options
  if (!GLOBALS.includes(globals))
    throw new MisuseError(`globals: got ${inspect(globals)}, expected 'node' or 'browser'`)
  if (globals === 'browser') addWithResolvers()
  const copy = createCopy(path, options, globals)
  copy.close()
  // Read now, so that what is wrong with its text is told here.
  copy.agents.load(path)
  const thread = (globals === 'browser' ? pageThread(path) : programThread(path, argv)) as unknown as () => unknown
  return {
    name: basename(path),
    setup: () => ({}),
    threads: [thread],
    threadNames: ['main'],
    outcome: () => programOutcome(),
  }
}
