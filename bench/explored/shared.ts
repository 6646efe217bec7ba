/**
 * Programs that take one core a while, by name, so that a worker can load them.
 */

import { lastzero, readers, spat } from './classics.ts'

export const lastzero12 = lastzero(12).scenario
export const lastzero20 = lastzero(20).scenario
export const readers22 = readers(22).scenario
export const spat8 = spat(8).scenario
