/**
 * Wakeup trees: the sequences that still have to be explored from a prefix, as ordered trees of operations.
 *
 * Nodes live in one pool of columns and are given back as soon as they have been explored. So memory holds what lies
 * ahead and nothing of what lies behind: one sequence, no longer than the search is deep, for each trace that is already
 * known to come. That many there can be: a search with wakeup trees learns in the first branches of a prefix which
 * traces begin with the later ones, and may not forget it, so the trees of one prefix may grow with the number of traces
 * (JACM 2017 says so of the algorithm; readers(13) has 8 192 traces and at most 8 190 nodes, lastzero(15) 147 456 and
 * 766 053, 24 bytes each). To hold no more than the depth one has to plan differently: parsimonious race reversals,
 * Abdulla, Atig, Das, Jonsson, Sagonas, CAV 2024. Storage-like programs, with two threads, stay near the depth.
 */
import { CONFLICTS } from './access.ts'

export interface WakeupTree {
  thread: Int32Array
  class: Int32Array
  start: Int32Array
  end: Int32Array
  /** First child, -1 for none. */
  child: Int32Array
  /** Next sibling, -1 for none; in the free list: the next free node. */
  sibling: Int32Array
  free: number
  used: number
  live: number
  /** The most nodes that ever lived at once. */
  peak: number
}

/** A sequence of operations: rows of the columns given with it. */
export interface Sequence {
  length: number
  rows: Int32Array
}

/** Columns that say who does what to which bytes; a trace has them. */
export interface Operations {
  readonly thread: Int32Array
  readonly class: Int32Array
  readonly start: Int32Array
  readonly end: Int32Array
}

const COLUMNS = ['thread', 'class', 'start', 'end'] as const
const LINKS = ['child', 'sibling'] as const

export function createWakeupTree(): WakeupTree {
  const column = () => new Int32Array(1024)
  return {
    thread: column(),
    class: column(),
    start: column(),
    end: column(),
    child: column(),
    sibling: column(),
    free: -1,
    used: 0,
    live: 0,
    peak: 0,
  }
}

function wider(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}

/** A node for the operation in that row, without links. */
export function createNode(tree: WakeupTree, operations: Operations, row: number): number {
  let node = tree.free
  if (node >= 0) tree.free = tree.sibling[node]!
  else {
    node = tree.used++
    if (node === tree.thread.length) {
      for (const name of COLUMNS) tree[name] = wider(tree[name])
      for (const name of LINKS) tree[name] = wider(tree[name])
    }
  }
  tree.thread[node] = operations.thread[row]!
  tree.class[node] = operations.class[row]!
  tree.start[node] = operations.start[row]!
  tree.end[node] = operations.end[row]!
  tree.child[node] = -1
  tree.sibling[node] = -1
  if (++tree.live > tree.peak) tree.peak = tree.live
  return node
}

/** Gives a node back, without its children. */
export function releaseNode(tree: WakeupTree, node: number): void {
  tree.sibling[node] = tree.free
  tree.free = node
  tree.live--
}

/**
 * Where the node's operation, if it is a weak initial of the sequence, occurs in it; the sequence's length when it
 * does not occur and is independent of all; -1 when it is no weak initial.
 */
function weakInitial(tree: WakeupTree, node: number, operations: Operations, v: Sequence): number {
  const { thread: threads, class: classes, start: starts, end: ends } = operations
  const { rows, length } = v
  const thread = tree.thread[node]!
  const conflicts = CONFLICTS[tree.class[node]!]!
  const start = tree.start[node]!
  const end = tree.end[node]!
  for (let k = 0; k < length; k++) {
    const row = rows[k]!
    if (threads[row] === thread) return k
    if (((conflicts >> classes[row]!) & 1) === 1 && starts[row]! < end && start < ends[row]!) return -1
  }
  return length
}

/**
 * Inserts a sequence below a list of siblings, consuming it. Returns the list's first node: another one only if
 * the list was empty.
 */
export function insert(tree: WakeupTree, first: number, operations: Operations, v: Sequence): number {
  const { rows } = v
  let parent = -1
  let node = first
  let last = -1
  while (node >= 0) {
    let k = weakInitial(tree, node, operations, v)
    if (k < 0) {
      last = node
      node = tree.sibling[node]!
      continue
    }
    if (k < v.length) for (v.length--; k < v.length; k++) rows[k] = rows[k + 1]!
    // A leaf: whatever is explored from here covers the sequence.
    if (tree.child[node] === -1) return first
    parent = node
    last = -1
    node = tree.child[node]!
  }
  for (let k = 0; k < v.length; k++) {
    const added = createNode(tree, operations, rows[k]!)
    if (last >= 0) tree.sibling[last] = added
    else if (parent >= 0) tree.child[parent] = added
    else first = added
    parent = added
    last = -1
  }
  return first
}
