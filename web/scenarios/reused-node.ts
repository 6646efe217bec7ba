/**
 * A stack of nodes that are used again. The word that says which node is on top has a version beside it: 12 is node 2
 * in version 1.
 */

import { cmpxchg } from '../../src/sync/cmpxchg.ts'

const TOP = 0
/** Two nodes; word 1 says what lies below node 1, word 2 what lies below node 2. */
const NAMES = ['top', 'below node 1', 'below node 2'] as const
/** A version counts so many. */
const VERSION = 10

interface Shared {
  readonly words: Int32Array
  readonly names: readonly string[]
}

const nodeOf = (top: number): number => top % VERSION

/** The next version, with this node on top. */
function withTop(seen: number, node: number): number {
  return seen - nodeOf(seen) + VERSION + node
}

function pop(words: Int32Array): number {
  for (;;) {
    const seen = Atomics.load(words, TOP)
    const node = nodeOf(seen)
    if (node === 0) return 0
    const below = Atomics.load(words, node)
    if (cmpxchg(words, TOP, seen, withTop(seen, below)) === seen) return node
  }
}

function push(words: Int32Array, node: number): void {
  for (;;) {
    const seen = Atomics.load(words, TOP)
    Atomics.store(words, node, nodeOf(seen))
    if (cmpxchg(words, TOP, seen, withTop(seen, node)) === seen) return
  }
}

/** Takes a node, and keeps it. */
function takeOne({ words }: Shared): number {
  return pop(words)
}

/** Takes two nodes, gives the first one back, and keeps the other. */
function takeTwo({ words }: Shared): number {
  const first = pop(words)
  const second = pop(words)
  if (first !== 0) push(words, first)
  return second
}

/** A node is on the stack, or somebody has it; never both. */
export const reusedNode = {
  setup(): Shared {
    const words = new Int32Array(new SharedArrayBuffer(12))
    words[TOP] = 1
    words[1] = 2
    return { words, names: NAMES }
  },
  threads: [takeOne, takeTwo],
  placeName: (index: number) => NAMES[index],
  outcome: (_: Shared, [one, other]: readonly unknown[]) =>
    `CPU 0 has ${one || 'nothing'}, CPU 1 has ${other || 'nothing'}`,
  after({ words }: Shared, kept: readonly unknown[]) {
    if (kept[0] !== 0 && kept[0] === kept[1]) throw new Error(`both CPUs have node ${kept[0]}`)
    const onTop = nodeOf(words[TOP])
    const owner = kept.indexOf(onTop)
    if (onTop !== 0 && owner >= 0) throw new Error(`node ${onTop} is on the stack, and CPU ${owner} has it`)
  },
}
