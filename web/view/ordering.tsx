/**
 * What orders the steps, on demand: the button.
 */

import { signal } from '@preact/signals'
import type { Moment } from '../../src/explore/internals.ts'
import { view } from '../state.ts'
import { later } from './later.tsx'
import { unordered } from './unordered.ts'

/** Whether it is shown. */
export const ordering = signal(false)

/** An arrow from each step to a later one of another CPU that is ordered behind it. */
export const Arrows = later(async () => (await import('./orders.tsx')).Arrows)

const Reason = later(async () => (await import('./orders.tsx')).Reason)

/** The button, and behind it the reason in words. */
export function Ordering({ whole }: { whole: Moment }) {
  if (view.value?.stepper.orders === undefined) return null
  return (
    <div class="ordering">
      <button
        type="button"
        aria-pressed={ordering.value}
        onClick={() => {
          ordering.value = !ordering.value
        }}
      >
        {unordered(whole) === undefined ? 'What orders them?' : 'Why unordered?'}
      </button>
      {ordering.value && <Reason />}
    </div>
  )
}
