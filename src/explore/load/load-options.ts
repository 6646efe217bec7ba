/**
 * How to load: with which edits, and what to instrument.
 */
import type { Edit } from './edits.ts'
import type { Packages } from './packages.ts'

/** What `loadInstrumented` is told besides the file. */
export interface LoadOptions {
  /** Replacements in the source texts, applied before the transform. */
  readonly edits?: readonly Edit[]
  /** Explore the implementation of locks and RCU instead of their tags. */
  readonly raw?: boolean
  /** Packages from node_modules to instrument as well, by name; `true`: all. */
  readonly packages?: Packages
  /**
   * The number that `const LAYOUT = 0`, a line of one of the files, has instead: for a setup that lays out its memory
   * by it.
   */
  readonly layout?: number
}
