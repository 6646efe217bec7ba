/**
 * What the hunt runs: a few operations on each of two to four CPUs, around two sockets and two maps that are closed,
 * opened and cloned meanwhile; and a hash map, a program and a BTF object beside them.
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
/** Three keys of the hash map, which has room for all. */
export type HuntKey = 0 | 1 | 2

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
  /** Dumps all sockets of the program's kind; returns how many it was shown. */
  | { do: 'dump' }
  | BesideStep

/** A step on what is there beside sockets and maps of sk storage, for programs that have such steps. */
export type BesideStep =
  | { do: 'hashUpdate'; key: HuntKey; word: number; flags: number }
  | { do: 'hashDelete'; key: HuntKey }
  /** By the syscall, with BPF_F_LOCK. */
  | { do: 'hashLookup'; key: HuntKey }
  /** By a program, which looks at the value under its lock. */
  | { do: 'hashGet'; key: HuntKey }
  /** Walks the keys, four at the most; returns how many it met. */
  | { do: 'hashKeys' }
  /** Loads a program with map 0 and attaches it; 1 if that replaced another one. */
  | { do: 'attach' }
  /** Runs what is attached on a socket: gets the value, makes it if need be. NULL if nothing is. */
  | { do: 'run'; sock: HuntSock; word: number }
  /** Detaches what is attached; NULL if nothing is. */
  | { do: 'detach' }
  /** Opens the BTF object by its id. */
  | { do: 'btfOpen' }
  /** Closes the descriptor that it had at the start. */
  | { do: 'btfClose' }
  /** Makes a map with the types behind that descriptor. */
  | { do: 'typedMap' }

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
 * socket 0, at socket 1, and at each descriptor that a step returned, in their order; then what the hash map has, if
 * there is one, under each key. A value (above 0), 0 for success, a descriptor, NULL, TORN, or -errno.
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

/** Whether a step is one on the hash map. */
export const isOnHash = (step: HuntStep): boolean =>
  step.do === 'hashUpdate' ||
  step.do === 'hashDelete' ||
  step.do === 'hashLookup' ||
  step.do === 'hashGet' ||
  step.do === 'hashKeys'

/** Whether the program needs the hash map. */
export const usesHash = ({ cpus }: HuntProgram): boolean => cpus.some((steps) => steps.some(isOnHash))

/** Whether the program needs the BTF object. */
export const usesBtf = (program: HuntProgram): boolean =>
  has(program, 'btfOpen') || has(program, 'btfClose') || has(program, 'typedMap')

/** Steps that return a descriptor. */
const OPENING: readonly string[] = ['open', 'accept', 'newMap', 'btfOpen', 'typedMap']

/** Whether a step returns a descriptor. */
export const opens = (step: HuntStep): boolean => OPENING.includes(step.do)

/** The descriptors that steps returned, in the order of CPUs and steps. */
export function opened(program: HuntProgram, results: readonly (readonly number[])[]): number[] {
  return program.cpus.flatMap((steps, cpu) => results[cpu].filter((result, i) => opens(steps[i]) && result >= 0))
}

/**
 * Whether a map may lose its last reference, and with that be freed, while the program runs. A new map may have the
 * descriptor of a socket that another CPU closes.
 */
export const freesMaps = (program: HuntProgram): boolean =>
  has(program, 'closeMap') || has(program, 'attach') || has(program, 'typedMap') || has(program, 'newMap')

/** Keys of the hash map. */
export const KEYS: readonly HuntKey[] = [0, 1, 2]

/**
 * Map 1 is made first, then map 0, then the sockets, then the hash map and the BTF object if they are needed: so the
 * model knows their descriptors. Maps of sk storage have these options.
 */
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
