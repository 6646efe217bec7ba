/**
 * Names of the words that belong to no object: the header, what all CPUs share, each CPU's own corner, depots,
 * descriptors.
 */

import { HEADER } from '../../src/shared/records.ts'
import { DEPOT, KIND_NAMES, LIVE, LIVE_WORDS, MAGAZINE, SIZE_CLASSES } from '../../src/shared/slab-layout.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { cpuBase, RCU } from '../../src/sync/rcu-layout.ts'
import { namesOf } from '../picture/kernel-names.ts'

const header = namesOf(HEADER)
const shared = namesOf(RCU)
const corner = namesOf(PERCPU)
const depot = namesOf(DEPOT)
const magazine = namesOf(MAGAZINE)

/** A word of a memory that `createMemory` made; undefined for one that has no name. */
export function wordName(words: Int32Array, at: number): string | undefined {
  const rcu = words[HEADER.rcu]
  const cpus = words[HEADER.cpus]
  if (at < rcu) return header.get(at)
  if (at < rcu + RCU.SIZE) return fieldOf('rcu', shared, at - rcu)
  if (at < cpuBase(rcu, cpus)) {
    const cpu = Math.floor((at - rcu - RCU.SIZE) / PERCPU.SIZE)
    return inCorner(`cpu${cpu}`, at - cpuBase(rcu, cpu))
  }
  const inDepots = at - words[HEADER.depots]
  if (inDepots >= 0 && inDepots < SIZE_CLASSES.length * DEPOT.SIZE)
    return fieldOf(`depot[${SIZE_CLASSES[Math.floor(inDepots / DEPOT.SIZE)]}]`, depot, inDepots % DEPOT.SIZE)
  const inFds = at - words[HEADER.fds]
  return inFds >= 0 && inFds < words[HEADER.maxFds] ? `fd ${inFds}` : undefined
}

function inCorner(cpu: string, at: number): string | undefined {
  if (at >= LIVE_WORDS) return at === LIVE_WORDS ? `${cpu} liveWords` : undefined
  if (at >= LIVE) return `${cpu} live[${KIND_NAMES[at - LIVE]}]`
  const inAllocator = at - PERCPU.allocator
  if (inAllocator < 0) return fieldOf(cpu, corner, at)
  const size = SIZE_CLASSES[Math.floor(inAllocator / MAGAZINE.SIZE)]
  return fieldOf(`${cpu} magazine[${size}]`, magazine, inAllocator % MAGAZINE.SIZE)
}

const fieldOf = (of: string, names: ReadonlyMap<number, string>, at: number): string | undefined =>
  names.has(at) ? `${of} ${names.get(at)}` : undefined
