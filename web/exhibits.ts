/**
 * All that the page can break: what belongs to a lesson, and the museum.
 */

import { LESSON_EXHIBITS } from '../museum/lesson-exhibits.ts'
import type { Exhibit } from './exhibit.ts'
import { MUSEUM, RAW, VARIANTS } from './museum.ts'

export const EXHIBITS: readonly Exhibit[] = [...LESSON_EXHIBITS, ...MUSEUM]

/** Every text of the sources that is not the one as it stands, by the id that files are named with behind it. */
export const EDITED: ReadonlyMap<string, Exhibit> = new Map([...EXHIBITS, ...VARIANTS].map((each) => [each.id, each]))

/** Whether locks and grace periods are made of words in these texts. */
export const isRaw = (exhibit: string): boolean => EDITED.get(exhibit)?.raw === true

/** The texts that an exhibit has where it edits nothing. */
export const sharedBy = (exhibit: string): string => (isRaw(exhibit) ? RAW : '')

/** The other texts that an exhibit's file may be the same as, the likeliest first. */
export const fallbacks = (exhibit: string): string[] => [sharedBy(exhibit), ''].filter((id) => id !== exhibit)
