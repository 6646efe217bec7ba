/**
 * One process that explores a program of a file in bench/explored on so many threads, and prints what it took.
 *
 *     node dist/bench/shared-job.js shared lastzero20 2
 */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exploreFile } from '../src/explore/index.ts'

/** What one exploration took. */
export interface SharedRun {
  /** Of the search. */
  readonly seconds: number
  /** Until a worker had the code, and until the last one had ended. */
  readonly around: number
  /** Of computing, on all threads; and on the one that did most. Null where the system does not tell by thread. */
  readonly cpuSeconds: number
  readonly busiestSeconds: number | null
  readonly executions: number
}

/** Where Linux tells of each thread of this process, and how many of its ticks are a second. */
const TASKS = '/proc/self/task'
const TICKS = 100
/** Milliseconds between two looks: what a thread has done since the last one is not seen. */
const LOOK = 50

/** Looks what each thread computes, until it is asked who did most. */
function watchThreads(): () => number | null {
  const ticks = new Map<string, number>()
  const look = () => {
    try {
      for (const thread of readdirSync(TASKS)) {
        const stat = readFileSync(`${TASKS}/${thread}/stat`, 'latin1')
        // Behind the name, which may have blanks in it; user and system time are the 12th and 13th there.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        ticks.set(thread, Number(fields[11]) + Number(fields[12]))
      }
    } catch {
      // A thread has ended meanwhile, or no system tells.
    }
  }
  const looking = setInterval(look, LOOK)
  return () => {
    clearInterval(looking)
    return ticks.size === 0 ? null : Math.max(...ticks.values()) / TICKS
  }
}

const [name, scenario, jobs] = process.argv.slice(2)
const file = fileURLToPath(new URL(`../../bench/explored/${name}.ts`, import.meta.url))
const begun = performance.now()
const busiest = watchThreads()
const { seconds, executions, exhaustive, redundant } = await exploreFile(file, {
  scenario,
  jobs: Number(jobs),
  packages: ['sharedmap'],
})
if (!exhaustive || redundant !== 0) throw new Error(`${scenario}: got ${redundant} redundant executions, expected none`)
const { user, system } = process.cpuUsage()
const run: SharedRun = {
  seconds,
  around: (performance.now() - begun) / 1000 - seconds,
  cpuSeconds: (user + system) / 1e6,
  busiestSeconds: busiest(),
  executions,
}
process.stdout.write(JSON.stringify(run))
