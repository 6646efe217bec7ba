/**
 * The paths that are still to be followed, and the states that were met where paths meet.
 *
 * A path that arrives with nothing but what an earlier one arrived with need not be followed again, once that one and
 * all that came of it have ended well. One that arrives with exactly what it had there itself goes round for ever.
 */

import { type State, stateCovers } from './state.ts'

/** A state that was met. `open` counts the paths from it that are not at their end. */
interface Met {
  /** Undefined once nobody compares with it any more. */
  state: State | undefined
  readonly before: Met | undefined
  open: number
}

/** Paths that may wait, as in the kernel. */
const MOST_WAITING = 8192
/** Older states of one place that are kept to compare with: beyond that it is quicker to follow the path. */
const MOST_KEPT = 32
/** Instructions between two states that are kept: short loops would fill the list. */
const FEWEST = 8

export class Paths {
  readonly #live: Int32Array
  readonly #points: ReadonlySet<number>
  readonly #met = new Map<number, Met[]>()
  readonly #waiting: { readonly at: number; readonly state: State; readonly before: Met | undefined }[] = []
  /** The latest state met on this path. */
  #latest: Met | undefined
  /** Instructions since then. */
  #since = 0

  constructor(live: Int32Array, points: ReadonlySet<number>) {
    this.#live = live
    this.#points = points
  }

  /** The path arrives: at something new, at what was followed before, or where it was itself. */
  meet(at: number, state: State): 'new' | 'known' | 'loop' {
    this.#since++
    if (!this.#points.has(at)) return 'new'
    const live = state.frames.map((_, f) => this.#live[state.frames[f + 1]?.returnsTo ?? at])
    const met = this.#met.get(at) ?? []
    for (let i = met.length - 1; i >= 0; i--) {
      const old = met[i]
      if (!stateCovers(old.state!, state, live)) continue
      if (old.open === 0) return 'known'
      if (stateCovers(state, old.state!, live) && this.#isBefore(old)) return 'loop'
    }
    if (met.length > 0 && this.#since < FEWEST) return 'new'
    this.#since = 0
    this.#latest = { state: state.copy(), before: this.#latest, open: 1 }
    met.push(this.#latest)
    if (met.length > MOST_KEPT) met.shift()!.state = undefined
    this.#met.set(at, met)
    return 'new'
  }

  #isBefore(old: Met): boolean {
    for (let each = this.#latest; each !== undefined; each = each.before) if (each === old) return true
    return false
  }

  /** Another way to go on from here, later. False: too many wait. */
  push(at: number, state: State): boolean {
    if (this.#latest !== undefined) this.#latest.open++
    this.#waiting.push({ at, state, before: this.#latest })
    return this.#waiting.length <= MOST_WAITING
  }

  /** This path has ended; the next one, if there is any. */
  next(): { readonly at: number; readonly state: State } | undefined {
    for (let each = this.#latest; each !== undefined; each = each.before) {
      each.open--
      if (each.open > 0) break
    }
    const next = this.#waiting.pop()
    this.#latest = next?.before
    this.#since = FEWEST
    return next
  }
}
