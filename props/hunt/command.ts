/**
 * The command behind `npm run hunt`: jobs on all cores, one line of progress, a summary. See flags.ts for what it takes
 * and how it ends.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { EXIT } from '../../src/command/exit-status.ts'
import { connect } from '../../src/command/queue-client.ts'
import { runCommand } from '../../src/command/run-command.ts'
import { withCommas } from '../../src/command/table.ts'
import { showProgress, tellProgress } from '../../src/command/terminal.ts'
import { withVariant } from '../../src/command/tree.ts'
import { UsageError } from '../../src/command/usage-error.ts'
import { quote } from '../../src/command/words.ts'
import { type Coverage, coverageLine, mergeCoverage } from '../../src/explore/index.ts'
import { plantEdits } from '../../src/explore/internals-load.ts'
import { SCENARIO } from './explore.ts'
import { type Failure, writeFailure } from './failure.ts'
import { HELP, type Hunt, OUT, parseHunt, type Queued, type Work } from './flags.ts'
import type { Job, Word } from './job.ts'
import { codeOfHunts, followHunt } from './queue.ts'
import { workAtHunts } from './queue-work.ts'
import { failureText, NOTHING, type Summary, sum, textOf } from './summary.ts'

/** A job, as this tree has it. */
const HERE = fileURLToPath(new URL('./job.js', import.meta.url))

/**
 * Half of the cores, and at least one, explore; the others have a machine each, whose CPUs are more than one core's
 * worth.
 */
function jobsOf({ seconds, cpus, seed, shard, shards, out, edits }: Hunt): Job[] {
  const cores = Math.max(2, availableParallelism())
  const until = Date.now() + seconds * 1000
  return Array.from({ length: cores }, (_, i) => {
    const on = i % 2 === 0 ? 'threads' : 'explorer'
    const [turn, jobs] = [i >> 1, on === 'threads' ? (cores + 1) >> 1 : cores >> 1]
    const storage = SCENARIO.href
    return { on, cpus, seed, first: shard - 1 + shards * turn, step: shards * jobs, out, storage, edits, until }
  })
}

/** Hunts; `onThreads` is the build of a job on real threads. */
async function run(hunt: Hunt, onThreads = HERE): Promise<number> {
  const { seed, shard, shards, json } = hunt
  const started = performance.now()
  const failures: Failure[] = []
  const jobs = jobsOf(hunt)
  const tallies = jobs.map(() => NOTHING)
  const covered: Coverage[] = []
  const seconds = () => (performance.now() - started) / 1000
  let crashed = false
  let interrupted = false
  const summary = (): Summary => {
    const of = (on: Job['on']) => sum(tallies.filter((_, i) => jobs[i].on === on))
    const [threads, explorer] = [of('threads'), of('explorer')]
    const event = { schema: 1, event: 'summary', seed, shard: `${shard}/${shards}`, seconds: seconds() } as const
    return { ...event, threads, explorer, failures: failures.length }
  }
  const children: ChildProcess[] = []
  process.on('SIGINT', () => {
    interrupted = true
    for (const child of children) child.kill()
  })
  if (!json) process.stdout.write(`seed ${seed}\n`)
  const endProgress = showProgress(
    () => `${Math.round(seconds())} of ${Math.round(hunt.seconds)} s: ${textOf(summary())}`,
  )
  await Promise.all(
    jobs.map((job, i) => {
      const child = fork(job.on === 'threads' ? onThreads : HERE)
      children.push(child)
      child.on('message', (word: Word) => {
        if ('tally' in word) tallies[i] = word.tally
        else if ('coverage' in word) covered.push(word.coverage)
        else {
          failures.push(word.failure)
          tellProgress('')
          process.stdout.write(json ? `${JSON.stringify(word.failure)}\n` : `${failureText(word.failure)}\n`)
        }
      })
      child.send(job)
      return new Promise<void>((resolve) =>
        child.once('exit', (code, signal) => {
          if (code !== 0 && !interrupted) {
            crashed = true
            process.stderr.write(`hunt: the job ${i} on ${job.on} ended with ${signal ?? code}\n`)
          }
          resolve()
        }),
      )
    }),
  )
  endProgress()
  const total = summary()
  process.stdout.write(json ? `${JSON.stringify(total)}\n` : `${textOf(total)}\n`)
  if (covered.length > 0) process.stdout.write(coverageText(mergeCoverage(covered), json))
  if (failures.length > 0) return EXIT.finding
  if (interrupted) return EXIT.interrupted
  return crashed ? EXIT.failed : EXIT.clean
}

/** What the explorer raced of the ground floor: a sentence, or a line of JSON for each file. */
function coverageText({ files }: Coverage, json: boolean): string {
  if (json) return files.map((file) => `${JSON.stringify(coverageLine(file))}\n`).join('')
  const sites = files.flatMap((file) => file.sites)
  const [executed, met, both] = (['executed', 'met', 'bothOrders'] as const).map(
    (what) => sites.filter((site) => site[what]).length,
  )
  return `explorer: of ${withCommas(sites.length)} places of src/sync and src/shared ${executed} executed, ${met} met by another thread, ${both} in both orders\n`
}

/** Puts a hunt into a queue, follows it to its end, and tells what came of it. */
async function follow({ queue, hunt: { seed, cpus, programs, json } }: Queued): Promise<number> {
  if (!json) process.stdout.write(`seed ${seed}\n`)
  const server = await connect('hunt', queue)
  let line = ''
  const endProgress = showProgress(() => line)
  let seconds = 0
  const hunt = { seed, cpus, programs, code: codeOfHunts() }
  const told = await followHunt(server, hunt, (standing) => {
    seconds = standing.seconds
    line = `${seconds} s: ${withCommas(standing.executions)} of ${withCommas(2 * programs)} programs`
  }).finally(() => {
    endProgress()
    server.close()
  })
  const failures = told.flatMap((each) => each.failures)
  for (const failure of failures) {
    writeFailure(failure)
    process.stdout.write(json ? `${JSON.stringify(failure)}\n` : `${failureText(failure)}\n`)
  }
  const of = (on: Job['on']) => sum(told.filter((each) => each.on === on).map(({ tally }) => tally))
  const [threads, explorer] = [of('threads'), of('explorer')]
  const event = { schema: 1, event: 'summary', seed, shard: '1/1', seconds } as const
  const total: Summary = { ...event, threads, explorer, failures: failures.length }
  process.stdout.write(json ? `${JSON.stringify(total)}\n` : `${textOf(total)}\n`)
  return failures.length > 0 ? EXIT.finding : EXIT.clean
}

/** Works at the hunts of a queue until Ctrl-C. */
async function work({ queue, work: { jobs, stalled } }: Work): Promise<number> {
  const over = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort())
  const server = await connect('hunt', queue)
  try {
    await workAtHunts(server, { jobs, stalled, out: OUT, signal: over.signal })
    return EXIT.clean
  } finally {
    server.close()
  }
}

/** Adds up what shards have printed. */
function merge(files: readonly string[], json: boolean): number {
  const events = files.flatMap((file) => readEvents(file))
  const summaries = events.filter((event): event is Summary => event.event === 'summary')
  const found = events.filter((event): event is Failure => event.event === 'failure')
  if (summaries.length === 0) throw new UsageError('--merge: got no summary, expected files that --json printed')
  const total = {
    schema: 1,
    event: 'summary',
    seed: summaries[0].seed,
    shard: summaries.map(({ shard }) => shard).join(' '),
    seconds: Math.max(...summaries.map(({ seconds }) => seconds)),
    threads: sum(summaries.map(({ threads }) => threads)),
    explorer: sum(summaries.map(({ explorer }) => explorer)),
    failures: found.length,
  } as const
  for (const failure of found) process.stdout.write(json ? `${JSON.stringify(failure)}\n` : `${failureText(failure)}\n`)
  process.stdout.write(json ? `${JSON.stringify(total)}\n` : `${textOf(total)}\n`)
  return found.length > 0 ? EXIT.finding : EXIT.clean
}

function readEvents(file: string): (Summary | Failure)[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  } catch (error) {
    throw new UsageError(`--merge: got ${quote(file)}, expected a file of JSON Lines, but ${(error as Error).message}`)
  }
}

await runCommand('hunt', () => {
  const command = parseHunt(process.argv.slice(2))
  if ('help' in command) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if ('merge' in command) return merge(command.merge, command.json)
  if ('work' in command) return work(command)
  if ('hunt' in command) return follow(command)
  // The explorer edits what it loads; the threads have a build.
  return command.edits === undefined
    ? run(command)
    : withVariant(command.edits, plantEdits, 'props/hunt/job.js', (job) => run(command, job))
})
