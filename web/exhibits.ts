/**
 * All that the page can break: what belongs to a lesson, and the museum.
 */

import { LESSON_EXHIBITS } from '../museum/lesson-exhibits.ts'
import type { Exhibit } from './exhibit.ts'
import { MUSEUM } from './museum.ts'

export const EXHIBITS: readonly Exhibit[] = [...LESSON_EXHIBITS, ...MUSEUM]
