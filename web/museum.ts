/**
 * The museum's exhibits as the page can step them, each with the scenario that shows it.
 */

import { EXHIBITS } from '../museum/exhibits.ts'
import type { Exhibit } from './exhibit.ts'

export interface MuseumExhibit extends Exhibit {
  /** Where its scenario stands, from the project's root. */
  readonly file: string
  readonly scenario: string
  /** What it is called in a replay line. */
  readonly lineName: string
  /** The variant of the sources without the bug; '' where these are the sources as they are. */
  readonly mended: string
}

/** Sources without any edit, where locks and grace periods are made of words. */
export const RAW = 'raw'

const found = EXHIBITS.map(({ id, title, year, story, edits, scale = [], scenario: { file, name, raw = false } }) => {
  const mended = scale.length > 0 ? `${id}-mended` : raw ? RAW : ''
  const exhibit: MuseumExhibit = {
    id,
    title,
    story: [`Believed, ${year}: ${story.believed}`, `Broken: ${story.broken}`, `Fixed: ${story.fixed}`],
    edits: [...edits, ...scale],
    raw,
    file,
    scenario: name,
    lineName: `museum#${id}${raw ? '#raw' : ''}`,
    mended,
  }
  return { exhibit, scale: { ...exhibit, id: mended, edits: scale } }
})

export const MUSEUM: readonly MuseumExhibit[] = found.map(({ exhibit }) => exhibit)

/**
 * Sources that are nobody's exhibit and not as they are either: with a number made small, or with locks and grace
 * periods made of words.
 */
export const VARIANTS: readonly Exhibit[] = [
  ...found.flatMap(({ scale }) => (scale.edits.length > 0 ? [scale] : [])),
  { id: RAW, title: '', story: [], edits: [], raw: true },
]

/** The exhibit whose program is shown, broken or not: `text` of a place in the museum. */
export function shownExhibit(text: string): MuseumExhibit {
  const found = MUSEUM.find(({ id }) => id === text)
  if (found === undefined) throw new SyntaxError(`the museum has no exhibit '${text}'`)
  return found
}
