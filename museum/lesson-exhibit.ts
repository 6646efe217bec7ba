/**
 * What a lesson of the page can break: edits of the sources that the lesson explains itself, in a sentence or two.
 * Unlike the museum's exhibits it has no scenario of its own: it is stepped in the lesson's. A replay line names it
 * behind that: `web/scenarios/cmpxchg.ts#increments@blind-cmpxchg`.
 */

import type { Edit } from './exhibit.ts'

export interface LessonExhibit {
  readonly id: string
  readonly title: string
  readonly story: readonly string[]
  readonly edits: readonly Edit[]
}
