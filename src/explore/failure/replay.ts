/**
 * Replays one execution from its line, and says where it went elsewhere if the code has changed since.
 */

import { audit } from '../audit/audit.ts'
import { NO_DETECTORS } from '../detectors/detectors.ts'
import { endingOf } from '../engine/ending.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { refuseForeign } from '../memory/foreign.ts'
import { replayMemory } from '../memory/replay-memory.ts'
import { MOST_STEPS } from '../memory/setting.ts'
import { optionsOf } from '../program/given.ts'
import { createProgram } from '../program/program.ts'
import type { Violation } from '../result.ts'
import { nounOf } from '../runtime/kinds.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Options, Scenario } from '../scenario.ts'
import { kindLetters, kindOfLetter, type ReplayLine, readReplayLine, replayLine } from '../schedule/replay-line.ts'
import { record } from './record.ts'
import { describeViolation } from './violation.ts'

/** What became of a replay line. */
export interface ReplayResult {
  /** The code is another one than the line was made from. */
  readonly stale: boolean
  /** Where the execution left the line, and why; undefined: it followed it to the end. */
  readonly diverged: { readonly step: number; readonly where: string; readonly why: string } | undefined
  /** What is wrong with the execution now, or null. */
  readonly violation: Violation | null
  /** The line of the execution as it went now. */
  readonly line: string
}

/**
 * Replays a line. The scenario is the one it was made from, or what became of it. Options stand in it or beside it. Of
 * which memory model it is says the line; throws a MisuseError if another one is asked for.
 */
export function replay<Context, Results extends readonly unknown[] | [] = readonly unknown[]>(
  scenario: Scenario<Context, Results> & Options,
  line: string,
  options: Options = {},
): ReplayResult {
  const wanted = readReplayLine(line)
  const given = optionsOf(scenario, options)
  refuseOther(wanted, given, options)
  if (wanted.memory !== undefined) {
    refuseForeign({ ...given, memory: wanted.memory.model as Options['memory'] }, scenario)
    const program = createProgram(scenario as Scenario<Context>, NO_DETECTORS, given.raw)
    return program.answering(() => replayMemory(program, wanted, given.maxSteps ?? MOST_STEPS))
  }
  const program = createProgram(scenario as Scenario<Context>, given.detect ?? {}, given.raw)
  return program.answering(() => {
    const { x } = program
    x.limits.maxSteps = given.maxSteps ?? 20_000
    const recording = record(x, wanted.schedule.threads, program.placeName, true)
    const { steps } = recording
    const letters = kindLetters(steps.map(({ kind }) => kind))
    let diverged: ReplayResult['diverged']
    for (let i = 0; i < wanted.kinds.length && diverged === undefined; i++) {
      const step = steps[i]
      if (step === undefined) {
        const why =
          recording.diverged?.why ?? `the execution ended after ${steps.length} of ${wanted.kinds.length} steps`
        diverged = { step: i + 1, where: steps.at(-1)?.where ?? '', why }
      } else if (letters[i] !== wanted.kinds[i]) {
        const before = nounOf(kindOfLetter(wanted.kinds[i]))
        diverged = { step: i + 1, where: whereIs(step.site), why: `it was a ${before} and is a ${step.operation} now` }
      }
    }
    if (diverged === undefined && recording.diverged !== undefined) {
      diverged = { step: recording.diverged.step + 1, where: steps.at(-1)?.where ?? '', why: recording.diverged.why }
    }
    // Of a line that stops half-way the rest runs too, perhaps through other modules.
    const followed = steps.slice(0, wanted.kinds.length).map(({ site }) => site)
    const stale = wanted.fingerprint !== program.fingerprint(followed)
    // An execution that was cut off, by a finding or because it left the line, has no ending to judge.
    if ((x.position.stopped === '' || x.position.stopped === 'steps') && recording.diverged === undefined)
      program.judge(endingOf(x))
    const unseen = x.position.stopped === '' && x.findings.length === 0 ? audit(program) : undefined
    const finding = unseen ?? x.findings[0]
    const now = replayLine({
      scenario: wanted.scenario,
      fingerprint: program.fingerprint(steps.map(({ site }) => site)),
      schedule: recording.schedule,
      kinds: letters,
    })
    if (finding === undefined) return { stale, diverged, violation: null, line: now }
    const threads = Array.from(x.trace.thread.subarray(0, x.trace.n))
    return { stale, diverged, violation: describeViolation(program, finding, threads, false), line: now }
  })
}

/** Refuses another memory model than the line's. One that stands in the scenario may have been another then. */
function refuseOther({ memory }: ReplayLine, given: Options, beside: Options): void {
  const asked = memory === undefined ? given.memory : beside.memory
  if (asked === undefined || asked === memory?.model) return
  const of = memory === undefined ? 'of an interleaving' : `of ${memory.model}`
  throw new MisuseError(`replay: got memory ${JSON.stringify(asked)} and a line ${of}, expected a line of that model`)
}
