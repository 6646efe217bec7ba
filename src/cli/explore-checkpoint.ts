/**
 * The file that a search leaves, so that another process can go on from there.
 */

import { createHash } from 'node:crypto'
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
    const text = JSON.stringify(saved)
    // Never half a file, whenever we are killed.
    writeFileSync(`${file}.new`, `${text}\n${digestOf(text)}\n`)
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
  const [line, digest] = text.split('\n')
  if (digest === undefined || !/^\{"schema":\d+,"event":"checkpoint"/.test(line)) {
    throw new UsageError(`--resume: got ${quote(file)}, expected a file that --checkpoint has written`)
  }
  if (digest !== digestOf(line)) {
    throw new UsageError(`--resume: got ${quote(file)}, which is damaged, expected it as --checkpoint has written it`)
  }
  const { plan, checkpoint } = JSON.parse(line) as Saved
  return { plan, checkpoint }
}

/** What the second line of the file has to be. */
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
