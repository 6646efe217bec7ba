/**
 * Which scenarios judge a mutant: those that come to its function. First the ones that have its very line in both
 * orders with another thread's, then those in which another thread meets it there, then those that come there at all,
 * and of each kind the small ones first. Of a function in which nothing visible is done, or only before threads begin,
 * those that come to its file.
 */

import type { SiteCoverage } from '../src/explore/index.ts'
import { explored, groundOf, scenariosOf, ways } from './ground.ts'
import type { Mutant } from './operators.ts'
import type { Judge } from './site-worker.ts'

/** How well a scenario knows a line: both orders of a conflict there, a conflict, a step. */
const NEAR = { bothOrders: 0, met: 1, executed: 2, inFunction: 3, inFile: 4 }

/** A scenario, and the lines of the ground floor that it comes to. */
export interface Known {
  readonly judge: Judge
  /** By file and line, how near. */
  readonly lines: ReadonlyMap<string, ReadonlyMap<number, number>>
}

/** How near a scenario comes to each line. */
function nearTo(sites: readonly SiteCoverage[]): ReadonlyMap<number, number> {
  const near = new Map<number, number>()
  for (const { line, executed, met, bothOrders } of sites) {
    if (!executed) continue
    const its = bothOrders ? NEAR.bothOrders : met ? NEAR.met : NEAR.executed
    near.set(line, Math.min(its, near.get(line) ?? its))
  }
  return near
}

/** Explores all scenarios in that layout, at most so many executions of each, as the sources are. */
export async function knownJudges(most: number, layout: number): Promise<readonly Known[]> {
  const known: Known[] = []
  for (const way of ways()) {
    for (const [name, scenario] of await scenariosOf(way, [], layout)) {
      const { coverage, complete, exhaustive, outcomes } = explored(scenario, way, { maxExecutions: most })
      const all = exhaustive ? outcomes.map(({ outcome }) => outcome) : undefined
      const lines = new Map(groundOf(coverage!).map(({ file, sites }) => [file, nearTo(sites)]))
      known.push({ judge: { way, name, traces: complete, outcomes: all, atLine: false }, lines })
    }
  }
  return known
}

/** The first and the last line, from 1, of the function around a line. */
function functionAround(text: string, line: number): readonly [number, number] {
  const lines = text.split('\n')
  const opens = (at: number) => /^[a-z/]/.test(lines[at])
  let from = line - 1
  while (from > 0 && !opens(from)) from--
  let to = line - 1
  while (to < lines.length - 1 && !lines[to].startsWith('}')) to++
  return [from + 1, to + 1]
}

/** The judges of a mutant of that file and text, in the order that they are asked in; none, if nothing comes there. */
export function judgesOf(known: readonly Known[], file: string, text: string, { line }: Mutant): readonly Judge[] {
  const [from, to] = functionAround(text, line)
  const ranked = known.flatMap(({ judge, lines }) => {
    const its = lines.get(file)
    if (its === undefined || its.size === 0) return []
    const around = [line - 1, line, line + 1].flatMap((each) => its.get(each) ?? [])
    const inside = [...its.keys()].some((each) => each >= from && each <= to)
    return [{ judge, near: Math.min(inside ? NEAR.inFunction : NEAR.inFile, ...around) }]
  })
  const best = ranked.some(({ near }) => near < NEAR.inFile) ? ranked.filter(({ near }) => near < NEAR.inFile) : ranked
  return best
    .sort((a, b) => a.near - b.near || a.judge.traces - b.judge.traces)
    .map(({ judge, near }) => ({ ...judge, atLine: near <= NEAR.executed }))
}
