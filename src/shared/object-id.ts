/**
 * Ids of maps and BTF objects: from 1 up, and from 1 again behind the last, over those that are in use. Model:
 * idr_alloc_cyclic().
 */

import { HLIST_NODE } from './records.ts'

/** The largest id. */
export const MOST_ID = 0x7fff_ffff

/**
 * The next free id, for an object that goes on the list at `head`, whose lock is held; `node` and `id` are where in an
 * object its node and its id are. The counter is below zero from the second round on: only then may an id be in use.
 */
export function nextObjectId(words: Int32Array, counter: number, head: number, node: number, id: number): number {
  for (;;) {
    const count = words[counter]
    // Behind the largest the word itself turns round to the smallest, and behind -1 we do.
    words[counter] = count === -1 || count === 0 ? -MOST_ID - 1 : count + 1
    if (count > 0) return count
    const next = count & MOST_ID
    if (next !== 0 && !isUsed(words, head, id - node, next)) return next
  }
}

function isUsed(words: Int32Array, head: number, fromNode: number, id: number): boolean {
  for (let at = words[head]; at !== 0; at = words[at + HLIST_NODE.next]) if (words[at + fromNode] === id) return true
  return false
}
