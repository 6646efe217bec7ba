/**
 * Before each execution the shared buffers hold again what setup left in them.
 *
 * `setup` runs once; what it left is copied, and copied back, small buffers whole, larger ones page by page where an
 * event stored.
 */

import { type Memory, PAGE_SHIFT, type Region } from './memory.ts'
import { isSame } from './same-bytes.ts'

/** Notes that bytes of a large region are about to change. */
export function markDirty(region: Region, start: number, end: number): void {
  const dirty = region.dirty!
  for (let page = (start - region.base) >> PAGE_SHIFT; page <= (end - 1 - region.base) >> PAGE_SHIFT; page++) {
    if (dirty[page] === 0) {
      dirty[page] = 1
      region.dirtyPages.push(page)
    }
  }
}

/** Takes the present contents as those that every execution starts from. */
export function saveMemory(memory: Memory): void {
  for (const region of memory.regions) region.saved.set(region.bytes)
}

/** Puts back what setup left. What threads have made is gone: they will make it anew. */
export function restoreMemory(memory: Memory): void {
  if (memory.made.length > 0) {
    memory.made.length = 0
    const { regions } = memory
    regions.splice(0, regions.length, ...regions.filter(({ maker }) => maker === null))
  }
  for (const { words, bytes, saved, savedWords, dirty, dirtyPages } of memory.regions) {
    if (dirty === null) {
      // A loop, because TypedArray.prototype.set costs more than a few words.
      if (words.length <= 64) for (let i = 0; i < words.length; i++) words[i] = savedWords[i]
      else words.set(savedWords)
      for (let i = words.length * 4; i < bytes.length; i++) bytes[i] = saved[i]
    } else {
      for (let k = 0; k < dirtyPages.length; k++) {
        const page = dirtyPages[k]
        const from = page << (PAGE_SHIFT - 2)
        const to = from + (1 << (PAGE_SHIFT - 2))
        for (let i = from; i < to && i < words.length; i++) words[i] = savedWords[i]
        if (to > words.length) for (let i = words.length * 4; i < bytes.length; i++) bytes[i] = saved[i]
        dirty[page] = 0
      }
      dirtyPages.length = 0
    }
  }
}

/** The flat address of the first byte that differs from what setup left though no event stored there; -1: none. */
export function strayStore(memory: Memory): number {
  for (const { bytes, saved, base, dirty } of memory.regions) {
    if (dirty === null) continue
    // From one page where an event stored to the next.
    for (let from = 0; from < bytes.length; ) {
      const page = dirty.indexOf(1, from >> PAGE_SHIFT)
      const to = page < 0 ? bytes.length : Math.min(page << PAGE_SHIFT, bytes.length)
      if (!isSame(bytes, saved, from, to)) {
        while (bytes[from] === saved[from]) from++
        return base + from
      }
      from = to + (1 << PAGE_SHIFT)
    }
  }
  return -1
}
