/**
 * Which picture a lesson has.
 */

import type { Moment, Stepper } from '../../src/explore/internals.ts'
import type { Picture } from '../lessons/lesson.ts'
import type { Scene } from './scene.ts'
import { drawStorage } from './storage-scene.ts'
import { drawWords } from './words-scene.ts'

/** Draws the memory as `moment`, the last one asked for, has left it. */
export function drawMemory(picture: Picture, stepper: Stepper<unknown>, moment: Moment): Scene {
  return picture === 'storage' ? drawStorage(stepper, moment) : drawWords(stepper, moment)
}
