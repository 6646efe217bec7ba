/**
 * A failing execution written to files for other tools, one flag for each such report of the explorer.
 */

import { writeFileSync } from 'node:fs'
import { output } from '../command/flag-kinds.ts'
import type { Flag } from '../command/flags.ts'
import { written } from '../command/written.ts'
import type { Violation } from '../explore/index.ts'
import { nearby, REPORTS, type TraceName } from '../explore/internals.ts'

const TRACES = Object.keys(REPORTS).filter(
  (name) => !('result' in REPORTS[name as keyof typeof REPORTS]),
) as TraceName[]

/** Their flags. `help` makes a sentence of what a report is. */
export function traceFlags(help: (as: string) => string): Record<TraceName, Flag<string | undefined>> {
  const flags = TRACES.map((name) => [name, output(help(REPORTS[name].help))])
  return Object.fromEntries(flags)
}

/**
 * Writes the failing execution where that is asked for. Where that can't be done it is told; the finding stays one.
 * `command` is whose flags they are.
 */
export function writeTraces(
  command: string,
  violation: Violation,
  paths: Readonly<Record<TraceName, string | undefined>>,
): void {
  for (const name of TRACES) {
    const path = paths[name]
    if (path === undefined) continue
    written(`${command}: --${name}`, () => writeFileSync(path, REPORTS[name].violation(nearby(violation))))
  }
}
