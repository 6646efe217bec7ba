/**
 * What the hunt runs: a few operations on each of up to three CPUs, around one socket that is closed meanwhile.
 */

/** Two maps: the first may be closed, and with that freed, by the program. Values are a word and a bpf_spin_lock. */
export type HuntMap = 0 | 1

export type HuntStep =
  /** Closes the socket: its last put, unless another CPU holds it just then. */
  | { do: 'close' }
  /** Closes map 0. */
  | { do: 'closeMap' }
  /** bpf_sk_storage_get with F_CREATE by a program, and a look at the value. */
  | { do: 'get'; map: HuntMap; word: number }
  /** bpf_sk_storage_delete by a program. */
  | { do: 'delete'; map: HuntMap }
  /** By descriptor. */
  | { do: 'update'; map: HuntMap; word: number; flags: number }
  | { do: 'fdDelete'; map: HuntMap }
  | { do: 'lookup'; map: HuntMap }

export interface HuntProgram {
  /** How the socket dies: after a grace period, so that programs may find it without a reference, or at once. */
  rcuFree: boolean
  /** What each map holds at the socket before, 0 for nothing. */
  before: [number, number]
  cpus: HuntStep[][]
}

/**
 * What a round gave: for each CPU what its steps returned, and what the maps hold at the end if the socket is still open. A value (above 0), 0 for success,
 * NULL, or -errno.
 */
export interface HuntOutcome {
  results: number[][]
  /** Undefined if the socket was closed. GONE for a map that was. */
  after: [number, number] | undefined
}

/** A helper's NULL among results. */
export const NULL = -1000
/** A closed map's value among what is there at the end. */
export const GONE = -1001

/** Steps of one CPU at the most. */
export const MAX_STEPS = 4
export const MAX_CPUS = 3

/** Words of the board that the CPUs of a hunt share. */
export const HUNT_BOARD = {
  /** Descriptors of the socket and of map 0 in this round. */
  socket: 0,
  map: 1,
  /** Arrivals at the spinning barrier. */
  aligned: 16,
  /** Nobody writes this one: for waiting. */
  idle: 32,
  /** Rounds, one after the other. */
  rounds: 48,
  /** In a round: what each step of each CPU returned, then what the maps hold. */
  after: MAX_CPUS * MAX_STEPS,
  ROUND: MAX_CPUS * MAX_STEPS + 2,
} as const

/** Whether the program has a step of a kind. */
export function has(program: HuntProgram, kind: HuntStep['do']): boolean {
  return program.cpus.some((steps) => steps.some((step) => step.do === kind))
}
