/**
 * What threads do, as a memory model sees it: accesses to words, one after another.
 */

export type Value = number | bigint

/** The bytes of a word that others overlap without being the same, or whose loads may be torn. */
export interface Bytes {
  /** Their addresses, in order; the lowest byte of the value lies in the first. */
  readonly cells: readonly number[]
  /** ECMA-262's NoTear: of the stores to just these bytes a load of them takes one alone. */
  readonly isWhole: boolean
  /** The value of these bits. */
  readonly fromBits: (bits: bigint) => Value
}

/** One access that a thread is about to make. */
export interface Access {
  /** Where it stands in the author's text: a number of the runtime's sites. */
  readonly site: number
  /** The word: another number for each range of bytes. */
  readonly place: number
  /** Its bytes, where they are looked at one by one. Not there: no other word overlaps it. */
  readonly bytes?: Bytes | undefined
  /** SeqCst; else it is a plain one, Unordered in ECMA-262's words. */
  readonly atomic: boolean
  /** Whether it takes a value, and whether it may store one. Both: a read-modify-write. */
  readonly reads: boolean
  readonly writes: boolean
  /** It waits for a value that this holds for, in a loop of loads or of read-modify-writes. */
  readonly goesOn?: ((seen: Value) => boolean) | undefined
  /** The thread's access, counted from 0, whose value its address comes from: a dereference. */
  readonly through?: number | undefined
}

/**
 * A thread. What it does depends on nothing but the values it has read: then an execution is made again by giving each
 * thread the same values, whatever the others do meanwhile.
 */
export interface Thread {
  /** What comes after the accesses made so far. Undefined: it has ended. */
  pending(): Access | undefined
  /** Makes that access. It reads `seen`, if it reads. Returns what it has stored; undefined: nothing. */
  take(seen: Value): Value | undefined
  /** Goes back to where it had made so many accesses. */
  cut(count: number): void
}
