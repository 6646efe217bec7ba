/**
 * Exhibits of the museum by their name.
 */

import { MUSEUM, type MuseumExhibit } from './exhibit-index.ts'

/** The exhibit whose program is shown, broken or not: `text` of a place in the museum. Throws a SyntaxError. */
export function shownExhibit(text: string): MuseumExhibit {
  const found = MUSEUM.find(({ id }) => id === text)
  if (found === undefined) throw new SyntaxError(`the museum has no exhibit '${text}'`)
  return found
}
