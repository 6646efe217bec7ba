/**
 * The modules of which each thread has something for itself, for who looks for what a thread has in place of it.
 */

import { ofAllCopies } from './all-copies.ts'
import type { Twin } from './twin.ts'

export interface OwnModule {
  /** The module's own variables, by name. Reading one that is not there yet throws. */
  readonly main: Readonly<Record<string, unknown>>
  /** What the thread that runs has in their place. Outside of threads it is `main`. */
  now(): Readonly<Record<string, unknown>>
  /** Whether that is made. */
  ready(): boolean
  /** Makes it. */
  make(): Twin<void>
}

/** Those that were loaded, the latest last. */
export const ownModules = ofAllCopies('own modules', (): OwnModule[] => [])

/** Under this key a `require` of a copy of modules has the copy's folder. */
export const COPY: unique symbol = Symbol.for('sk-storage/explore copy') as never

/** The folders of copies that a bundler's modules require from: theirs is the same program. */
export const bundled = ofAllCopies('bundled copies', () => new Set<string>())
