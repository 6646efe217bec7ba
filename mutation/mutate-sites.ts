/**
 * `npm run mutate:sites`: plants faults of concurrent code in src/sync and src/shared (operators.ts), one at a time,
 * and lets the explored scenarios judge each: those that come to its line, the small ones first.
 *
 * `--share N` takes N mutants drawn with `--seed S`, `--file TEXT` those of files whose path has that text in it;
 * `--judges N` lets N scenarios judge each, and `--most N` so many executions of each. Prints each survivor, a line for
 * each operator, and the share that was caught. Mutants of lines that no scenario comes to count as survivors, and are
 * told apart; so do those that nobody had the time to judge.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { EQUIVALENT } from './equivalent.ts'
import { explored, groundOf, ROOT, scenariosOf, ways } from './ground.ts'
import { type Mutant, mutantsOf } from './operators.ts'
import type { Judge, Task, Verdict } from './site-worker.ts'

const { values } = parseArgs({
  options: {
    share: { type: 'string' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string', default: '' },
    most: { type: 'string', default: '1000' },
    judges: { type: 'string', default: '1000' },
  },
})
const MOST = Number(values.most)
/** Seconds for one mutant, by all scenarios. */
const SECONDS = 20
/**
 * Milliseconds after which a worker is ended: the mutant hangs, or the machine is slow. Nobody knows which, so that it
 * does not count as caught.
 */
const PATIENCE = 4_000 * SECONDS

/** By `file:line`, the scenarios that come there. */
async function judgesByLine(): Promise<Map<string, Judge[]>> {
  const judges = new Map<string, Judge[]>()
  for (const way of ways()) {
    for (const [name, scenario] of await scenariosOf(way)) {
      const { coverage, complete, exhaustive, outcomes } = explored(scenario, way, { maxExecutions: MOST })
      const all = exhaustive ? outcomes.map(({ outcome }) => outcome) : undefined
      const judge: Judge = { way, name, traces: complete, outcomes: all }
      for (const { file, sites } of groundOf(coverage!)) {
        for (const line of new Set(sites.filter((site) => site.executed).map((site) => site.line))) {
          const key = `${file}:${line}`
          judges.set(key, [...(judges.get(key) ?? []), judge])
        }
      }
    }
  }
  for (const its of judges.values()) its.sort((a, b) => a.traces - b.traces)
  return judges
}

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

let worker: Worker | undefined

function judged(task: Task): Promise<Verdict> {
  worker ??= new Worker(new URL('./site-worker.js', import.meta.url), { stdout: true, stderr: true })
  const its = worker
  return new Promise((resolve) => {
    const give = (verdict: Verdict, over: boolean) => {
      clearTimeout(timer)
      // Ours, and not those that Node has there.
      for (const event of ['message', 'error', 'exit']) its.removeAllListeners(event)
      if (over) {
        worker = undefined
        its.terminate()
      }
      resolve(verdict)
    }
    const timer = setTimeout(() => give({ by: '', what: 'no answer in time' }, true), PATIENCE)
    its.on('message', (verdict: Verdict) => give(verdict, false))
    its.on('error', (error) => give({ by: 'the worker', what: `throws ${error.message}` }, true))
    its.on('exit', () => give({ by: 'the worker', what: 'ends' }, true))
    its.postMessage(task)
  })
}

const judges = await judgesByLine()
const planted = ['src/sync', 'src/shared'].flatMap(filesIn).flatMap((file): Planted[] => {
  const text = readFileSync(`${ROOT}/${file}`, 'utf8')
  return mutantsOf(text).map((mutant) => ({ ...mutant, file }))
})
const chosen = values.share === undefined ? planted : drawn(planted, Number(values.share), Number(values.seed))

const nameOf = ({ operator, file, was }: Planted): string => `${file}: ${operator}: ${was}`
const tally = new Map<string, { all: number; caught: number; equivalent: number; unreached: number }>()
for (const mutant of chosen) {
  const { file, line, operator, text, was, becomes } = mutant
  const near = [line, line + 1, line - 1]
    .map((each) => judges.get(`${file}:${each}`) ?? [])
    .find((its) => its.length > 0)
  const known = EQUIVALENT.find(({ mutant: name }) => name === nameOf(mutant))
  const edit = { file: `${ROOT}/${file}`, from: readFileSync(`${ROOT}/${file}`, 'utf8'), to: text }
  const { by, what } =
    near === undefined || known !== undefined
      ? { by: '', what: '' }
      : await judged({ edit, judges: near.slice(0, Number(values.judges)), most: MOST, seconds: SECONDS })
  const its = tally.get(operator) ?? { all: 0, caught: 0, equivalent: 0, unreached: 0 }
  tally.set(operator, its)
  its.all++
  if (known !== undefined) its.equivalent++
  else if (by !== '') its.caught++
  else {
    if (near === undefined) its.unreached++
    console.log(
      `${file}:${line} ${operator}${near === undefined ? ', which nothing comes to' : what === '' ? '' : `, ${what}`}\n-  ${was}\n+  ${becomes}\n`,
    )
  }
  if (by !== '') console.error(`${file}:${line} ${operator}: ${by}: ${what}`)
}
await worker?.terminate()

let all = 0
let caught = 0
for (const [operator, its] of [...tally].sort()) {
  const { equivalent, unreached } = its
  console.log(`${operator}: ${its.all} mutants, ${its.caught} caught, ${equivalent} equivalent, ${unreached} unreached`)
  all += its.all - equivalent
  caught += its.caught
}
console.log(`all: ${caught} of ${all} caught: ${((100 * caught) / Math.max(1, all)).toFixed(1)} %`)
