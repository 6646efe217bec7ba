/**
 * An allocation that is told to fail does so once, whoever comes first, and of two that free one object one is told.
 */

import { failslab, type KasanError } from '../../src/shared/sanitizer.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
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

interface WithObject extends Setting {
  readonly object: number
}

/** Frees it, or is told that it is freed already. */
const free =
  (id: number) =>
  ({ cpus, object }: WithObject): string => {
    try {
      kfree(cpus[id], KIND.file, SIZE, object)
      return 'freed'
    } catch (error) {
      return (error as KasanError).code
    }
  }

/**
 * Two free the same object. Whoever is told so reads, for the message, what the other one writes: that race is the
 * program's own, and no detector looks for it here.
 */
export const twoFreesOfOne = {
  ...RAW_TO_THE_ALLOCATOR,
  detect: { dataRaces: false },
  setup(): WithObject {
    const given = sanitized()
    return { ...given, object: kmalloc(given.cpus[0], KIND.file, SIZE) }
  },
  threads: [free(0), free(1)],
}
