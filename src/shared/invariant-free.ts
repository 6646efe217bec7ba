/**
 * What must hold of all that is free: it is where something can be, it is counted, and nobody has it.
 */

import { PERCPU } from '../sync/cpu.ts'
import { cpuBase } from '../sync/rcu-layout.ts'
import { isRecord, type Walk } from './invariant-walk.ts'
import { FIRST_FD } from './layout.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from './map-options.ts'
import { BTF, CACHE_SIZE, HEADER, MAP } from './records.ts'
import { DEPOT, MAGAZINE, SIZE_CLASSES } from './slab-layout.ts'

/**
 * What is given out next must be free: ids above all that are in use, descriptors with none free below the hint, and a
 * cache slot counted for each map.
 */
export function checkIds(walk: Walk): void {
  const { words, wrong } = walk
  const uses = new Array<number>(CACHE_SIZE).fill(0)
  for (const map of walk.maps) {
    if (words[HEADER.nextMapId] > 0 && words[map + MAP.id] >= words[HEADER.nextMapId])
      wrong.push(`the next map would have the id ${words[HEADER.nextMapId]}, and there is a map ${words[map + MAP.id]}`)
    if (words[map + MAP.type] !== BPF_MAP_TYPE_SK_STORAGE) continue
    const slot = words[map + MAP.cacheIdx]
    if (slot >= 0 && slot < CACHE_SIZE) uses[slot]++
    else wrong.push(`map ${words[map + MAP.id]} has cache slot ${slot}, expected from 0 to ${CACHE_SIZE - 1}`)
    const place = words[map + MAP.place]
    if (place >= 0 && (words[HEADER.places + (place >> 5)] & (1 << (place & 31))) === 0)
      wrong.push(`map ${words[map + MAP.id]} has place ${place}, which counts as free`)
  }
  for (const btf of walk.btfs)
    if (words[HEADER.nextBtfId] > 0 && words[btf + BTF.id] >= words[HEADER.nextBtfId])
      wrong.push(
        `the next BTF object would have the id ${words[HEADER.nextBtfId]}, and there is an object ${words[btf + BTF.id]}`,
      )
  for (const [slot, count] of uses.entries())
    if (words[HEADER.cacheUsage + slot] < count)
      wrong.push(`cache slot ${slot} counts ${words[HEADER.cacheUsage + slot]} maps and has ${count}`)
  const [fds, hint] = [words[HEADER.fds], words[HEADER.fdHint]]
  if (!(hint >= FIRST_FD && hint <= words[HEADER.maxFds]))
    wrong.push(
      `the search for a descriptor would begin at ${hint}, expected from ${FIRST_FD} to ${words[HEADER.maxFds]}`,
    )
  for (let fd = FIRST_FD; fd < Math.min(hint, words[HEADER.maxFds]); fd++)
    if (words[fds + fd] === 0) {
      wrong.push(`the search for a descriptor would begin at ${hint}, and ${fd} is free`)
      break
    }
}

/** What is free must have been allocated once, and be found by following as many links as are counted. */
export function checkHeap(walk: Walk): void {
  const { words, wrong } = walk
  const { heap, heapEnd, brk } = HEADER
  if (!(words[brk] % 16 === 0 && words[brk] >= words[heap] && words[brk] <= words[heapEnd]))
    wrong.push(`the heap is used up to word ${words[brk]}, expected from ${words[heap]} to ${words[heapEnd]}`)
  for (const [i, size] of SIZE_CLASSES.entries()) {
    checkFree(walk, words[HEADER.depots] + i * DEPOT.SIZE, size, -1)
    for (let id = 0; id < words[HEADER.cpus]; id++)
      checkFree(walk, cpuBase(words[HEADER.rcu], id) + PERCPU.allocator + i * MAGAZINE.SIZE, size, id)
  }
}

/**
 * Checks the free objects of a magazine, or of a depot where `id` is -1: both begin with the first of them and their
 * count.
 */
function checkFree({ words, wrong }: Walk, list: number, size: number, id: number): void {
  const count = words[list + DEPOT.count]
  let object = words[list + DEPOT.head]
  if (object === 0 && count === 0) return
  const what = id < 0 ? `a depot of ${size} words` : `a magazine of ${size} words of CPU ${id}`
  let seen = 0
  for (; seen < count && object !== 0; seen++, object = words[object])
    if (!isRecord(words, object, size)) {
      wrong.push(`${what} leads to word ${object}, where no free object can be`)
      return
    }
  if (object !== 0 || seen !== count)
    wrong.push(`${what} counts ${count} objects and has ${object === 0 ? seen : 'more'}`)
}
