/**
 * The memory of programs with sockets and maps, and of exhibits without. Loaded with the first of them.
 */

import type { Moment, Stepper } from '../../src/explore/internals.ts'
import type { Scene } from './scene.ts'
import { drawStorage } from './storage-scene.ts'
import { drawTouched } from './touched-scene.ts'

/** Draws the records, or the words that were touched where there are none. */
export function drawRecords(stepper: Stepper<unknown>, moment: Moment): Scene {
  const hasRecords = moment.objects.some(({ kind }) => kind === 'sock' || kind === 'map')
  return hasRecords ? drawStorage(stepper, moment) : drawTouched(stepper, moment)
}
