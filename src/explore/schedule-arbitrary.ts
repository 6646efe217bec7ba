/**
 * Schedules as values of fast-check, so that program and schedule shrink together. The one file here that needs
 * fast-check.
 *
 * A schedule is drawn as a list of switches: "after so many steps go on with that thread". Fewer switches and earlier
 * threads are simpler, so what fails is shrunk towards running one thread after another.
 *
 * @module sk-storage/explore/schedule
 */
import type fastCheck from 'fast-check'
import { endingOf } from './engine/ending.ts'
import { run } from './engine/execution.ts'
import { isEnabled } from './engine/pending.ts'
import type { Strategy } from './engine/strategy.ts'
import { describeViolation } from './failure/violation.ts'
import { optionsOf } from './program/given.ts'
import { createProgram } from './program/program.ts'
import type { Violation } from './result.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import type { Options, Scenario } from './scenario.ts'

// Asked for here, so that whoever lacks it is told in a sentence what it is for.
const { default: fc } = await import('fast-check').catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new Error('arbitrary schedules need the package fast-check, which is not installed: npm i -D fast-check')
})

/** One switch: how many steps the running thread still takes, and who follows (counted among those that can). */
export interface Switch {
  /** Steps that the running thread still takes. */
  readonly after: number
  /** Who follows: an index, modulo their number, among the other threads that can go on. */
  readonly to: number
}

/** Arbitrary schedules with at most that many switches. */
export function schedule({ maxSwitches = 6, maxSteps = 20 } = {}): fastCheck.Arbitrary<readonly Switch[]> {
  return fc.array(fc.record({ after: fc.nat({ max: maxSteps }), to: fc.nat({ max: 7 }) }), { maxLength: maxSwitches })
}

/**
 * Runs a scenario once along such a schedule. Returns what is wrong with that execution, or null. Options stand in it
 * or beside it. Throws a MisuseError for a memory model.
 */
export function runAlong<Context, Results extends readonly unknown[] | [] = readonly unknown[]>(
  scenario: Scenario<Context, Results> & Options,
  switches: readonly Switch[],
  options: Options = {},
): Violation | null {
  const given = optionsOf(scenario, options)
  if (given.memory !== undefined)
    throw new MisuseError(
      'runAlong: got memory, expected none, since switches say whose step is next and not which store a load reads',
    )
  const program = createProgram(scenario as Scenario<Context>, given.detect ?? {}, given.raw)
  return program.answering(() => {
    const { x } = program
    x.limits.maxSteps = given.maxSteps ?? 20_000
    let next = 0
    let left = switches[0]?.after ?? Number.POSITIVE_INFINITY
    let running = -1
    const strategy: Strategy = {
      choose() {
        const enabled: number[] = []
        for (let t = 0; t < x.trace.threads; t++) if (isEnabled(x, t)) enabled.push(t)
        if (enabled.length === 0) return -1
        if (left <= 0) {
          const others = enabled.filter((t) => t !== running)
          const { to } = switches[next++]
          left = switches[next]?.after ?? Number.POSITIVE_INFINITY
          if (others.length > 0) running = others[to % others.length]
        }
        return enabled.includes(running) ? running : enabled[0]
      },
      stepped(i) {
        running = x.trace.thread[i]
        left--
      },
    }
    run(x, strategy)
    program.judge(endingOf(x))
    const finding = x.findings[0]
    if (finding === undefined) return null
    return describeViolation(program, finding, Array.from(x.trace.thread.subarray(0, x.trace.n)), given.shrink ?? false)
  })
}
