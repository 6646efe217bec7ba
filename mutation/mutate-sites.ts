/**
 * `npm run mutate:sites`: plants faults of concurrent code in src/sync and src/shared (operators.ts), one at a time,
 * and lets the explored scenarios judge each (judges.ts).
 *
 * `--share N` takes N mutants drawn with `--seed S`, `--file TEXT` those of files whose path has that text in it;
 * `--most N` lets a scenario have so many executions of each, `--budget N` all scenarios together so many, and `--jobs
 * N` has N threads judge. `--keep FILE` writes down each verdict, a line of JSON, and takes from there those of mutants
 * that were caught before: what survived is judged again. With `--again` all are, and the scenario that caught one
 * before comes first. `--layout N` has the scenarios' objects at other addresses. `--equivalent` judges those that
 * equivalent.ts says are no fault: none of them may be caught, and at the end it tells what supports that.
 *
 * `--units` lets the unit tests judge, each within `--seconds N`; with a file of `--keep` those that the scenarios have
 * left over.
 *
 * Prints each survivor, a line for each operator, and the share that was caught. Mutants of functions that no scenario
 * comes to count as survivors, and are told apart; so do those whose judges have spent their executions.
 */

import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { reasonOf } from './equivalent.ts'
import { ROOT } from './ground.ts'
import { judgesOf, knownJudges } from './judges.ts'
import { type Mutant, mutantsOf } from './operators.ts'
import { type SiteWorker, siteWorker } from './site-pool.ts'
import type { Judge, Verdict } from './site-worker.ts'
import { judgeByUnits } from './units.ts'

const { values } = parseArgs({
  options: {
    share: { type: 'string' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string', default: '' },
    most: { type: 'string', default: '1000' },
    budget: { type: 'string', default: '30000' },
    seconds: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '1' },
    keep: { type: 'string' },
    again: { type: 'boolean', default: false },
    layout: { type: 'string', default: '0' },
    equivalent: { type: 'boolean', default: false },
    units: { type: 'boolean', default: false },
  },
})
const MOST = Number(values.most)
const LAYOUT = Number(values.layout)

/** A file's mutants. */
interface Planted extends Mutant {
  readonly file: string
}

const filesIn = (folder: string): string[] =>
  readdirSync(`${ROOT}/${folder}`, { recursive: true })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith('.ts') && file.includes(values.file))
    .sort()

/** Some of them, drawn so that the same seed draws the same. */
function drawn<T>(all: readonly T[], count: number, seed: number): T[] {
  let state = seed >>> 0
  const left = [...all]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return left.splice(Math.floor((state / 2 ** 32) * left.length), 1)[0]
  })
}

const sourceOf = (file: string): string => readFileSync(`${ROOT}/${file}`, 'utf8')
/** What tells a mutant from all others, wherever its line stands. */
const keyOf = ({ file, operator, within, was, becomes }: Planted): string =>
  JSON.stringify([file, operator, within, was, becomes])

/** What earlier runs said of those that they caught; of those that are no fault, of all. */
function kept(): Map<string, Verdict> {
  if (values.keep === undefined || !existsSync(values.keep)) return new Map()
  const lines = readFileSync(values.keep, 'utf8').split('\n').filter(Boolean)
  return new Map(
    lines
      .map((line) => JSON.parse(line))
      .flatMap(({ key, ...verdict }) => (verdict.by === '' && !values.equivalent ? [] : [[key, verdict]])),
  )
}

const planted = ['src/sync', 'src/shared'].flatMap(filesIn).flatMap((file): Planted[] => {
  return mutantsOf(sourceOf(file)).map((mutant) => ({ ...mutant, file }))
})
const chosen = values.share === undefined ? planted : drawn(planted, Number(values.share), Number(values.seed))
const scenarios = values.units ? [] : await knownJudges(MOST, LAYOUT)
const before = kept()
const tally = new Map<string, { all: number; caught: number; equivalent: number; unreached: number }>()

function tell(mutant: Planted, verdict: Verdict, equivalent: boolean, reached: boolean): void {
  const { file, line, operator, was, becomes } = mutant
  const { by, what } = verdict
  const its = tally.get(operator) ?? { all: 0, caught: 0, equivalent: 0, unreached: 0 }
  tally.set(operator, its)
  its.all++
  if (equivalent) its.equivalent++
  else if (by !== '') its.caught++
  else if (!reached) its.unreached++
  if (by !== '') console.error(`${file}:${line} ${operator}: ${by}: ${what}`)
  if (equivalent && by !== '') process.exitCode = 1
  if (equivalent !== values.equivalent && by === '') return
  if (equivalent === (by === '')) return
  const note = equivalent ? ', said to be no fault, was caught' : !reached ? ', which nothing comes to' : ''
  console.log(`${file}:${line} ${operator}${note}${what === '' ? '' : `, ${what}`}\n-  ${was}\n+  ${becomes}\n`)
}

/** What supports that mutants are no fault: by kind, how many have it. */
const supported = new Map<string, number>()
function support({ by, cut = 0, atLine = 0 }: Verdict, seen: boolean, reached: boolean): void {
  const kind = seen ? 'seen, and right' : 'unseen'
  const what =
    by !== ''
      ? 'caught'
      : !reached
        ? 'read, no scenario comes to it'
        : cut === 0
          ? 'all its scenarios to their end'
          : atLine > 0
            ? 'some at its line to their end'
            : 'read, none at its line was explored to its end'
  supported.set(`${kind}: ${what}`, (supported.get(`${kind}: ${what}`) ?? 0) + 1)
}

/** With a note at the one of that name. */
const withFirst = (judges: readonly Judge[], name: string | undefined): readonly Judge[] =>
  judges.map((judge) => (judge.name === name ? { ...judge, caughtIt: true } : judge))

/** By the unit tests, or by the scenarios that come to it. */
function judged(
  worker: SiteWorker,
  { file, text }: Planted,
  judges: readonly Judge[],
  reason: ReturnType<typeof reasonOf>,
): Promise<Verdict> {
  if (values.units) return judgeByUnits(file, text, Number(values.seconds))
  const edit = { file: `${ROOT}/${file}`, from: sourceOf(file), to: text }
  const unseen = reason !== undefined && !reason.seen
  return worker.judge({ edit, judges, most: MOST, budget: Number(values.budget), layout: LAYOUT, unseen })
}

const left = [...chosen]
async function work(): Promise<void> {
  const worker = siteWorker()
  for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
    const { file } = mutant
    const reason = reasonOf(file, mutant)
    const equivalent = reason !== undefined
    const judges = judgesOf(scenarios, file, sourceOf(file), mutant)
    const reached = values.units || judges.length > 0
    const key = keyOf(mutant)
    const known = equivalent === values.equivalent ? before.get(key) : undefined
    let verdict = values.again ? undefined : known
    if (verdict === undefined) {
      const asked = reached && equivalent === values.equivalent
      verdict = asked ? await judged(worker, mutant, withFirst(judges, known?.by), reason) : { by: '', what: '' }
      if (verdict.broken !== undefined) throw new Error(`${file}:${mutant.line} ${mutant.operator}: ${verdict.broken}`)
      if (asked && values.keep !== undefined) appendFileSync(values.keep, `${JSON.stringify({ key, ...verdict })}\n`)
    }
    tell(mutant, verdict, equivalent, reached)
    if (equivalent) support(verdict, reason.seen === true, reached)
  }
  await worker.end()
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))

function tellAll(): void {
  let all = 0
  let caught = 0
  for (const [operator, its] of [...tally].sort()) {
    const { equivalent, unreached } = its
    console.log(
      `${operator}: ${its.all} mutants, ${its.caught} caught, ${equivalent} equivalent, ${unreached} unreached`,
    )
    all += its.all - equivalent
    caught += its.caught
  }
  console.log(`all: ${caught} of ${all} caught: ${((100 * caught) / Math.max(1, all)).toFixed(1)} %`)
}
if (values.equivalent) for (const [what, count] of [...supported].sort()) console.log(`no fault, ${what}: ${count}`)
else tellAll()
