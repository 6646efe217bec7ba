/**
 * Which scenarios judge a mutant: those that come to its function, the ones that come to its very line first, and of
 * these the small ones first. Of a function in which nothing visible is done, or only before threads begin, those that
 * come to its file.
 */

import { explored, groundOf, scenariosOf, ways } from './ground.ts'
import type { Mutant } from './operators.ts'
import type { Judge } from './site-worker.ts'

/** A scenario, and the lines of the ground floor that it comes to. */
export interface Known {
  readonly judge: Judge
  /** By file, in order. */
  readonly lines: ReadonlyMap<string, readonly number[]>
}

/** Explores all scenarios in that layout, at most so many executions of each, as the sources are. */
export async function knownJudges(most: number, layout: number): Promise<readonly Known[]> {
  const known: Known[] = []
  for (const way of ways()) {
    for (const [name, scenario] of await scenariosOf(way, [], layout)) {
      const { coverage, complete, exhaustive, outcomes } = explored(scenario, way, { maxExecutions: most })
      const all = exhaustive ? outcomes.map(({ outcome }) => outcome) : undefined
      const lines = groundOf(coverage!).map(({ file, sites }): [string, number[]] => [
        file,
        [...new Set(sites.filter((site) => site.executed).map((site) => site.line))],
      ])
      known.push({ judge: { way, name, traces: complete, outcomes: all, atLine: false }, lines: new Map(lines) })
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
    if (its === undefined || its.length === 0) return []
    const inside = its.filter((each) => each >= from && each <= to)
    const near = inside.length === 0 ? 2 : inside.some((each) => Math.abs(each - line) <= 1) ? 0 : 1
    return [{ judge, near }]
  })
  const best = ranked.some(({ near }) => near < 2) ? ranked.filter(({ near }) => near < 2) : ranked
  return best
    .sort((a, b) => a.near - b.near || a.judge.traces - b.judge.traces)
    .map(({ judge, near }) => ({ ...judge, atLine: near === 0 }))
}
