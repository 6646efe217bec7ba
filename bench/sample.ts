/**
 * One process of a measurement: takes one sample of each case and prints them as JSON, a value by name, or why there is
 * none.
 *
 *     node dist/bench/sample.js headline full 0 4 sk-storage
 *
 * suite, budget, which case begins, CPUs, and the cases: also the way to put one case under a profiler
 * (`node --cpu-prof`).
 */

import { Bench } from 'tinybench'
import { BUDGETS, type Budget } from './budget.ts'
import type { Case, TimedCase, Unit } from './suite.ts'
import { SUITES } from './suites.ts'
import { Unavailable } from './unavailable.ts'

/** A value of each case, or what is missing for it. */
export type Sample = Readonly<Record<string, number | { readonly unavailable: string }>>

/** A few calls before each round bring a case's data back into the caches. */
const REWARM = { warmupIterations: 2, warmupTime: 5 }

/** Nanoseconds a run in the fastest batch: whatever else the machine does only ever adds to that. */
function fastestBatch(task: TimedCase, time: number, runs: Map<string, number>): number {
  const bench = new Bench({ time, iterations: 3, ...REWARM, throws: true })
  bench.add(task.name, () => {
    runs.set(task.name, (runs.get(task.name) ?? 0) + 1)
    task.run()
  })
  bench.runSync()
  const { result } = bench.tasks[0]
  if (!('latency' in result)) throw new Error(`${task.name}: tinybench ended in state '${result.state}'`)
  return (result.latency.min * 1e6) / task.count
}

/** The best value of each case over the rounds. The cases take turns, each round beginning with another one. */
async function sample(
  cases: readonly Case[],
  unitOf: (name: string) => Unit,
  budget: Budget,
  first: number,
): Promise<Sample> {
  const best: Record<string, number | { unavailable: string }> = {}
  const runs = new Map<string, number>()

  const time = async (task: Case, time: number): Promise<number> =>
    'run' in task ? fastestBatch(task, time, runs) : task.measure({ ...budget, time })

  const take = async (task: Case, ms: number, keep: boolean): Promise<void> => {
    const before = best[task.name]
    if (typeof before === 'object') return
    try {
      const value = await time(task, ms)
      const more = unitOf(task.name) === 'perSecond' || unitOf(task.name) === 'share'
      if (keep)
        best[task.name] = before === undefined ? value : more ? Math.max(before, value) : Math.min(before, value)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      best[task.name] = { unavailable: error.message }
    }
  }

  const once = (task: Case) => 'measure' in task && task.once === true
  for (const task of cases) if (!once(task)) await take(task, budget.warmup, false)
  for (let round = 0; round < budget.rounds; round++) {
    for (let i = 0; i < cases.length; i++) {
      const task = cases[(first + round + i) % cases.length]
      if (round === 0 || !once(task)) await take(task, budget.time, true)
    }
  }
  for (const task of cases) {
    if ('check' in task) task.check(runs.get(task.name)!)
    else await task.end?.()
  }
  return best
}

const [suiteName, budgetName, first, cpus, ...names] = process.argv.slice(2)
const suite = SUITES.find(({ name }) => name === suiteName)!
const scope = { cpus: Number(cpus) }
const rows = suite.rows(scope)
const unitOf = (name: string) => rows.find((row) => row.name === name)?.unit ?? 'ns'
const budget = BUDGETS[budgetName as keyof typeof BUDGETS]
const cases = await suite.prepare(names, scope)
const missing = names.find((name) => !cases.some((each) => each.name === name))
if (missing !== undefined) throw new Error(`${suiteName}: got a row ${missing} and no case of that name, expected one`)
const samples = await sample(cases, unitOf, budget, Number(first))
process.stdout.write(JSON.stringify(samples))
