/**
 * Every package that package-lock.json names has its integrity, without which npm takes whatever the registry sends.
 * npm leaves it out for packages of other systems when it writes the file from a node_modules without them. To mend it,
 * take the entries out that are named here, and run `npm install --package-lock-only`.
 */

import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
const without = Object.entries(packages).filter(([path, { integrity, link }]) => path !== '' && !integrity && !link)
for (const [path, { version }] of without)
  console.error(`package-lock.json: ${path} ${version}: got no integrity, expected one`)
console.log(`${Object.keys(packages).length - 1} packages, ${without.length} without integrity`)
process.exitCode = without.length === 0 ? 0 : 1
