/**
 * One process of a measurement: takes one sample of each case and prints them as JSON, nanoseconds a run by name.
 *
 *     node dist/bench/sample.js headline full 0 sk-storage
 *
 * suite, budget, which case begins, and the cases: also the way to put one case under a profiler (`node --cpu-prof`).
 */

import { Bench } from 'tinybench'
import { BUDGETS, type Budget } from './budget.ts'
import type { Case } from './suite.ts'
import { SUITES } from './suites.ts'

/** A few calls before each round bring a case's data back into the caches. */
const REWARM = { warmupIterations: 2, warmupTime: 5 }

/**
 * Nanoseconds a run of each case in its fastest batch: whatever else the machine does only ever adds to that. The cases take
 * turns, each round beginning with another one.
 */
function sample(cases: readonly Case[], budget: Budget, first: number): Record<string, number> {
  const fastest = new Map<Case, number>(cases.map((task) => [task, Number.POSITIVE_INFINITY]))
  const runs = new Map<Case, number>(cases.map((task) => [task, 0]))

  function time(task: Case, time: number): number {
    const bench = new Bench({ time, iterations: 3, ...REWARM, throws: true })
    bench.add(task.name, () => {
      runs.set(task, runs.get(task)! + 1)
      task.run()
    })
    bench.runSync()
    const { result } = bench.tasks[0]!
    if (!('latency' in result)) throw new Error(`${task.name}: tinybench ended in state '${result.state}'`)
    return (result.latency.min * 1e6) / task.count
  }

  for (const task of cases) time(task, budget.warmup)
  for (let round = 0; round < budget.rounds; round++) {
    for (let i = 0; i < cases.length; i++) {
      const task = cases[(first + round + i) % cases.length]!
      fastest.set(task, Math.min(fastest.get(task)!, time(task, budget.time)))
    }
  }
  for (const task of cases) task.check(runs.get(task)!)
  return Object.fromEntries(cases.map((task) => [task.name, fastest.get(task)!]))
}

const [suiteName, budgetName, first, ...names] = process.argv.slice(2)
const suite = SUITES.find(({ name }) => name === suiteName)!
process.stdout.write(
  JSON.stringify(sample(suite.prepare(names), BUDGETS[budgetName as keyof typeof BUDGETS], Number(first))),
)
