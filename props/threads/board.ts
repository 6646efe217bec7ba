/**
 * Words that the threads of a scenario share beside its memory, a cache line each.
 */

export const BOARD = {
  /** Arrivals at the barrier. They only go up. */
  arrived: 0,
  /** Rounds that were begun. */
  rounds: 16,
  /** Set by who wants no further round. */
  stop: 32,
  /** Nobody writes this one: for idling. */
  idle: 48,
  /** What each thread returned: a length and so many characters of JSON. */
  results: 64,
  RESULT: 128,
  SIZE: 64 + 8 * 128,
} as const
