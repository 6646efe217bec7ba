/**
 * Wakeup trees: the sequences that still have to be explored from a prefix, as ordered trees of operations.
 *
 * Nodes live in one pool of columns and are given back as soon as they have been explored, so that memory is
 * bounded by the depth of the search and not by its size.
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

/** A sequence of operations, the one to be inserted. */
export interface Sequence {
  length: number
  thread: Int32Array
  class: Int32Array
  start: Int32Array
  end: Int32Array
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

export function createSequence(): Sequence {
  const column = () => new Int32Array(256)
  return { length: 0, thread: column(), class: column(), start: column(), end: column() }
}

function wider(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}

/** Makes room for that many operations. */
export function reserve(sequence: Sequence, length: number): void {
  while (sequence.thread.length < length) for (const name of COLUMNS) sequence[name] = wider(sequence[name])
}

function createNode(tree: WakeupTree, v: Sequence, k: number): number {
  let node = tree.free
  if (node >= 0) tree.free = tree.sibling[node]!
  else {
    node = tree.used++
    if (node === tree.thread.length) {
      for (const name of COLUMNS) tree[name] = wider(tree[name])
      for (const name of LINKS) tree[name] = wider(tree[name])
    }
  }
  tree.thread[node] = v.thread[k]!
  tree.class[node] = v.class[k]!
  tree.start[node] = v.start[k]!
  tree.end[node] = v.end[k]!
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
 * Where an operation that is a weak initial of the sequence occurs in it; its length when it does not occur and
 * is independent of all; -1 when it is no weak initial.
 */
export function weakInitial(v: Sequence, thread: number, cls: number, start: number, end: number): number {
  const { length, thread: threads, class: classes, start: starts, end: ends } = v
  const conflicts = CONFLICTS[cls]!
  for (let k = 0; k < length; k++) {
    if (threads[k] === thread) return k
    if (((conflicts >> classes[k]!) & 1) === 1 && starts[k]! < end && start < ends[k]!) return -1
  }
  return length
}

function remove(v: Sequence, k: number): void {
  const { thread, class: cls, start, end } = v
  const length = --v.length
  for (; k < length; k++) {
    thread[k] = thread[k + 1]!
    cls[k] = cls[k + 1]!
    start[k] = start[k + 1]!
    end[k] = end[k + 1]!
  }
}

/**
 * Inserts a sequence below a list of siblings, consuming it. Returns the list's first node: another one only if
 * the list was empty.
 */
export function insert(tree: WakeupTree, first: number, v: Sequence): number {
  let parent = -1
  let node = first
  let last = -1
  while (node >= 0) {
    const k = weakInitial(v, tree.thread[node]!, tree.class[node]!, tree.start[node]!, tree.end[node]!)
    if (k < 0) {
      last = node
      node = tree.sibling[node]!
      continue
    }
    if (k < v.length) remove(v, k)
    // A leaf: whatever is explored from here covers the sequence.
    if (tree.child[node] === -1) return first
    parent = node
    last = -1
    node = tree.child[node]!
  }
  for (let k = 0; k < v.length; k++) {
    const added = createNode(tree, v, k)
    if (last >= 0) tree.sibling[last] = added
    else if (parent >= 0) tree.child[parent] = added
    else first = added
    parent = added
    last = -1
  }
  return first
}
