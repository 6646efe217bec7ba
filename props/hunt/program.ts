/**
 * What the hunt runs: a few operations on each of two to four CPUs, around two sockets and two maps that are closed,
 * opened and cloned meanwhile.
 *
 * Plain data, so that the same program runs on real threads, in the explorer and in the sequential model.
 */

/**
 * Two maps: the first may be closed, and with that freed, by the program. Values are a word, a bpf_spin_lock and the
 * word again.
 */
export type HuntMap = 0 | 1
/** Two sockets, named by the descriptors they have at the start. */
export type HuntSock = 0 | 1

/**
 * A step names a socket and a map by the descriptor they had at the start: it may be closed by then, or mean another.
 */
export type HuntStep =
  /** Closes a socket: its last put, unless another CPU holds it just then. */
  | { do: 'close'; sock: HuntSock }
  /** Closes map 0. */
  | { do: 'closeMap' }
  /** Opens a socket of the program's kind, which gets the lowest free descriptor. */
  | { do: 'open' }
  /** Makes a map, likewise. */
  | { do: 'newMap' }
  /** Accepts a connection: a clone of the socket, with copies of its elements. */
  | { do: 'accept'; sock: HuntSock }
  /** bpf_sk_storage_get by a program, with F_CREATE or not, and a look at the value under its lock. */
  | { do: 'get'; map: HuntMap; sock: HuntSock; word: number; create: boolean }
  /** A program that gets the value, and looks at it at the end of its read section, while others act. */
  | { do: 'watch'; map: HuntMap; sock: HuntSock }
  /** A program that writes both words of the value under its lock, and returns what was there. */
  | { do: 'write'; map: HuntMap; sock: HuntSock; word: number }
  /** bpf_sk_storage_delete by a program. */
  | { do: 'delete'; map: HuntMap; sock: HuntSock }
  /** By descriptor. */
  | { do: 'update'; map: HuntMap; sock: HuntSock; word: number; flags: number }
  | { do: 'fdDelete'; map: HuntMap; sock: HuntSock }
  /** With BPF_F_LOCK. */
  | { do: 'lookup'; map: HuntMap; sock: HuntSock }
  /** Walks the map; returns how many elements it was shown. */
  | { do: 'iterate'; map: HuntMap }

/**
 * How sockets die: listeners and datagram sockets after a grace period, so that programs may find them without a
 * reference; connected ones at once.
 */
export type HuntKind = 'listener' | 'datagram' | 'connected'

/** A program of the hunt. */
export interface HuntProgram {
  /** How its sockets die. */
  kind: HuntKind
  /**
   * What each map holds at each socket before, 0 for nothing: map 0 at socket 0, map 1 there, map 0 at socket 1, map 1
   * there.
   */
  before: number[]
  /** The steps of each CPU: two to four CPUs, up to four steps. */
  cpus: HuntStep[][]
}

/**
 * What a round gave: for each CPU what its steps returned; then what is found, by descriptor, of map 0 and map 1 at
 * socket 0, at socket 1, and at each descriptor that a step returned, in their order. A value (above 0), 0 for success,
 * a descriptor, NULL, TORN, or -errno.
 */
export interface HuntOutcome {
  /** What each step returned, by CPU. */
  results: number[][]
  /** What is found afterwards. */
  looks: number[]
}

/** A helper's NULL among results. */
export const NULL = -1000
/** A value whose words do not belong together. Nothing explains it. */
export const TORN = -1001

/** Steps of one CPU at the most. */
export const MAX_STEPS = 4
export const MAX_CPUS = 4

/** Whether sockets of a kind may be found under RCU. */
export const diesLate = (kind: HuntKind): boolean => kind !== 'connected'

/** Whether the program has a step of a kind. */
export function has(program: HuntProgram, kind: HuntStep['do']): boolean {
  return program.cpus.some((steps) => steps.some((step) => step.do === kind))
}

/** Whether a step returns a descriptor. */
export const opens = (step: HuntStep): boolean => step.do === 'open' || step.do === 'accept' || step.do === 'newMap'

/** The descriptors that steps returned, in the order of CPUs and steps. */
export function opened(program: HuntProgram, results: readonly (readonly number[])[]): number[] {
  return program.cpus.flatMap((steps, cpu) => results[cpu].filter((result, i) => opens(steps[i]) && result >= 0))
}

/** Map 1 is made first, then map 0, then the sockets: so the model knows their descriptors. All have these options. */
export const HUNT_MAP = {
  type: 24,
  keySize: 4,
  valueSize: 12,
  maxEntries: 0,
  flags: 1 | 512,
  lockOffset: 4,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
} as const

/** A value of this word. */
export const valueOfWord = (word: number): Int32Array => Int32Array.of(word, 0, word)
