/**
 * The suite without its shares: what `npm test` takes a tenth of, this takes whole. Arguments go to Vitest.
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, LONG: '1' },
})
process.exitCode = status ?? 1
