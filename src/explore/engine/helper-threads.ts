/**
 * Threads that the program does not have from the start: one for each callback that is queued.
 */
import type { Twin } from '../runtime/twin.ts'
import { noPending } from './pending-state.ts'
import { type Execution, nameOfThread, type Position } from './state.ts'
import { addThread } from './trace.ts'

/**
 * Creates the helper thread that runs a callback. It keeps its number for all executions of a search; another search
 * may number it differently, so what is written down uses its label.
 */
export function createHelper(x: Execution, parent: number, turn: number, body: () => Twin): number {
  const { program } = x
  const position: Position = x.position
  const { helpers } = x.primitives
  const key = parent * 65_536 + turn
  let t = helpers.get(key)
  if (t === undefined) {
    t = addThread(x.trace)
    helpers.set(key, t)
    position.pending[t] = position.own[t] = noPending()
    program.labels[t] = `${program.labels[parent]}.${turn + 1}`
    program.names[t] = `callback ${turn + 1} of ${nameOfThread(x, parent)}`
    if (t === position.status.length) {
      const wider = new Uint8Array(t * 2)
      wider.set(position.status)
      position.status = wider
    }
  }
  program.bodies[t] = x.hooks.bodyOf(body)
  position.generators[t] = null
  position.results[t] = undefined
  return t
}

/** Numbers helper threads as an earlier search did, whose labels these are. */
export function restoreHelpers(x: Execution, labels: readonly string[]): void {
  const its = x.program.labels
  for (const label of labels.slice(its.length)) {
    const dot = label.lastIndexOf('.')
    createHelper(x, its.indexOf(label.slice(0, dot)), Number(label.slice(dot + 1)) - 1, function* () {})
  }
}
