/**
 * All that the page can break: what belongs to a lesson, and the museum.
 */

import { LESSON_EXHIBITS } from '../museum/lesson-exhibits.ts'
import type { Exhibit } from './exhibit.ts'
import { MUSEUM, VARIANTS } from './museum.ts'

export const EXHIBITS: readonly Exhibit[] = [...LESSON_EXHIBITS, ...MUSEUM]

/** Every text of the sources that is not the one as it stands, by the id that files are named with behind it. */
export const EDITED: ReadonlyMap<string, Exhibit> = new Map([...EXHIBITS, ...VARIANTS].map((each) => [each.id, each]))
