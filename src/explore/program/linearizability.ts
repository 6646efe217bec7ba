/**
 * Whether a history of overlapping operations could have happened one after another.
 *
 * Wing and Gong's search with Lowe's memory of configurations: take any operation that began before the first end of
 * those not yet taken, let the model do it, go back when its answer differs. A history is split by key first, since
 * a map is linearizable iff each of its keys is. Searching may take for ever; a budget ends it with 'unknown'.
 */

/** Thrown when a history is not linearizable, or when that could not be told within the budget. */
export class LinearizabilityError extends Error {
  override name = 'LinearizabilityError'
  /** `unknown` if the budget ended the search. */
  readonly verdict: 'not linearizable' | 'unknown'
  constructor(verdict: 'not linearizable' | 'unknown', message: string) {
    super(message)
    this.verdict = verdict
  }
}

/** One operation of a history. Times only have to be ordered: steps of the schedule will do. */
export interface Operation<Input, Output> {
  /** Who did it. */
  readonly thread: number
  /** What was asked. */
  readonly input: Input
  /** What was answered. */
  readonly output: Output
  /** When it began: a number that only has to be ordered. */
  readonly begin: number
  /** Infinity: it had not ended, and may have taken effect or not. */
  readonly end: number
}

/** What the operations ought to do, one after another. */
export interface SequentialModel<State, Input, Output> {
  /** The state at the beginning. */
  init: () => State
  /** The state after the operation, and its answer. Doesn't change the state it is given. */
  apply: (state: State, input: Input) => { state: State; output: Output }
  /** Which part of the state an operation concerns; operations with other keys are checked apart. */
  key?: (input: Input) => unknown
  /** Tells equal states; by default their JSON. */
  fingerprint?: (state: State) => string
  /** By default equality of JSON. */
  same?: (a: Output, b: Output) => boolean
}

/**
 * The verdict: an order for each key; or the part that has none; or that it could not be told after so many model
 * steps.
 */
export type Linearization<Input, Output> =
  | { readonly verdict: 'linearizable'; readonly orders: readonly (readonly Operation<Input, Output>[])[] }
  | { readonly verdict: 'not linearizable'; readonly part: readonly Operation<Input, Output>[]; readonly key: unknown }
  | { readonly verdict: 'unknown'; readonly tried: number }

/** Checks a history. `budget` is the number of model steps it may take. */
export function linearize<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
  budget = 1_000_000,
): Linearization<Input, Output> {
  const parts = new Map<unknown, Operation<Input, Output>[]>()
  for (const operation of history) {
    const key = model.key?.(operation.input)
    const part = parts.get(key)
    if (part === undefined) parts.set(key, [operation])
    else part.push(operation)
  }
  const orders: Operation<Input, Output>[][] = []
  let tried = 0
  let unknown = false
  for (const [key, part] of parts) {
    const found = linearizePart(part, model, budget - tried)
    tried += found.tried
    if (found.order === null) return { verdict: 'not linearizable', part, key }
    if (found.order === undefined) unknown = true
    else orders.push(found.order)
  }
  return unknown ? { verdict: 'unknown', tried } : { verdict: 'linearizable', orders }
}

/** An order, null if there is none, undefined if the budget ended first. */
function linearizePart<State, Input, Output>(
  part: Operation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
  budget: number,
): { order: Operation<Input, Output>[] | null | undefined; tried: number } {
  const { apply, init, fingerprint = JSON.stringify, same = (a, b) => JSON.stringify(a) === JSON.stringify(b) } = model
  const sorted = [...part].sort((a, b) => a.begin - b.begin)
  const seen = new Set<string>()
  const order: Operation<Input, Output>[] = []
  const taken = new Array<boolean>(sorted.length).fill(false)
  let tried = 0

  const search = (state: State): boolean | undefined => {
    let first = Number.POSITIVE_INFINITY
    sorted.forEach(({ end }, k) => {
      if (!taken[k]) first = Math.min(first, end)
    })
    // Those that are left have not ended: they need not have happened.
    if (first === Number.POSITIVE_INFINITY && sorted.every(({ end }, k) => taken[k] || end === first)) return true
    const configuration = `${taken.map(Number).join('')} ${fingerprint(state)}`
    if (seen.has(configuration)) return false
    seen.add(configuration)
    for (let k = 0; k < sorted.length; k++) {
      const operation = sorted[k]
      if (taken[k] || operation.begin > first) continue
      if (++tried > budget) return undefined
      const next = apply(state, operation.input)
      if (operation.end !== Number.POSITIVE_INFINITY && !same(next.output, operation.output)) continue
      taken[k] = true
      order.push(operation)
      const found = search(next.state)
      if (found !== false) return found
      taken[k] = false
      order.pop()
    }
    return false
  }

  const found = search(init())
  return { order: found === undefined ? undefined : found ? order : null, tried }
}
