/**
 * The museum's exhibits as the page can step them, each with the scenario that shows it.
 *
 * Left out are those that are explored with the implementation of locks and grace periods: the page takes these at
 * their word.
 */

import { EXHIBITS } from '../museum/exhibits.ts'
import type { Exhibit } from './exhibit.ts'

export interface MuseumExhibit extends Exhibit {
  /** Where its scenario stands, from the project's root. */
  readonly file: string
  readonly scenario: string
}

export const MUSEUM: readonly MuseumExhibit[] = EXHIBITS.filter(({ scenario }) => !scenario.raw).map(
  ({ id, title, year, story, edits, scale = [], scenario: { file, name } }) => ({
    id,
    title,
    story: [`Believed, ${year}: ${story.believed}`, `Broken: ${story.broken}`, `Fixed: ${story.fixed}`],
    edits: [...edits, ...scale],
    file,
    scenario: name,
  }),
)

/** The exhibit whose program is shown, broken or not: `text` of a place in the museum. */
export function shownExhibit(text: string): MuseumExhibit {
  const found = MUSEUM.find(({ id }) => id === text)
  if (found === undefined) throw new SyntaxError(`the page has no exhibit '${text}'`)
  return found
}
