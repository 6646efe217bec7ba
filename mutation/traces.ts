/**
 * `npm run traces`: counts the traces of all scenarios again, writes them where the tests look
 * (props/scenarios/traces.json), and says what has changed. Read that before you commit it: another number is another
 * set of interleavings, which a correct change may well bring. With names of scenarios it counts those alone.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { check } from '../src/explore/index.ts'
import { ROOT, scenariosOf, ways } from './ground.ts'

type Traces = Record<string, Record<string, number>>

const FILE = `${ROOT}/props/scenarios/traces.json`
const wanted = process.argv.slice(2)
const before = JSON.parse(readFileSync(FILE, 'utf8')) as Traces
const now: Traces = {}
let wrong = false

for (const way of ways()) {
  // Files that are explored raw as well are counted as they are.
  if (now[way.file] !== undefined) continue
  now[way.file] = {}
  for (const [name, scenario] of await scenariosOf(way)) {
    const known = before[way.file]?.[name]
    if (wanted.length > 0 && !wanted.includes(name)) {
      if (known !== undefined) now[way.file][name] = known
      continue
    }
    const { complete, exhaustive, violation } = check(scenario, { keepGoing: true, shrink: false, raw: way.raw })
    if (violation !== null || !exhaustive) {
      wrong = true
      console.error(`${way.file} ${name}: ${violation?.message ?? 'not all traces could be explored'}`)
    }
    now[way.file][name] = complete
    if (known !== complete) console.log(`${way.file} ${name}: ${known ?? 'new'} -> ${complete}`)
  }
}
for (const [file, its] of Object.entries(before))
  for (const name of Object.keys(its)) if (now[file]?.[name] === undefined) console.log(`${file} ${name}: gone`)
if (wrong) process.exitCode = 1
else writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`)
