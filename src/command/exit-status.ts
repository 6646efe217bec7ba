/**
 * What the command says with its exit status.
 */

export const EXIT = {
  clean: 0,
  /** A violation, a leak, a machine that failed, a test that did not pass. */
  finding: 1,
  usage: 2,
  /** A budget was spent before the end, and nothing found so far. */
  budget: 3,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const
