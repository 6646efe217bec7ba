/**
 * The build, which says on stderr what it does: `npm run build` and, before they start, `npm start` and its like.
 */

import { execSync } from 'node:child_process'

const STEPS = [
  ['compiling src, props, museum, lessons, conformance and bench into dist', 'tsc -p tsconfig.build.json'],
  ['joining the ground floor and the explorer into three modules', 'node scripts/bundle.js'],
  ['putting the package every-order together', 'node scripts/explorer-package.js'],
]

for (const [what, command] of STEPS) {
  process.stderr.write(`build: ${what} ...`)
  const started = performance.now()
  try {
    // What a compiler finds stands on stdout, which belongs to the command that is built.
    execSync(command, { stdio: ['ignore', 2, 2] })
  } catch ({ status }) {
    process.stderr.write(`\nbuild: ${command} failed\n`)
    process.exit(status ?? 1)
  }
  process.stderr.write(` ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
