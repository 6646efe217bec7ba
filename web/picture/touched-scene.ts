/**
 * The memory of a program that has no sockets and no maps: the words that its steps have touched so far.
 */

import type { Moment, Stepper } from '../../src/explore/internals.ts'
import { wordName } from '../view/word-names.ts'
import { type Field, lockedBy, type Scene, wordsOf } from './scene.ts'

/** Words in one box. */
const MOST = 10

/** Draws them in the order in which they were touched first. */
export function drawTouched(stepper: Stepper<unknown>, moment: Moment): Scene {
  const words = wordsOf(stepper.context)
  const first = stepper.addressOf(words, 0)
  const touched = new Set(moment.steps.filter(({ place }) => place !== '').map(({ address }) => address))
  const fields = [...touched].flatMap((address): Field[] => {
    const at = (address - first) >> 2
    if (at < 0 || at >= words.length) return []
    const label = wordName(words, at) ?? `words[${at}]`
    return [{ label, value: lockedBy(moment, address) || `${words[at]}`, address, pointer: 0 }]
  })
  const boxes = Math.max(1, Math.ceil(fields.length / MOST))
  return {
    columns: ['words that have been touched'],
    boxes: Array.from({ length: boxes }, (_, k) => ({
      id: `touched${k}`,
      title: fields.length === 0 ? 'none yet' : 'shared memory',
      column: k,
      row: 0,
      standing: 'live' as const,
      fields: fields.slice(k * MOST, (k + 1) * MOST),
      lock: '',
    })),
    arrows: [],
  }
}
