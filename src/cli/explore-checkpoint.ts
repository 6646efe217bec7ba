/**
 * The file that a search leaves, so that another process can go on from there.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import type { Checkpoint } from '../explore/index.ts'
import type { Plan } from './explore-plan.ts'

/** What stands in the file, as JSON. */
interface Saved {
  readonly schema: 1
  readonly event: 'checkpoint'
  readonly plan: Plan
  readonly checkpoint: Checkpoint
}

/** Milliseconds between two versions of the file. */
const INTERVAL = 1000

/**
 * A writer of that file: `save` keeps a checkpoint now and then, `end` keeps the last one, or removes the file if the
 * search has come to its end.
 */
export function createCheckpointFile(file: string, plan: Plan) {
  let latest: Checkpoint | undefined
  let written = performance.now()
  const write = (checkpoint: Checkpoint) => {
    const saved: Saved = { schema: 1, event: 'checkpoint', plan, checkpoint }
    // Never half a file, whenever we are killed.
    writeFileSync(`${file}.new`, `${JSON.stringify(saved)}\n`)
    renameSync(`${file}.new`, file)
  }
  return {
    save(checkpoint: Checkpoint): void {
      latest = checkpoint
      if (performance.now() - written < INTERVAL) return
      write(checkpoint)
      written = performance.now()
    },
    end(finished: boolean): void {
      if (finished) rmSync(file, { force: true })
      else if (latest !== undefined) write(latest)
    },
  }
}

/** Reads such a file. Throws UsageError if it is none. */
export function readCheckpointFile(file: string): { plan: Plan; checkpoint: Checkpoint } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(`--resume: got ${quote(file)}, expected a file that --checkpoint has written`)
  }
  try {
    const { schema, event, plan, checkpoint } = JSON.parse(text) as Saved
    if (schema === 1 && event === 'checkpoint') return { plan, checkpoint }
  } catch {
    // No JSON, which the sentence below says well enough.
  }
  throw new UsageError(`--resume: got ${quote(file)}, expected a file that --checkpoint has written`)
}
