/**
 * Magazines and depots: what CPUs trade with each other. The tags of kmalloc and kfree hide it, so these are explored
 * as plain code here (`RAW_TO_THE_ALLOCATOR` in beneath-tags.ts takes the tags off), and their own counts say who has
 * what.
 */

import { HEADER } from '../../src/shared/records.ts'
import { kfree, kmalloc, peakBytes } from '../../src/shared/slab.ts'
import { DEPOT, KIND, MAGAZINE, SIZE_CLASSES, sizeClass } from '../../src/shared/slab-layout.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { RAW_TO_THE_ALLOCATOR } from './beneath-tags.ts'
import { type Setting, setting } from './setting.ts'

/** An object of two lines. */
const SIZE = 32

interface WithObjects extends Setting {
  /** By CPU, objects of its own that it may free. */
  readonly objects: readonly (readonly number[])[]
}

const magazineOf = (base: number): number => base + PERCPU.allocator + sizeClass(SIZE) * MAGAZINE.SIZE

/**
 * CPUs with magazines for two objects, which hold `filled`; so many objects in the depot, and each CPU has `own`
 * objects in use.
 */
function traders(filled: number, inDepot: number, own: number): WithObjects {
  const given = setting({ maps: 0, sockets: 0 })
  const { words } = given.memory
  const main = given.cpus[2]
  const cpus = given.cpus.slice(0, 2)
  for (const { base } of given.cpus) words.fill(0, magazineOf(base), magazineOf(base) + 2)
  const objects = cpus.map((cpu) => Array.from({ length: own }, () => kmalloc(cpu, KIND.file, SIZE)))
  for (const { base } of given.cpus) {
    words.fill(0, magazineOf(base), magazineOf(base) + 2)
    words[magazineOf(base) + MAGAZINE.limit] = 0
  }
  const spare = Array.from({ length: 2 * filled + inDepot }, () => kmalloc(main, KIND.file, SIZE))
  for (const object of spare.splice(0, inDepot)) kfree(main, KIND.file, SIZE, object)
  for (const { base } of given.cpus) words[magazineOf(base) + MAGAZINE.limit] = 2
  for (const [k, object] of spare.entries()) kfree(cpus[k % 2], KIND.file, SIZE, object)
  return { ...given, objects }
}

const take =
  (id: number, count = 1) =>
  ({ cpus }: Setting): number[] =>
    Array.from({ length: count }, () => kmalloc(cpus[id], KIND.file, SIZE))

const give =
  (id: number) =>
  ({ cpus, objects }: WithObjects): number[] => {
    for (const object of objects[id]) kfree(cpus[id], KIND.file, SIZE, object)
    return []
  }

/** No object is on two lists, or with two CPUs, or overlaps another, and each list has as many as it counts. */
function nobodyHasTheSame({ memory, cpus }: Setting, results: readonly unknown[]): void {
  const { words } = memory
  const depot = words[HEADER.depots] + sizeClass(SIZE) * DEPOT.SIZE
  const lists = [depot + DEPOT.head, ...cpus.map(({ base }) => magazineOf(base) + MAGAZINE.head)]
  const all = (results as number[][]).flat()
  for (const head of lists) {
    const begin = all.length
    for (let object = words[head]; object !== 0; object = words[object]) {
      if (all.includes(object)) throw new Error(`the object at word ${object} is there twice`)
      all.push(object)
    }
    const counted = words[head + 1]
    if (counted !== all.length - begin) throw new Error(`a list of ${all.length - begin} objects counts ${counted}`)
  }
  if (new Set(all).size !== all.length) throw new Error(`two got the same object: ${results}`)
  const step = SIZE_CLASSES[sizeClass(SIZE)] + words[HEADER.redzone]
  for (const one of all)
    for (const other of all)
      if (one !== other && Math.abs(one - other) < step)
        throw new Error(`the objects at words ${one} and ${other} overlap`)
}

/** What the results are is for `after`: which words objects have is no outcome. */
const outcome = (): string => ''

/** Two magazines are empty, and the depot has more than one wants. */
export const twoTakeFromDepot = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => traders(0, 3, 0),
  threads: [take(0), take(1)],
  after: nobodyHasTheSame,
  outcome,
}

/** There is one object left, in the depot: one of two gets it. */
export const twoTakeTheLast = {
  ...RAW_TO_THE_ALLOCATOR,
  setup() {
    const given = traders(0, 1, 0)
    const { words } = given.memory
    words[HEADER.brk] = words[HEADER.heapEnd]
    return given
  },
  threads: [take(0), take(1)],
  after(given: Setting, results: readonly unknown[]): void {
    const got = (results as number[][]).flat().filter((object) => object !== 0)
    if (got.length !== 1) throw new Error(`${got.length} got an object, expected 1`)
    nobodyHasTheSame(given, [got])
  },
  outcome,
}

/** And has none: fresh memory for both. */
export const twoCarve = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => traders(0, 0, 0),
  threads: [take(0), take(1)],
  after: nobodyHasTheSame,
  outcome,
}

/** Two magazines are full: half of each goes to the depot. */
export const twoGiveToDepot = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => traders(2, 0, 1),
  threads: [give(0), give(1)],
  after: nobodyHasTheSame,
  outcome,
}

/** One gives while the other takes. */
export const giveAgainstTake = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => traders(2, 1, 2),
  threads: [give(0), take(1, 3)],
  after: nobodyHasTheSame,
  outcome,
}

/** How much of the heap has been used is asked while somebody uses more. */
export const peakAgainstCarve = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => traders(0, 0, 0),
  threads: [({ memory }: Setting): number[] => [peakBytes(memory)].slice(1), take(1)],
  after: nobodyHasTheSame,
  outcome,
}
