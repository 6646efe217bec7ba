/**
 * What a report is. Each has a file of its own, and a line in `reports.ts`.
 */
import type { Result, Violation } from '../result.ts'
import type { TextOptions } from './text.ts'

/** A format that an exploration can be told in. */
export interface Report {
  /** What it is, as it reads behind "as": "a log for ShiViz". */
  readonly help: string
  /** A failing execution. */
  readonly violation: (violation: Violation, options?: TextOptions) => string
  /**
   * A whole exploration. A format without it is of a failing execution alone, and is written to a file, for another
   * tool.
   */
  readonly result?: (result: Result, options?: TextOptions) => string
}
