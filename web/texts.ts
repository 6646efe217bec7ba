/**
 * What the lesson at hand says. The texts of all lessons but the first come when one of them is to be seen.
 */

import { signal } from '@preact/signals'
import type { Texts } from '../lessons/lesson.ts'
import { lesson } from './state.ts'

const others = signal<Readonly<Record<string, Texts>> | undefined>(undefined)
const NOTHING: Texts = { task: '', text: [], hints: [] }

/** Nothing while it is on its way. */
export function textsHere(): Texts {
  const { id, texts } = lesson.value
  if (texts !== undefined) return texts
  if (others.value === undefined)
    void import('../lessons/texts.ts').then(({ TEXTS }) => {
      others.value = TEXTS
    })
  return others.value?.[id] ?? NOTHING
}
