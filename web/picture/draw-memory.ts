/**
 * Which picture a lesson has.
 */

import type { Picture } from '../../lessons/lesson.ts'
import type { Moment, Stepper } from '../../src/explore/internals.ts'
import type { Scene } from './scene.ts'
import { drawStorage } from './storage-scene.ts'
import { drawTouched } from './touched-scene.ts'
import { drawWords } from './words-scene.ts'

/** Draws the memory as `moment`, the last one asked for, has left it. */
export function drawMemory(picture: Picture, stepper: Stepper<unknown>, moment: Moment): Scene {
  if (picture === 'words') return drawWords(stepper, moment)
  const hasRecords = moment.objects.some(({ kind }) => kind === 'sock' || kind === 'map')
  return hasRecords ? drawStorage(stepper, moment) : drawTouched(stepper, moment)
}
