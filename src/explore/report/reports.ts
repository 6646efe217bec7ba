/**
 * All reports: the table. The command's flags and the golden files come from it.
 */
import { resultLine, violationLine } from './json.ts'
import { perfettoTrace } from './perfetto.ts'
import type { Report } from './report.ts'
import { shivizLog } from './shiviz.ts'
import { formatResult, formatViolation } from './text.ts'

const line = (it: object): string => `${JSON.stringify(it)}\n`

/** Each format's name, what it is, and who writes it. */
export const REPORTS = {
  text: {
    help: 'text for a terminal',
    violation: formatViolation,
    result: formatResult,
  },
  json: {
    help: 'a line of JSON',
    violation: (violation) => line(violationLine(violation)),
    result: (result) => line(resultLine(result)),
  },
  shiviz: { help: 'a log for ShiViz', violation: shivizLog },
  perfetto: { help: 'a trace for ui.perfetto.dev', violation: (violation) => line(perfettoTrace(violation)) },
} as const satisfies Record<string, Report>

/** A format's name. */
export type ReportName = keyof typeof REPORTS

/** The name of a format that is of a failing execution alone, and goes to a file. */
export type TraceName = {
  [Name in ReportName]: (typeof REPORTS)[Name] extends { readonly result: unknown } ? never : Name
}[ReportName]
