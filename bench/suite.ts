/**
 * What a benchmark is made of.
 */

/** One thing that is timed. */
export interface Case {
  readonly name: string
  /** How often one `run` does the thing that is timed. */
  readonly count: number
  readonly run: () => void
  /** Called after all measuring: throws if the work was not done. `runs` is how often `run` was called. */
  readonly check: (runs: number) => void
}

/** Cases that stand side by side in one table. */
export interface Suite {
  readonly name: string
  /** One line for the help. */
  readonly summary: string
  /** What the table calls each case, in its order. The keys are the names in the JSON and of `--case`. */
  readonly labels: Readonly<Record<string, string>>
  /** The case whose time is taken off every other's, which gives the net. */
  readonly empty: string
  /** The case that the others are compared with. */
  readonly base: string
  /** Sets up the cases with these names. */
  readonly prepare: (names: readonly string[]) => Case[]
  /** What stands below the table: what was measured, and how. */
  readonly footer: readonly string[]
}
