/**
 * Where the objects of a setting lie: which free object each CPU hands out next, and whose magazine it came from.
 *
 * An element's address decides which bucket of its map it is on, and with that who meets whom there. A scenario of one
 * layout sees one such meeting, so a fault may show in some layouts alone.
 */

import { below, createRandom, type Random } from '../../src/random/random.ts'
import { HEADER } from '../../src/shared/records.ts'
import { MAGAZINE, SIZE_CLASSES } from '../../src/shared/slab-layout.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { PERCPU } from '../../src/sync/cpu.ts'

/** Lines of padding before what is not handed out of a magazine: maps' buckets, elements of hash maps, tables. */
const MOST_PADDING = 16

/**
 * Lays out what `cpus` will allocate, by that number, while nothing is allocated yet: each gets the free objects of one
 * of them, in another order, and fresh memory begins some lines later.
 */
export function layOut(cpus: readonly Cpu[], layout: number): void {
  const { words } = cpus[0]
  const random = createRandom(layout)
  words[HEADER.brk] += 16 * below(random, MOST_PADDING)
  for (let index = 0; index < SIZE_CLASSES.length; index++) {
    const magazines = cpus.map(({ base }) => base + PERCPU.allocator + index * MAGAZINE.SIZE)
    const filled = shuffled(
      random,
      magazines.map((magazine) => objectsOf(words, magazine)),
    )
    for (const [id, objects] of filled.entries()) fill(words, magazines[id], shuffled(random, objects))
  }
}

function objectsOf(words: Int32Array, magazine: number): number[] {
  const objects: number[] = []
  for (let object = words[magazine + MAGAZINE.head]; object !== 0; object = words[object]) objects.push(object)
  return objects
}

/** Links them as a magazine's free objects. */
function fill(words: Int32Array, magazine: number, objects: readonly number[]): void {
  words[magazine + MAGAZINE.head] = objects[0] ?? 0
  words[magazine + MAGAZINE.count] = objects.length
  for (const [i, object] of objects.entries()) words[object] = objects[i + 1] ?? 0
}

function shuffled<T>(random: Random, all: readonly T[]): T[] {
  const left = [...all]
  return all.map(() => left.splice(below(random, left.length), 1)[0])
}
