/**
 * The line that replays an execution, with a fingerprint of the code it was made from.
 *
 * `explore1 NAME CODE SCHEDULE KINDS`: KINDS has one letter per step, so that a replay on changed code can say at
 * which step the program did something else. Repetitions are folded in both. Of an execution of a memory model the
 * schedule begins with the model, and with the threads that read in sections in any execution: `arm:S0`, `arm/0/2:S0`.
 */
import { MOST_STEPS, readSchedule, type Schedule, scheduleLine, shortLine } from './schedule.ts'

export interface ReplayLine {
  readonly scenario: string
  readonly fingerprint: string
  readonly schedule: Schedule
  /** One character per step: its kind. */
  readonly kinds: string
  /** The model that was asked for. Not there: it is an interleaving. */
  readonly memory?: OfModel | undefined
}

/** What a line says of the memory model that its execution is of. */
export interface OfModel {
  readonly model: string
  /** Labels of the threads that read in sections, in this execution or in another. */
  readonly sections: readonly string[]
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** One letter for each kind of step. */
export const kindLetters = (kinds: readonly number[]): string => kinds.map((kind) => LETTERS[kind] ?? '?').join('')

/** The number of the kind that has that letter; -1: none has. */
export const kindOfLetter = (letter: string): number => LETTERS.indexOf(letter)

/** Long repetitions written as `(ce){90}`, which a spin loop makes. */
const folded = (kinds: string) =>
  kinds.replace(/(.{1,12}?)\1{8,}/g, (all, part: string) => `(${part}){${all.length / part.length}}`)
const FOLDED = /\(([^()]+)\)\{(\d+)\}/g

/** What was folded, written out. Throws a SyntaxError before it becomes longer than `most`. */
function unfolded(kinds: string, most: number): string {
  let length = kinds.length
  for (const [all, part, times] of kinds.matchAll(FOLDED)) length += part.length * Number(times) - all.length
  if (length > most)
    throw new SyntaxError(`explore: got a line with the kinds of ${length} steps, expected at most ${most}`)
  return kinds.replace(FOLDED, (_, part: string, times) => part.repeat(Number(times)))
}

/** One word that may stand between the quotes of a shell. */
const escaped = (name: string) => encodeURI(name).replace(/'/g, '%27')

/** Writes a replay line. */
export function replayLine({ scenario, fingerprint, schedule, kinds, memory }: ReplayLine): string {
  const model = memory === undefined ? '' : `${[memory.model, ...memory.sections].join('/')}:`
  const line = `${model}${shortLine(scheduleLine(schedule))}`
  return `explore1 ${escaped(scenario) || '-'} ${fingerprint} ${line || '-'} ${folded(kinds)}`.trimEnd()
}

/** The model before a schedule, and the schedule. */
const MODEL = /^(?:(x86|arm|ecma)((?:\/\d+(?:\.\d+)*)*):)?(.*)$/

/** The name that was escaped. Throws a SyntaxError if no name is written so. */
function unescaped(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    throw new SyntaxError(
      `explore: got the name '${name}' in a replay line, expected one with %XX for what a shell would take apart`,
    )
  }
}

/** Reads a replay line. Throws a SyntaxError if it is none, or if it has more than `most` steps. */
export function readReplayLine(line: string, most: number = MOST_STEPS): ReplayLine {
  const [tag, scenario, fingerprint, schedule, kinds = '', ...more] = line.trim().split(/\s+/)
  const missing = scenario === undefined || fingerprint === undefined || schedule === undefined
  if (tag !== 'explore1' || missing || more.length > 0) {
    throw new SyntaxError("explore: a replay line looks like 'explore1 NAME CODE S0-P1 aab'")
  }
  const [, model, sections, steps] = MODEL.exec(schedule)!
  return {
    scenario: scenario === '-' ? '' : unescaped(scenario),
    fingerprint,
    // A thread that throws before its first step leaves a schedule without any.
    schedule: readSchedule(steps === '-' ? '' : steps, most),
    kinds: unfolded(kinds, most),
    ...(model !== undefined && { memory: { model, sections: sections.split('/').slice(1) } }),
  }
}
