/** publint and attw on the tarball of a package: `node scripts/check-tarball.js [FOLDER]`, by default this one. */

import { execSync } from 'node:child_process'

const [folder = '.'] = process.argv.slice(2)
for (const command of [`publint --strict ${folder}`, `attw --pack ${folder} --profile esm-only`])
  execSync(command, { stdio: 'inherit' })
