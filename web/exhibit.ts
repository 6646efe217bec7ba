/**
 * What the page can break: edits of the sources, applied while the page is built and never in the sources themselves.
 *
 * `file` is named from the project's root. An edit that no longer fits exactly once stops the build.
 */

import type { Edit } from '../museum/exhibit.ts'

export interface Exhibit {
  readonly id: string
  readonly title: string
  /** What goes wrong without it, in a sentence or two; of the museum's, a paragraph for each part of the story. */
  readonly story: readonly string[]
  readonly edits: readonly Edit[]
  /** Stepped with the implementation of locks and grace periods, which are taken at their word otherwise. */
  readonly raw?: boolean
}
