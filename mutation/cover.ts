/**
 * `npm run cover`: what the scenarios, all together, have in both orders of the ground floor.
 */

import { type Coverage, formatCoverage, mergeCoverage } from '../src/explore/index.ts'
import { explored, groundOf, scenariosOf, ways } from './ground.ts'

/** Executions of a scenario at most: what more of them show is little, and takes most of the time. */
const most = Number(process.argv[2] ?? 2000)
let all: Coverage = { files: [], newest: 0, halves: [] }
for (const way of ways()) {
  for (const [name, scenario] of await scenariosOf(way)) {
    const { coverage, executions, violation, seconds } = explored(scenario, way, { maxExecutions: most })
    const ground = groundOf(coverage!)
    const before = all
    all = mergeCoverage([before, { ...coverage!, files: ground }])
    const count = (it: Coverage) => it.files.flatMap(({ sites }) => sites).filter(({ bothOrders }) => bothOrders).length
    const gain = count(all) - count(before)
    console.error(
      `${way.file} ${name}${way.raw ? ' raw' : ''}: ${executions} in ${seconds.toFixed(1)} s, +${gain}${violation === null ? '' : ` ${violation.message}`}`,
    )
  }
}
console.log(formatCoverage(all, 200))
