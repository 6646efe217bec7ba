/**
 * Which text of a file an exhibit has.
 */

import { MUSEUM, OF_LESSONS, RAW, VARIANTS, type Variant } from '../lessons/exhibit-index.ts'

const known: ReadonlyMap<string, Variant> = new Map(
  [...OF_LESSONS, ...MUSEUM, ...VARIANTS].map((each) => [each.id, each]),
)

/** Whether an exhibit edits a file. */
export const isEdited = (file: string, exhibit: string): boolean => known.get(exhibit)?.edited.includes(file) === true

/** Whether locks and grace periods are made of words in these texts. */
export const isRaw = (exhibit: string): boolean => known.get(exhibit)?.raw === true

/** The texts that an exhibit has where it edits nothing. */
export const sharedBy = (exhibit: string): string => (isRaw(exhibit) ? RAW : '')

/** The other texts that an exhibit's file may be the same as, the likeliest first. */
export const fallbacks = (exhibit: string): string[] => [sharedBy(exhibit), ''].filter((id) => id !== exhibit)
