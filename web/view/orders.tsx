/**
 * What orders the steps: arrows between the lanes, and why the detector calls two accesses unordered. Loaded when it is
 * asked for.
 */

import { computed } from '@preact/signals'
import type { Moment, Orders } from '../../src/explore/internals.ts'
import { sentence } from '../actions.ts'
import { view } from '../state.ts'
import { CELL, LANE, LEFT } from './lanes.ts'
import { unordered } from './unordered.ts'

/** What orders the steps of the whole schedule. The memory is left as the present moment has it. */
const orders = computed((): Orders | undefined => {
  const shown = view.value
  return shown === null ? undefined : shown.stepper.orders?.(shown.whole, shown.now)
})

/** An arrow from each step to a later one of another CPU that is ordered behind it. */
export function Arrows() {
  const shown = view.value
  if (shown === null) return null
  const { whole } = shown
  const lanes = new Map(whole.threads.map(({ thread }, lane) => [thread, lane]))
  const x = (step: number) => LEFT + step * CELL + CELL / 2
  const y = (step: number) => (lanes.get(whole.steps[step].thread) ?? 0) * LANE + 12
  return (
    <>
      <defs>
        <marker id="order" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">
          <path d="M0 0 8 4 0 8z" class="tip" />
        </marker>
      </defs>
      {(orders.value?.pairs ?? []).map(({ from, to }) => (
        <path
          key={`${from} ${to}`}
          d={`M${x(from)} ${y(from)}C${x(from) + 8} ${(y(from) + y(to)) / 2} ${x(to) - 8} ${(y(from) + y(to)) / 2} ${x(to)} ${y(to)}`}
          class="order"
          marker-end="url(#order)"
        />
      ))}
    </>
  )
}

/** The reason in words. */
export function Reason() {
  const shown = view.value
  return shown === null ? null : <p>{reason(shown.whole)}</p>
}

/** Why nothing orders the two: what the later one is behind. */
function reason(whole: Moment): string {
  const two = unordered(whole)
  const known = orders.value
  const told = 'An arrow leads from a step to a later one of another CPU that is ordered behind it.'
  if (two === undefined || known === undefined) return told
  const [earlier, later] = two
  const nameOf = (step: number) => whole.threads.find(({ thread }) => thread === whole.steps[step].thread)?.name ?? ''
  const last = known.lastBefore(later, whole.steps[earlier].thread)
  const behind =
    last < 0
      ? `is behind no step of ${nameOf(earlier)} at all`
      : `is behind the steps of ${nameOf(earlier)} up to step ${last + 1} (${sentence(whole.steps[last], whole)}), and behind no later one`
  return `Step ${later + 1} (${sentence(whole.steps[later], whole)}) ${behind}. Step ${earlier + 1} (${sentence(whole.steps[earlier], whole)}) is not among them: no way along the arrows leads from it to step ${later + 1}. So a machine, or another order, may do the two the other way round.`
}
