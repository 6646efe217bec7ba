/**
 * An allocation that is told to fail does so once, whoever comes first. The sanitizer's other steps are explored by
 * none: whoever frees twice or uses what is freed reads, for its message, what the other one writes.
 */

import { failslab } from '../../src/shared/sanitizer.ts'
import { kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { RAW_TO_THE_ALLOCATOR } from './beneath-tags.ts'
import { type Setting, setting } from './setting.ts'

/** An object of a line. */
const SIZE = 16

const sanitized = (): Setting => setting({ maps: 0, sockets: 0, bytes: 192 << 10, sanitize: true })

const allocate =
  (id: number) =>
  ({ cpus }: Setting): boolean =>
    kmalloc(cpus[id], KIND.file, SIZE) !== 0

/** The second allocation of three fails, whose ever it is. */
export const twoAllocationsOfWhichOneFails = {
  ...RAW_TO_THE_ALLOCATOR,
  setup() {
    const given = sanitized()
    failslab(given.memory.words, 2)
    return given
  },
  threads: [allocate(0), allocate(1)],
  after(given: Setting, made: readonly unknown[]): void {
    const all = [...made, allocate(2)(given)]
    if (all.filter((each) => each).length !== 2) throw new Error(`got ${all}, expected the second of three to fail`)
  },
}

/** One is told to fail while somebody allocates. */
export const allocationAgainstFailslab = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: sanitized,
  threads: [allocate(0), ({ memory }: Setting): void => failslab(memory.words, 1)],
}
