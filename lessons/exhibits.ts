/**
 * All that the page can break, with its story and its edits: what belongs to a lesson, and the museum. Edits are
 * applied while the page is built and never in the sources themselves; one that no longer fits exactly once stops the
 * build.
 */

import type { Edit } from '../museum/exhibit.ts'
import { EXHIBITS as MUSEUM } from '../museum/exhibits.ts'
import { LESSON_EXHIBITS } from '../museum/lesson-exhibits.ts'

export interface Exhibit {
  readonly id: string
  readonly title: string
  /** What goes wrong without it, in a sentence or two; of the museum's, a paragraph for each part of the story. */
  readonly story: readonly string[]
  /** `file` is named from the project's root. */
  readonly edits: readonly Edit[]
}

/** What is called by an id that is no exhibit's is the sources without the bug, and with a number made small. */
const museum = MUSEUM.flatMap(({ id, title, year, story, edits, scale = [] }): Exhibit[] => [
  {
    id,
    title,
    story: [`Believed, ${year}: ${story.believed}`, `Broken: ${story.broken}`, `Fixed: ${story.fixed}`],
    edits: [...edits, ...scale],
  },
  { id: `${id}-mended`, title: '', story: [], edits: scale },
])

/** By the id that files are named with behind their name. */
export const EDITED: ReadonlyMap<string, Exhibit> = new Map(
  [...LESSON_EXHIBITS, ...museum].map((each) => [each.id, each]),
)
