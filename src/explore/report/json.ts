/**
 * A result as one line of JSON, with keys that stay.
 */

import type { Result, Violation } from '../result.ts'
import { nextStep } from './next-step.ts'

/** The result as an object for JSON Lines; `schema` changes when a key does. */
export function resultLine(result: Result): Record<string, unknown> {
  const { violation } = result
  return {
    schema: 1,
    event: 'result',
    scenario: result.scenario,
    strategy: result.strategy,
    complete: result.complete,
    blocked: result.blocked,
    redundant: result.redundant,
    executions: result.executions,
    steps: result.steps,
    exhaustive: result.exhaustive,
    ...(result.leftOut === undefined ? {} : { leftOut: result.leftOut }),
    ...(result.timeouts === undefined ? {} : { timeouts: result.timeouts }),
    ...(result.daemons.length === 0 ? {} : { daemons: result.daemons }),
    ...(result.seed === undefined ? {} : { seed: result.seed }),
    ...(result.budget === '' ? {} : { budget: result.budget }),
    ...(result.drawn.length === 0 ? {} : { drawn: result.drawn }),
    ...(result.notes.length === 0 ? {} : { notes: result.notes }),
    ...(result.estimate === undefined ? {} : { estimate: result.estimate }),
    ...(result.memory === undefined ? {} : { memory: result.memory }),
    violation: violation && violationLine(violation),
    failing: result.failing,
    unknown: result.unknown,
    outcomes: result.outcomes,
    seconds: result.seconds,
    peakAhead: result.peakAhead,
    ...(result.coverage === undefined ? {} : { coverage: { newest: result.coverage.newest } }),
  }
}

/** A violation as part of such a line. */
export function violationLine(violation: Violation): Record<string, unknown> {
  return {
    kind: violation.kind,
    message: violation.message,
    sites: violation.sites,
    ...(violation.stack.length > 0 ? { stack: violation.stack } : {}),
    schedule: violation.schedule,
    preemptions: violation.preemptions,
    inflection: violation.inflection ?? null,
    replay: violation.replay,
    why: violation.why,
    next: nextStep(violation),
    found: violation.found,
    ...(violation.outOfTime ? { outOfTime: true } : {}),
    steps: violation.steps,
  }
}
