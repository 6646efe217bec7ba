/**
 * Has a part in the search of a scenario, on a worker thread.
 */
import { optionsOf } from '../program/given.ts'
import { createProgram } from '../program/program.ts'
import type { Options, Scenario } from '../scenario.ts'
import { strategyNamed } from '../search/strategies.ts'
import { type Line, linkOver } from './link.ts'
import { takePart } from './part.ts'

/**
 * Does what comes over the line, and returns when there is no more: whether the author's code may have left something
 * behind.
 */
export function exploreShared<Context>(scenario: Scenario<Context> & Options, options: Options, line: Line): boolean {
  const given = optionsOf(scenario, options)
  const link = linkOver(line)
  const reason = whyAlone(given)
  if (reason !== undefined) {
    link.tell({ unshared: reason })
    return false
  }
  const program = createProgram(scenario as Scenario<Context>, given.detect ?? {}, given.raw)
  return program.answering(() => takePart(program, given, link))
}

/** Why a search can't be shared. Undefined: it can. */
function whyAlone({ strategy = 'optimal', maxPreemptions, memory, coverage }: Options): string | undefined {
  if (!strategyNamed(strategy).exact) return `strategy: got '${strategy}', expected one that runs every trace once`
  const alone = Object.entries({ maxPreemptions, memory, coverage }).find(([, value]) => value)
  return alone && `${alone[0]}: got it for a search that workers share, expected one job for it`
}
