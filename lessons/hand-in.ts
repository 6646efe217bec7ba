/**
 * What a reader hands in: a file of JSON that the page writes, and `sk-storage lesson-check` reads.
 */

import type { Claim } from './claim.ts'
import { LESSONS } from './lesson-list.ts'
import type { Prediction } from './prediction.ts'

/** What the file begins with. */
const FORMAT = 'sk-storage lessons 1'

export interface HandIn {
  /** Whose it is, as the reader has typed it; '' for nobody's. */
  readonly name: string
  /** Claims by the lesson's id. */
  readonly tasks: ReadonlyMap<string, Claim>
}

export const writeHandIn = ({ name, tasks }: HandIn): string =>
  `${JSON.stringify({ format: FORMAT, name, tasks: Object.fromEntries(tasks) }, null, 2)}\n`

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads it. Throws a SyntaxError, one sentence, for what no page has written. */
export function readHandIn(text: string): HandIn {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw new SyntaxError('expected JSON as the page writes it')
  }
  if (!isFields(read) || read.format !== FORMAT) throw new SyntaxError(`expected "format": "${FORMAT}"`)
  const { name, tasks } = read
  if (typeof name !== 'string') throw new SyntaxError('expected a name, or "" for nobody')
  if (!isFields(tasks)) throw new SyntaxError('expected "tasks", by the names of lessons')
  return { name, tasks: new Map(Object.entries(tasks).map(([id, task]) => [id, readClaim(id, task)])) }
}

/** What the page keeps of a task. Throws a SyntaxError. */
export function readClaim(id: string, task: unknown): Claim {
  if (!LESSONS.some((lesson) => lesson.id === id)) throw new SyntaxError(`there is no lesson '${id}'`)
  if (!isFields(task) || typeof task.link !== 'string') throw new SyntaxError(`task '${id}': expected a link`)
  const { link, step, foretold, expected } = task
  if (step !== undefined && !Number.isSafeInteger(step))
    throw new SyntaxError(`task '${id}': expected the number of a step`)
  if (foretold !== undefined && typeof foretold !== 'string')
    throw new SyntaxError(`task '${id}': expected what was foretold as a word`)
  if (expected !== undefined && !isPrediction(expected))
    throw new SyntaxError(`task '${id}': expected what was expected as {"ends": "fine", "outcomes": 3}`)
  return {
    link,
    ...(step !== undefined && { step: step as number }),
    ...(foretold !== undefined && { foretold }),
    ...(expected !== undefined && { expected }),
  }
}

const isPrediction = (value: unknown): value is Prediction =>
  isFields(value) && typeof value.ends === 'string' && typeof value.outcomes === 'number'
