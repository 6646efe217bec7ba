/**
 * The end of a search that was shared: everybody tells what only the end can tell, and one of them makes the result.
 */
import { outcomesOf, sumOf } from './line-up.ts'
import type { State } from './share-state.ts'
import { saveCheckpoint } from './telling.ts'
import type { Sum } from './words.ts'

/** Nobody explores any more: asks everybody for what only the end can tell. */
export function end(state: State): void {
  const { options, workers, entries } = state
  if (state.over || !workers.some(({ ready }) => ready)) return
  const { counts, found } = sumOf(entries)
  const { maxExecutions } = state.asked
  if (maxExecutions !== undefined && counts.executions >= maxExecutions && found === undefined)
    state.budget ||= 'executions'
  if (state.budget !== '') saveCheckpoint(state)
  state.over = true
  const judge = found === undefined && options.resume?.failed == null
  for (const { hand, ready } of workers) if (ready) hand.tell({ look: { judge, steps: counts.steps } })
}

/** When everybody has told, one of them makes the result: the one that has found the violation. */
export function conclude(state: State): void {
  const { workers, options, entries, started } = state
  const present = workers.filter(({ ready }) => ready)
  if (present.some(({ look }) => look === undefined)) return
  const looks = present.map(({ look }) => look!)
  const sum = sumOf(entries)
  const { counts, found } = sum
  const broken = found === undefined ? present.find(({ look }) => look?.found) : undefined
  if (broken !== undefined) counts.failing++
  const maker = found === undefined ? (broken ?? present[0]) : workers[found.worker]
  const seconds = (performance.now() - (started ?? performance.now())) / 1000
  const finish: Sum = {
    counts,
    outcomes: outcomesOf(sum),
    newSteps: sum.newSteps,
    peakAhead: Math.max(...looks.map(({ peakAhead }) => peakAhead)),
    behind: sum.behind,
    cutShort: state.cutShort || broken !== undefined,
    slept: state.slept,
    leavesOut: looks.some(({ leavesOut }) => leavesOut),
    leftOut: looks.flatMap(({ leftOut }) => leftOut),
    budget: state.budget,
    drawn: [...new Set([...(options.resume?.drawn ?? []), ...looks.flatMap(({ drawn }) => drawn)])],
    learned: [
      ...(options.resume?.learned ?? []),
      ...present.flatMap((worker) => (worker === maker ? [] : worker.look!.learned)),
    ],
    found: found?.part ?? (broken === undefined ? undefined : -1),
    failed: options.resume?.failed ?? null,
    suspected: options.resume?.suspected ?? [],
    seconds,
    left: Math.max(0, (state.asked.seconds ?? Number.POSITIVE_INFINITY) - seconds),
  }
  maker.hand.tell({ finish })
}
