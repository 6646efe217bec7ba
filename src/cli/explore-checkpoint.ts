/**
 * The file that a search leaves, so that another process can go on from there.
 */

import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { output } from '../command/flag-kinds.ts'
import type { Flag } from '../command/flags.ts'
import { isFree, kindAt, unreadable } from '../command/path.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { written } from '../command/written.ts'
import type { Checkpoint } from '../explore/index.ts'
import { DETECTOR_NAMES, STRATEGY_NAMES, shape } from '../explore/internals.ts'
import type { Plan } from './explore-plan.ts'

/** What stands in the file, as JSON. */
interface Saved {
  readonly schema: 1
  readonly event: 'checkpoint'
  readonly plan: Plan
  readonly checkpoint: Checkpoint
}

const { amount, count, either, flag, oneOf, orNothing, record, text } = shape

/** The options of a search that can be gone on with. */
export const OPTIONS = record({
  maxSteps: orNothing(count),
  seed: orNothing(count),
  depth: orNothing(count),
  keepGoing: orNothing(flag),
  first: orNothing(flag),
  detect: orNothing(record(Object.fromEntries(DETECTOR_NAMES.map((name) => [name, orNothing(flag)])))),
  // Those of the run before, which the next one does not heed.
  maxExecutions: orNothing(count),
  seconds: orNothing(amount),
})

const FILE = record({ file: text, raw: flag, packages: text, edits: orNothing(text), layout: orNothing(count) })

const PLAN = record({
  source: either(record({ litmus: text }), FILE),
  scenario: text,
  strategy: oneOf(...STRATEGY_NAMES),
  options: OPTIONS,
})

/** The rest of the checkpoint is looked at by whoever takes it up. */
const CHECKPOINT: shape.Shape = (value, place) =>
  count((value as Partial<Checkpoint> | null)?.counts?.executions, `${place}.counts.executions`)

const SAVED = record({ schema: oneOf(1), event: oneOf('checkpoint'), plan: PLAN, checkpoint: CHECKPOINT })

/** Milliseconds between two versions of the file. */
const INTERVAL = 1000

/** How it begins. */
const BEGIN = /^\{"schema":\d+,"event":"checkpoint"/

/** A file that will be replaced, again and again: nothing is there yet, or one like it. */
export function checkpoint(help: string): Flag<string | undefined> {
  const { parse, ...flag } = output(help)
  return {
    ...flag,
    parse(name, text) {
      const path = parse!(name, text)
      if (isFree(text) || (kindAt(text) === 'file' && BEGIN.test(readCheckpoint(name, text)))) return path
      throw new UsageError(`--${name}: got ${quote(text)}, where something else is, expected a file of its own`)
    },
  }
}

/**
 * A writer of that file: `save` keeps a checkpoint now and then, `end` keeps the last one, or removes the file if the
 * search has come to its end.
 */
export function createCheckpointFile(file: string, plan: Plan) {
  let latest: Checkpoint | undefined
  let writtenAt = performance.now()
  let lost = false
  const write = (checkpoint: Checkpoint) => {
    const saved: Saved = { schema: 1, event: 'checkpoint', plan, checkpoint }
    const text = JSON.stringify(saved)
    // Never half a file, whenever we are killed.
    const replace = () => {
      writeFileSync(`${file}.new`, `${text}\n${digestOf(text)}\n`)
      renameSync(`${file}.new`, file)
    }
    lost = !written('sk-storage explore: --checkpoint', replace)
  }
  return {
    /** It could not be written, which has been told. The search is none the worse for it. */
    get lost(): boolean {
      return lost
    },
    save(checkpoint: Checkpoint): void {
      if (lost) return
      latest = checkpoint
      if (performance.now() - writtenAt < INTERVAL) return
      write(checkpoint)
      writtenAt = performance.now()
    },
    end(finished: boolean): void {
      if (finished) rmSync(file, { force: true })
      else if (latest !== undefined && !lost) write(latest)
    },
  }
}

function readCheckpoint(flag: string, file: string): string {
  const why = unreadable(file)
  if (why === undefined) return readFileSync(file, 'utf8')
  throw new UsageError(`--${flag}: got ${quote(file)}, expected a file that --checkpoint has written (${why})`)
}

/** Reads such a file. Throws UsageError if it is none. */
export function readCheckpointFile(file: string): { plan: Plan; checkpoint: Checkpoint } {
  const [line, digest] = readCheckpoint('resume', file).split('\n')
  if (digest === undefined || !BEGIN.test(line)) {
    throw new UsageError(`--resume: got ${quote(file)}, expected a file that --checkpoint has written`)
  }
  if (digest !== digestOf(line)) {
    throw new UsageError(`--resume: got ${quote(file)}, which is damaged, expected it as --checkpoint has written it`)
  }
  const saved = JSON.parse(line) as Saved
  if (saved.schema !== 1) {
    throw new UsageError(`--resume: got ${quote(file)} of another version (${saved.schema}), expected version 1`)
  }
  const wrong = SAVED(saved, 'file')
  if (wrong !== undefined) throw new UsageError(`--resume: got ${quote(file)}, which is damaged: ${wrong}`)
  return { plan: saved.plan, checkpoint: saved.checkpoint }
}

/** What the second line of the file has to be. */
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
