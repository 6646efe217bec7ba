/**
 * How much time a measurement may take.
 */

export interface Budget {
  /** Processes, and so samples of each case. */
  readonly processes: number
  /** Rounds in each process. */
  readonly rounds: number
  /** Milliseconds of each case in each round. */
  readonly time: number
  /** Milliseconds of each case before the first round, for V8 to settle. */
  readonly warmup: number
  /** Whether to measure what takes many seconds by itself. */
  readonly long: boolean
}

export const BUDGETS = {
  full: { processes: 9, rounds: 5, time: 30, warmup: 250, long: true },
  quick: { processes: 5, rounds: 1, time: 5, warmup: 30, long: false },
} as const satisfies Record<string, Budget>
