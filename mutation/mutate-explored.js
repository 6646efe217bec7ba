/**
 * The second pass of the mutation tests: what survived on one thread (reports/mutation.json, or the report named as
 * argument) runs under the explorer, in all interleavings of the scenarios with few traces. Prints what survives both,
 * and the score of each file.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'

const EXPLORED = 'reports/explored.json'
const DETECTED = ['Killed', 'Timeout', 'RuntimeError']

/** All mutants of a report, by what tells one from another. */
function mutantsOf(report) {
  const { files } = JSON.parse(readFileSync(report, 'utf8'))
  return new Map(
    Object.entries(files).flatMap(([file, { mutants, source }]) =>
      mutants.map((mutant) => {
        const { start, end } = mutant.location
        const range = `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`
        const line = source.split('\n')[start.line - 1].trim()
        return [`${range} ${mutant.mutatorName} ${mutant.replacement}`, { ...mutant, file, range, line }]
      }),
    ),
  )
}

const REPORT = process.argv[2] ?? 'reports/mutation.json'
for (const [file, { source }] of Object.entries(JSON.parse(readFileSync(REPORT, 'utf8')).files)) {
  if (readFileSync(file, 'utf8') === source) continue
  // Its mutants stand elsewhere now: none would be found, and all would count as survivors.
  console.error(
    `mutate:explored: got ${REPORT} of another ${file}, expected one of the file as it is: npm run mutate first`,
  )
  process.exit(2)
}
const alone = mutantsOf(REPORT)
const survived = [...alone].filter(([, { status }]) => status === 'Survived' || status === 'NoCoverage')
const ranges = new Set(survived.map(([, { range }]) => range))
rmSync(EXPLORED, { force: true })
if (ranges.size > 0) {
  const args = ['stryker', 'run', 'mutation/stryker.explored.config.json', '--mutate', [...ranges].join(',')]
  const { status } = spawnSync('npx', args, { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(2)
}
const explored = ranges.size > 0 ? mutantsOf(EXPLORED) : new Map()

const scores = new Map()
for (const [key, { file, status, line, location, replacement }] of alone) {
  if (status === 'Ignored' || status === 'CompileError') continue
  const score = scores.get(file) ?? { mutants: 0, alone: 0, explored: 0 }
  scores.set(file, score)
  score.mutants++
  if (DETECTED.includes(status)) score.alone++
  else if (DETECTED.includes(explored.get(key)?.status)) score.explored++
  else console.log(`${file}:${location.start.line}\n-  ${line}\n+  ${replacement}\n`)
}
for (const [file, { mutants, alone, explored }] of [...scores].sort()) {
  const left = mutants - alone - explored
  const percent = ((100 * (alone + explored)) / mutants).toFixed(1)
  console.log(`| ${file.replace('src/', '')} | ${mutants} | ${alone} | ${explored} | ${left} | ${percent} % |`)
}
