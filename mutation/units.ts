/**
 * The unit tests as the judge of a mutant: those of src/sync and src/shared that run in one thread
 * (mutation/vitest.config.ts, which puts the mutant's text in the place of the file's).
 */

import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { ROOT } from './ground.ts'
import type { Verdict } from './site-worker.ts'

/** The variable of the environment that the mutant's text is passed by. */
const MUTANT = 'MUTANT'

/** Runs them until one fails. A run that is not over by then has not caught it. */
export async function judgeByUnits(file: string, mutated: string, seconds: number): Promise<Verdict> {
  const env = { ...process.env, [MUTANT]: JSON.stringify({ file: `${ROOT}/${file}`, text: mutated }), NO_COLOR: '1' }
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'mutation/vitest.config.ts', '--bail', '1']
  const given = { cwd: ROOT, env, timeout: 1000 * seconds, killSignal: 'SIGKILL' } as const
  // No npx in between: whoever is ended by the clock must be the one that runs the tests.
  const tests = spawn(process.execPath, args, { ...given, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => tests.once('close', resolve))
  const [status, out, err] = await Promise.all([ended, text(tests.stdout), text(tests.stderr)])
  if (status === 0) return { by: '', what: '' }
  // A test that takes too long may be one on a slow machine.
  if (status === null || /Test timed out/.test(out + err)) return { by: '', what: 'out of time' }
  const failed = /^ *FAIL +(.*)$/m.exec(out + err)?.[1]
  return failed === undefined ? { by: '', what: '', broken: err.slice(0, 500) } : { by: 'unit tests', what: failed }
}
