/**
 * How far a search is that is shared, and the checkpoint of it: what was counted, and what lies ahead of all.
 */
import type { SavedWalk } from '../search/saved-walk.ts'
import { outcomesOf, sumOf } from './line-up.ts'
import type { State } from './share-state.ts'

/** Milliseconds between two words on how far it is. */
const TELLING = 250

/** Tells how far it is. */
export function tell(state: State): void {
  const { options, started, entries } = state
  const now = performance.now()
  if (state.over || started === undefined || now - state.told < TELLING) return
  state.told = now
  const { counts, behind } = sumOf(entries)
  const seconds = (now - started) / 1000
  const { executions } = counts
  options.onProgress?.({
    executions,
    rate: (executions - (options.resume?.counts.executions ?? 0)) / seconds,
    seconds,
    estimate:
      behind > 0
        ? {
            executions: Math.round(executions / behind),
            method: 'by known branches, each taken for equally large; more may appear',
          }
        : undefined,
  })
  saveCheckpoint(state)
}

/** Tells what `resume` takes: what was counted, and the parts that are still open. */
export function saveCheckpoint(state: State): void {
  const { options, entries, workers, fingerprint } = state
  const open = entries.filter((entry) => entry.open).map(({ left }) => left)
  // Nobody has told yet what lies ahead from the beginning.
  if (options.onCheckpoint === undefined || open.includes(null)) return
  const { counts, found, ...sum } = sumOf(entries)
  const { resume } = options
  const suspected = workers.flatMap((worker) => worker.suspected)
  const learned = [...new Set([...(resume?.learned ?? []), ...workers.flatMap((worker) => worker.learned)])]
  const drawn = [...new Set([...(resume?.drawn ?? []), ...workers.flatMap((worker) => worker.drawn)])]
  options.onCheckpoint({
    schema: 1,
    fingerprint,
    counts,
    outcomes: outcomesOf({ counts, found, ...sum }),
    failed: resume?.failed ?? found?.line ?? null,
    suspected: suspected.length > 0 ? suspected : resume?.suspected,
    learned: learned.length > 0 ? learned : undefined,
    drawn: drawn.length > 0 ? drawn : undefined,
    cutShort: state.cutShort ? true : undefined,
    slept: state.slept ? true : undefined,
    search: inOne(open as SavedWalk[]) ?? state.nothing,
  })
}

/** Walks one behind the other as one. */
function inOne([first, ...others]: readonly SavedWalk[]): SavedWalk | undefined {
  if (first === undefined) return undefined
  const behind = [...(first.behind ?? []), ...others]
  return behind.length === 0 ? first : { ...first, behind }
}
