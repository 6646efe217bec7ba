/**
 * Every package that a package-lock.json names has its integrity, without which npm takes whatever the registry sends.
 * npm leaves it out for packages of other systems when it writes the file from a node_modules without them. To mend it,
 * take the entries out that are named here, and run `npm install --package-lock-only`.
 */

import { readFileSync } from 'node:fs'

// Beside the project's own those of the packages that tests install by themselves.
const LOCKS = ['', 'test/explore/load/much-used/', 'test/explore/published/'].map(
  (folder) => `${folder}package-lock.json`,
)

for (const lock of LOCKS) {
  const { packages } = JSON.parse(readFileSync(new URL(`../${lock}`, import.meta.url), 'utf8'))
  const without = Object.entries(packages).filter(([path, { integrity, link }]) => path !== '' && !integrity && !link)
  for (const [path, { version }] of without)
    console.error(`${lock}: ${path} ${version}: got no integrity, expected one`)
  console.log(`${lock}: ${Object.keys(packages).length - 1} packages, ${without.length} without integrity`)
  if (without.length > 0) process.exitCode = 1
}
