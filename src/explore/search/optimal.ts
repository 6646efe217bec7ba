/**
 * Optimal dynamic partial-order reduction, for programs that may block: every Mazurkiewicz trace exactly once.
 *
 * Each execution is followed by those in which one of its races goes the other way, and each of these by its own. Which
 * races of which execution count is told from that execution alone (rules R1 to R8, docs/optimal.md). So nothing of
 * what lies behind has to be remembered, and what lies ahead is no more than the reversals of the executions that lead
 * to the present one: memory grows with the length of executions, not with their number.
 *
 * Abdulla, Atig, Das, Jonsson, Sagonas: Parsimonious Optimal Dynamic Partial Order Reduction, CAV 2024, showed that
 * this can be done. The rules here are our own, since theirs know no operation that blocks or becomes another one. They
 * are held against brute force on random programs.
 */
import { type Ending, endingOf } from '../engine/ending.ts'
import { firstEnabled, isEnabled } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { truncate } from '../engine/trace.ts'
import { type Ahead, addAhead, clearAhead, createAhead, giveAhead, shareBehind, takeAhead, takeBack } from './ahead.ts'
import { createRace } from './race.ts'
import { planReversals, type Reversal, type Reversing } from './reversals.ts'
import { framesOf, type SavedWalk, savedWalk, saveFrames } from './saved-walk.ts'
import type { Given, Search } from './search.ts'

/** An exact search on its way. */
interface Walk {
  readonly x: Execution
  readonly ahead: Ahead
  /** The present execution, as one whose races are looked at. */
  readonly reversing: Reversing
  /** What it follows: `kept` steps of a schedule, then the reversal's, then the rival's step. */
  schedule: readonly number[]
  kept: number
  reversal: Reversal | undefined
  /** It could not follow that. */
  lost: boolean
  /** Steps that it does again though an earlier execution has done them. */
  again: number
}

/**
 * Begins an exact search over the executions of `x`. With `root`, over those that begin with these threads' steps:
 * every trace that has them as a prefix, once.
 */
export function createOptimal(x: Execution, root: readonly number[] = []): Search {
  const ahead = createAhead()
  const walk: Walk = {
    x,
    ahead,
    reversing: {
      x,
      root: root.length,
      moved: [],
      floor: 0,
      from: root.length,
      passed: false,
      race: createRace(),
      found: [],
    },
    schedule: root,
    kept: root.length,
    reversal: undefined,
    lost: false,
    again: 0,
  }
  let begun = false
  return {
    begin() {
      if (begun && !takeReversal(walk)) return false
      begun = true
      walk.lost = false
      walk.again = walk.reversal === undefined ? 0 : Math.max(0, walk.kept - x.trace.n)
      return true
    },
    choose: chooserOf(walk),
    stepped() {},
    end: () => end(walk),
    save: (): SavedWalk => saveFrames(x, ahead.frames),
    saved: savedWalk(x.program.given),
    restore(saved) {
      begun = true
      clearAhead(ahead)
      for (const frame of framesOf(x, saved as SavedWalk)) addAhead(ahead, frame)
    },
    give: () => giveFrame(walk),
    peakAhead: () => ahead.peak,
    progress: () => shareBehind(ahead),
  }
}

/** Gives away some of what lies ahead, unless nobody else could take it up. */
function giveFrame({ x, ahead }: Walk): Given | undefined {
  const given = giveAhead(ahead)
  if (given === undefined) return undefined
  const walk = saveFrames(x, [given.frame])
  if (walk.apart !== true) return { walk, share: given.share }
  takeBack(ahead, given.frame)
  return undefined
}

/** Takes up the next reversal, and leaves in the trace what its execution has in common with the one that has ended. */
function takeReversal(walk: Walk): boolean {
  const { trace } = walk.x
  const frame = takeAhead(walk.ahead)
  if (frame === undefined) return false
  const { threads, reversals, begun } = frame
  const reversal = reversals[begun - 1]
  walk.reversal = reversal
  walk.schedule = threads
  walk.kept = reversal.at
  const { thread } = trace
  const most = Math.min(reversal.at, trace.n)
  let same = 0
  while (same < most && thread[same] === threads[same]) same++
  truncate(trace, same)
  return true
}

/** Returns `choose`. A closure of its own, since it is what an execution asks at every step. */
function chooserOf(walk: Walk): () => number {
  const { x } = walk
  const { trace } = x
  return () => {
    const { step } = x.position
    const { kept, reversal } = walk
    let t = -1
    if (step < kept) t = walk.schedule[step]
    else if (reversal !== undefined) {
      const { threads, rival, rivalMoved } = reversal
      const next = kept + threads.length
      if (step < next) t = threads[step - kept]
      else if (step === next && isEnabled(x, rival)) return rival
      else if (step === next + 1 && rivalMoved?.settled === false && trace.thread[next] === rival) {
        // R6: what lets another pass stays in front of its own rival, which comes next.
        const its = rivalMoved.rival.thread
        if (isEnabled(x, its)) return its
      }
    }
    if (t >= 0) {
      if (isEnabled(x, t)) return t
      walk.lost = true
      return -1
    }
    // Always by the same order of threads: which reversals count depends on it (R4).
    return firstEnabled(x)
  }
}

function end(walk: Walk): Ending {
  const { x } = walk
  x.totals.newSteps -= walk.again
  // A search that gives one up is not exhaustive any more, but looks for what would have ended it.
  if (x.position.stopped === 'circle' && !walk.lost) plan(walk)
  if (x.position.stopped !== '') return 'stopped'
  if (walk.lost) return 'redundant'
  plan(walk)
  return endingOf(x)
}

/** Looks at what the execution that has just ended leaves to explore. */
function plan({ x, ahead, reversing, kept, reversal }: Walk): void {
  const { trace } = x
  if (reversal !== undefined) {
    const { threads, moved, rival, rivalMoved } = reversal
    const next = kept + threads.length
    const stays = rivalMoved !== undefined && next < trace.n && trace.thread[next] === rival
    // R6: what lets another pass is still moved, behind that.
    reversing.moved = stays ? [...moved, { ...rivalMoved, at: next }] : moved
    reversing.floor = kept
    reversing.from = next - 1
    reversing.passed = rivalMoved !== undefined
  }
  const reversals = planReversals(reversing)
  if (reversals.length === 0) return
  const threads = new Array<number>(reversals[0].at)
  for (let i = 0; i < threads.length; i++) threads[i] = trace.thread[i]
  addAhead(ahead, { threads, reversals, begun: 0 })
}
