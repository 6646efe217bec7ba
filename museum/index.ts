/**
 * The catalogue: everything the museum has, in the order in which it is shown.
 */

import type { Exhibit } from './exhibit.ts'
import { cachedWithoutSecondLook } from './exhibits/d01-cached-without-second-look.ts'
import { freedAtOnce } from './exhibits/d14-freed-at-once.ts'
import { missingUncharge } from './exhibits/h17-missing-uncharge.ts'

export type { Control, Edit, Exhibit, Story, Tale } from './exhibit.ts'

/** The bugs. */
export const EXHIBITS: readonly Exhibit[] = [missingUncharge, cachedWithoutSecondLook, freedAtOnce]
