/**
 * How a check walks records that may be damaged: every pointer is looked at before it is followed, and a walk comes to
 * an end.
 */

import { HEADER, HLIST_NODE } from './records.ts'

/** Where a walk stands: what was found so far, and what was found wrong. */
export interface Walk {
  readonly words: Int32Array
  readonly wrong: string[]
  /** Elements found on sockets' lists. */
  readonly onSockets: Set<number>
  /** Elements found on maps' buckets. */
  readonly onBuckets: Set<number>
  /** Maps that are not being freed. */
  readonly maps: Set<number>
  /** BTF objects. */
  readonly btfs: Set<number>
  /** Lists and nodes that may still be visited: so many as there are words, of which each takes several. */
  left: number
}

export function newWalk(words: Int32Array): Walk {
  return {
    words,
    wrong: [],
    onSockets: new Set(),
    onBuckets: new Set(),
    maps: new Set(),
    btfs: new Set(),
    left: words.length,
  }
}

/** Whether a record of `size` words can begin here: on a cache line, in what was ever allocated. */
export function isRecord(words: Int32Array, at: number, size: number): boolean {
  return at % 16 === 0 && at >= words[HEADER.heap] && at + size <= Atomics.load(words, HEADER.brk)
}

export function lockIsFree({ words, wrong }: Walk, lock: number, what: string): void {
  if (words[lock] !== 0) wrong.push(`the lock of ${what} at word ${lock} holds ${words[lock]}, expected 0`)
}

/** A list: its head, the records on it, and where in them its nodes are. */
export interface List {
  readonly head: number
  readonly what: string
  readonly node: number
  readonly size: number
}

/**
 * Visits the records on a list and checks their back links, as far as its pointers can be followed. Returns how many
 * there are.
 */
export function walkList(
  walk: Walk,
  { head, what, node: offset, size }: List,
  visit: (record: number) => void,
): number {
  const { words, wrong } = walk
  const seen = new Set<number>()
  let at = head
  walk.left--
  for (let node = words[head]; node !== 0; node = words[node + HLIST_NODE.next]) {
    if (!isRecord(words, node - offset, size)) {
      wrong.push(`${what} leads to word ${node}, where no record can be`)
      return seen.size
    }
    if (seen.has(node) || walk.left-- < 0) {
      wrong.push(`${what} has no end`)
      return seen.size
    }
    if (words[node + HLIST_NODE.pprev] !== at)
      wrong.push(`on ${what} node ${node} points back to ${words[node + HLIST_NODE.pprev]}, expected ${at}`)
    seen.add(node)
    visit(node - offset)
    at = node + HLIST_NODE.next
  }
  return seen.size
}
