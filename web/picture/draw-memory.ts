/**
 * Which picture a lesson has.
 */

import type { Picture } from '../../lessons/lesson.ts'
import type { Moment, Stepper } from '../../src/explore/internals.ts'
import type { Scene } from './scene.ts'
import { drawWords } from './words-scene.ts'

type Draw = (stepper: Stepper<unknown>, moment: Moment) => Scene

/** What draws the memory as the moment that was asked for last has left it. */
export const drawingOf = async (picture: Picture): Promise<Draw> =>
  picture === 'words' ? drawWords : (await import('./records-scene.ts')).drawRecords
