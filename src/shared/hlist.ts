/**
 * hlist: a doubly linked list whose head is one word, walked under RCU while others add and remove.
 *
 * A node is two words: `next`, and `pprev`, the word that points to us, so that removal needs no walk. A removed node
 * keeps its `next`: a reader standing on it finds the way on. Its `pprev` becomes 0, which says "on no list". Writers
 * hold the list's lock.
 *
 * Two kinds, by who may ask whether a node is on its list. On a bucket's list only under the lock: `pprev` is plain. On
 * a socket's list others ask without the lock (hlistUnhashedLockless), so there `pprev` is stored by writeOnce; those
 * are the functions named Lockless.
 */

import type { Cpu } from '../sync/cpu.ts'
import { hintLoad, rcuAssignPointer, rcuDereference, writeOnce } from '../sync/rcu.ts'
import { HLIST_NODE } from './records.ts'
import { kasanCheck } from './sanitizer.ts'

/** Whether the node is on no list. The caller holds the list's lock. */
export function hlistUnhashed(words: Int32Array, node: number): boolean {
  return words[node + HLIST_NODE.pprev] === 0
}

/**
 * Whether the node was on no list a moment ago. Without the lock: good only for deciding whether to go on and take it.
 */
export function hlistUnhashedLockless(words: Int32Array, node: number): boolean {
  return hintLoad(words, node + HLIST_NODE.pprev) === 0
}

/** Whether the node is alone on its list. The caller holds the list's lock. */
export function hlistIsSingularNode(words: Int32Array, node: number, head: number): boolean {
  return words[node + HLIST_NODE.next] === 0 && words[node + HLIST_NODE.pprev] === head
}

/** Whether the list was empty a moment ago, without its lock. */
export function hlistEmptyLockless(words: Int32Array, head: number): boolean {
  return rcuDereference(words, head) === 0
}

/** Puts a filled-in node at the front, where readers find it. The caller holds the list's lock. */
export function hlistAddHeadRcu(words: Int32Array, node: number, head: number): void {
  const first = words[head]
  words[node + HLIST_NODE.next] = first
  words[node + HLIST_NODE.pprev] = head
  // Publishes the node: pairs with rcuDereference in hlistFirstRcu.
  rcuAssignPointer(words, head, node)
  if (first !== 0) words[first + HLIST_NODE.pprev] = node + HLIST_NODE.next
}

/**
 * Makes the node the only one of a list that nobody can see yet: plain stores, published with whatever the list is in.
 */
export function hlistSetOnly(words: Int32Array, node: number, head: number): void {
  words[head] = node
  words[node + HLIST_NODE.next] = 0
  words[node + HLIST_NODE.pprev] = head
}

/**
 * Takes the node off its list; readers on it go on. Nothing happens if it is on none. The caller holds the list's lock.
 */
export function hlistDelInitRcu(words: Int32Array, node: number): void {
  const pprev = words[node + HLIST_NODE.pprev]
  if (pprev === 0) return
  const next = words[node + HLIST_NODE.next]
  setLink(words, pprev, next)
  if (next !== 0) words[next + HLIST_NODE.pprev] = pprev
  words[node + HLIST_NODE.pprev] = 0
}

/**
 * Takes up to `most` nodes off the front of a list and returns how many. From the first on their links lead to the
 * others, as they did. The caller holds the list's lock.
 */
export function hlistDelInitFirstRcu(words: Int32Array, head: number, most: number): number {
  let count = 0
  let node = words[head]
  for (; node !== 0 && count < most; count++) {
    words[node + HLIST_NODE.pprev] = 0
    node = words[node + HLIST_NODE.next]
  }
  if (count === 0) return 0
  setLink(words, head, node)
  if (node !== 0) words[node + HLIST_NODE.pprev] = head
  return count
}

/** hlistAddHeadRcu for a list whose nodes are asked with hlistUnhashedLockless. */
export function hlistAddHeadRcuLockless(words: Int32Array, node: number, head: number): void {
  // A dereference: the first node of all was published with its list, without the lock.
  const first = rcuDereference(words, head)
  words[node + HLIST_NODE.next] = first
  // Plain: nobody can see this node yet.
  words[node + HLIST_NODE.pprev] = head
  rcuAssignPointer(words, head, node)
  if (first !== 0) writeOnce(words, first + HLIST_NODE.pprev, node + HLIST_NODE.next)
}

/** hlistDelInitRcu for a list whose nodes are asked with hlistUnhashedLockless. */
export function hlistDelInitRcuLockless(words: Int32Array, node: number): void {
  const pprev = words[node + HLIST_NODE.pprev]
  if (pprev === 0) return
  const next = words[node + HLIST_NODE.next]
  setLink(words, pprev, next)
  if (next !== 0) writeOnce(words, next + HLIST_NODE.pprev, pprev)
  writeOnce(words, node + HLIST_NODE.pprev, 0)
}

/** The end of a list publishes nothing, so its store need not be an atomic one, which takes 9 ns. */
function setLink(words: Int32Array, at: number, next: number): void {
  if (next === 0) writeOnce(words, at, 0)
  else rcuAssignPointer(words, at, next)
}

/** First node, under RCU, or 0. */
export function hlistFirstRcu(cpu: Cpu, head: number): number {
  const node = rcuDereference(cpu.words, head)
  if (node !== 0) kasanCheck(cpu, node, HLIST_NODE.SIZE)
  return node
}

/** The node behind this one, under RCU, or 0. */
export function hlistNextRcu(cpu: Cpu, node: number): number {
  return hlistFirstRcu(cpu, node + HLIST_NODE.next)
}
