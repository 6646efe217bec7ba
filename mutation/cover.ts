/**
 * `npm run cover`: what the scenarios, all together, have in both orders of the ground floor. `--write` keeps it: in
 * mutation/raced.json which scenario has which site, and in docs/unraced.md how many of each function no scenario has,
 * with the reasons that stand there already; a question mark where there is none.
 *
 * `--most N`: executions of a scenario, 2000 if it isn't given. What more of them show is little, and takes long.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Coverage, formatCoverage, mergeCoverage } from '../src/explore/index.ts'
import { explored, groundOf, ROOT, scenariosOf, ways } from './ground.ts'
import { DOCUMENT, nameOf, RACED, type Raced, readRows, rowsOf, tableOf } from './unraced.ts'

const { values } = parseArgs({ options: { most: { type: 'string', default: '2000' }, write: { type: 'boolean' } } })

let all: Coverage = { files: [], newest: 0, halves: [] }
const raced: Record<string, Record<string, string>> = {}
for (const way of ways()) {
  for (const [name, scenario] of await scenariosOf(way)) {
    const { coverage, executions, violation, seconds } = explored(scenario, way, { maxExecutions: Number(values.most) })
    const files = groundOf(coverage!)
    all = mergeCoverage([all, { ...coverage!, files }])
    let gain = 0
    for (const { file, sites } of files) {
      const its = (raced[file] ??= {})
      for (const site of sites.filter(({ bothOrders }) => bothOrders)) {
        if (its[nameOf(site)] !== undefined) continue
        its[nameOf(site)] = `${way.file}${way.raw ? ' raw' : ''} ${name}`
        gain++
      }
    }
    const found = violation === null ? '' : `: ${violation.message}`
    console.error(
      `${way.file} ${name}${way.raw ? ' raw' : ''}: ${executions} in ${seconds.toFixed(1)} s, +${gain}${found}`,
    )
  }
}
console.log(formatCoverage(all, 200))
if (values.write === true) {
  const sorted: Raced = Object.fromEntries(
    Object.entries(raced)
      .filter(([, its]) => Object.keys(its).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  writeFileSync(`${ROOT}/${RACED}`, `${JSON.stringify(sorted, null, 2)}\n`)
  const text = readFileSync(`${ROOT}/${DOCUMENT}`, 'utf8')
  const table = tableOf(rowsOf(all.files, sorted), readRows(text))
  writeFileSync(`${ROOT}/${DOCUMENT}`, `${text.slice(0, text.indexOf('| file |'))}${table}`)
}
