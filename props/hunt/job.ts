/**
 * One job of a hunt, a process of its own: programs on real threads, or in the explorer, one after the other until the
 * time is over.
 */

import fc from 'fast-check'
import { type Coverage, mergeCoverage, type Violation } from '../../src/explore/index.ts'
import { readEdits } from '../../src/explore/internals-load.ts'
import { createStream, nextBits } from '../../src/random/random.ts'
import { boot } from '../../src/workers/machine.ts'
import { huntProgram } from './arbitrary.ts'
import { findSchedule, loadStorage, type ScenarioOf } from './explore.ts'
import { type Failure, failurePlace, writeFailure } from './failure.ts'
import { hunt } from './hunt.ts'
import type { HuntProgram } from './program.ts'
import { shrinkProgram } from './shrink.ts'

export interface Job {
  readonly on: 'threads' | 'explorer'
  readonly cpus: number
  readonly seed: number
  /** The programs this job takes: `first`, and each `step`th after it. */
  readonly first: number
  readonly step: number
  /** So many of them at the most; undefined: as many as there is time for. */
  readonly most?: number
  readonly out: string
  /** The file whose scenario the explorer takes, as a URL. */
  readonly storage: string
  /** A folder of patches of what that loads, if a variant is hunted. */
  readonly edits?: string | undefined
  /** When to end, as Date.now() counts. */
  readonly until: number
}

/**
 * What a job has done so far. `runs`: rounds on threads, executions in the explorer. `whole`: programs explored to the
 * end.
 */
export interface Tally {
  programs: number
  runs: number
  outcomes: number
  whole: number
}

/** What a job tells. */
export type Word =
  | { readonly tally: Tally }
  | { readonly failure: Failure }
  /** At the end, what the explorer has covered of the ground floor. */
  | { readonly coverage: Coverage }

const ROUNDS = 200
/**
 * Seconds for a program in the explorer, for each smaller one when a failing one is shrunk, and for one that failed on
 * threads.
 */
const EXPLORE_S = 10
const SHRINK_S = 2
const EXPLAIN_S = 60

const tell = (word: Word) => process.send?.(word)
const tally: Tally = { programs: 0, runs: 0, outcomes: 0, whole: 0 }

/** Program number `index` of a seed. */
function programOf({ seed, cpus, on }: Job, index: number): HuntProgram {
  const size = on === 'threads' ? { cpus } : { cpus, steps: index % 3 === 0 ? 2 : 1 }
  return fc.sample(huntProgram(size), { seed: (seed + Math.imul(index, 0x9e3779b1)) | 0, numRuns: 1 })[0]
}

/** What the explorer lays out the objects of program number `index` by. On threads they move with each round. */
const layoutOf = ({ seed }: Job, index: number): number => 1 + (nextBits(createStream(seed, index)) % 999_999)

/** Whether there is time for that program, and it is one of the job's. */
const isTaken = ({ first, step, most = Number.POSITIVE_INFINITY, until }: Job, index: number): boolean =>
  index === first || (Date.now() < until && index < first + step * most)

async function onThreads(job: Job, scenarioOf: ScenarioOf): Promise<void> {
  const start = (index: number) =>
    boot({ cpus: job.cpus, memory: 16 << 20, maxFds: 4096, sanitize: true, seed: (job.seed + index) & 0xffff })
  let machine = await start(job.first)
  // At least one, however short the time.
  for (let index = job.first; isTaken(job, index); index += job.step) {
    const program = programOf(job, index)
    try {
      tally.outcomes += await hunt(machine, program, ROUNDS)
    } catch (error) {
      await machine.destroy()
      const { file, name } = failurePlace(job.out, { ...job, index }, job.edits)
      const [violation, layout] = explained(job, scenarioOf, program, index, name)
      const message = `${(error as Error).message}${violation === null ? '' : `\nexplorer: ${violation.kind}: ${violation.message}`}`
      report(job, index, { program, layout, message, replay: violation?.replay ?? null, file })
      machine = await start(index)
    }
    tally.programs++
    tally.runs += ROUNDS
    tell({ tally })
  }
  await machine.destroy()
}

/** A schedule of a program that failed on threads, and its layout: as the objects come, or one more. */
function explained(
  job: Job,
  scenarioOf: ScenarioOf,
  program: HuntProgram,
  index: number,
  name: string,
): [violation: Violation | null, layout: number] {
  for (const layout of [0, layoutOf(job, index)]) {
    const { violation } = findSchedule(scenarioOf, program, { seconds: EXPLAIN_S / 2, layout }, name)
    if (violation !== null) return [violation, layout]
  }
  return [null, 0]
}

/** What a program has covered, on top of those before. */
function withIts(before: Coverage, coverage: Coverage): Coverage {
  const files = coverage.files.flatMap((each) => {
    const file = /\/(src\/(?:sync|shared)\/.*)$/.exec(each.file)?.[1]
    return file === undefined ? [] : [{ ...each, file }]
  })
  return mergeCoverage([before, { ...coverage, files }])
}

function inExplorer(job: Job, scenarioOf: ScenarioOf): Coverage {
  let covered: Coverage = { files: [], newest: 0, halves: [] }
  const onCoverage = (coverage: Coverage) => {
    covered = withIts(covered, coverage)
  }
  // At least one, however short the time.
  for (let index = job.first; isTaken(job, index); index += job.step) {
    const program = programOf(job, index)
    const { file, name } = failurePlace(job.out, { ...job, index }, job.edits)
    // No longer than the hunt itself, but for a glance.
    const seconds = Math.min(EXPLORE_S, Math.max(0.5, (job.until - Date.now()) / 1000))
    const layout = layoutOf(job, index)
    const result = findSchedule(scenarioOf, program, { seconds, layout, onCoverage }, name)
    if (result.violation !== null) {
      const look = (less: HuntProgram, longest: number) =>
        findSchedule(scenarioOf, less, { seconds: longest, layout }, name).violation
      const smallest = shrinkProgram(program, (less) => look(less, SHRINK_S) !== null)
      const violation = look(smallest, EXPLAIN_S) ?? result.violation
      const message = `${violation.kind}: ${violation.message}`
      report(job, index, { program: smallest, layout, message, replay: violation.replay, file })
    }
    tally.programs++
    tally.runs += result.executions
    tally.outcomes += result.outcomes.length
    if (result.exhaustive) tally.whole++
    tell({ tally })
  }
  return covered
}

function report(
  { on, seed, storage }: Job,
  index: number,
  found: Pick<Failure, 'program' | 'layout' | 'message' | 'replay' | 'file'>,
): void {
  const failure: Failure = { schema: 1, event: 'failure', on, seed, index, ...found }
  writeFailure(failure, storage)
  tell({ failure })
}

process.once('message', async (job: Job) => {
  const scenarioOf = await loadStorage(job.edits === undefined ? [] : readEdits(job.edits), new URL(job.storage))
  if (job.on === 'threads') await onThreads(job, scenarioOf)
  else {
    const coverage = inExplorer(job, scenarioOf)
    await new Promise((sent) => process.send?.({ coverage } satisfies Word, sent))
  }
  process.exit()
})
// Nobody is left to tell.
process.once('disconnect', () => process.exit(1))
