/**
 * A worker of `sk-storage explore` and `replay`: loads the author's code and runs one job with it after the other.
 * See scenario-process.ts.
 */

import { parentPort } from 'node:worker_threads'
import { CommandFailure } from '../command/command-failure.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Checkpoint, Progress, Result } from '../explore/index.ts'
import { countPulses, moduleFiles, Refusal, siteNames } from '../explore/internals.ts'
import { actAsMain, type Line, removeCopies } from '../explore/internals-load.ts'
import { estimatePlan, explorePlan, sharePlan } from './explore-plan.ts'
import { replayOnce } from './replay-once.ts'
import type { Answer, Job, Message } from './scenario-messages.ts'
import { loadScenarios } from './scenario-source.ts'

const port = parentPort!
actAsMain()
const tell = (message: Message) => port.postMessage(message)
/** What the author's code threw may hold anything. Its message is in the report. */
const postable = <T extends Pick<Result, 'violation'>>(result: T): T => ({
  ...result,
  violation: result.violation && { ...result.violation, error: undefined },
})

async function answerTo(job: Job, line: Line | undefined): Promise<Answer> {
  if ('list' in job) {
    const before = moduleFiles().length
    const names = [...(await loadScenarios(job.list, '', job.orNone)).keys()]
    return { names, loads: [...new Set(moduleFiles().slice(before))] }
  }
  if ('share' in job) return { parted: await sharePlan(job.share, loaded, line!) }
  if ('estimate' in job) return { beforehand: await estimatePlan(job.estimate, loaded, job.seconds, job.seed) }
  if ('replay' in job) {
    const { found, result } = await replayOnce(job.replay, loaded)
    return { found, replayed: postable(result) }
  }
  const listeners = {
    onLoaded: loaded,
    onProgress: (progress: Progress) => tell({ progress }),
    ...(job.checkpoints && { onCheckpoint: (checkpoint: Checkpoint) => tell({ checkpoint }) }),
  }
  return { result: postable(await explorePlan(job.explore, listeners, job.resume)) }
}

/** All code is there: from now on a step that is not followed by another has a place. */
function loaded(): void {
  tell({ sites: siteNames() })
}

async function run({ job, pulse, line }: { job: Job; pulse: Int32Array; line?: Line }): Promise<void> {
  countPulses(pulse)
  // What the author's code leaves to be done, and nothing else, keeps this thread until there is an answer.
  port.unref()
  try {
    const answer = await answerTo(job, line)
    // Promises that the author's code left behind have their say first.
    await new Promise((resolve) => setImmediate(resolve))
    removeCopies()
    tell({ answer })
  } catch (error) {
    if (error instanceof UsageError) tell({ usage: error.message })
    else if (error instanceof CommandFailure) tell({ cut: error.message })
    else tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
  port.ref()
}

// What the author prints is not our output, of which each line is JSON if that was asked for.
process.stdout.write = process.stderr.write.bind(process.stderr)
process.on('unhandledRejection', (reason) => {
  // What the engine refused is in the result.
  if (!(reason instanceof Refusal)) tell({ rejected: String(reason) })
})
process.on('beforeExit', () => tell({ stuck: true }))
port.on('message', run)
tell({ ready: true })
