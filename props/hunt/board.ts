/**
 * Words of the board that the CPUs of a hunt share.
 */

import { KEYS, MAX_CPUS, MAX_STEPS } from './program.ts'

/**
 * Results of a round, then what is found at two sockets and at each descriptor that a step may have returned, and in
 * the hash map.
 */
const RESULTS = MAX_CPUS * MAX_STEPS

export const HUNT_BOARD = {
  /** Descriptors of the two sockets and of map 0 in this round. */
  sockets: 0,
  map: 2,
  /** Of the hash map and of the BTF object, and the object's id; 0 without one. */
  hash: 3,
  btf: 4,
  btfId: 5,
  /** Arrivals at the spinning barrier. */
  aligned: 16,
  /** Nobody writes this one: for waiting. */
  idle: 32,
  /** Rounds, one after the other. */
  rounds: 48,
  /** In a round: what each step of each CPU returned, then what is left. */
  looks: RESULTS,
  ROUND: RESULTS + 2 * (2 + RESULTS) + KEYS.length,
} as const
