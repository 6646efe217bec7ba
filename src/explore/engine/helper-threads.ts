/**
 * Threads that the program does not have from the start: one for each callback that is queued.
 */
import type { Twin } from '../runtime/twin.ts'
import { noPending } from './pending-state.ts'
import { type Execution, nameOfThread, type Position } from './state.ts'
import { addThread } from './trace.ts'

/**
 * Creates the helper thread that runs a callback. It keeps its number for all executions of a search; another search
 * may number it differently, so what is written down uses its label, and so does the order of threads.
 */
export function createHelper(x: Execution, parent: number, turn: number, body: () => Twin): number {
  const { program } = x
  const position: Position = x.position
  const { helpers } = x.primitives
  const key = parent * 65_536 + turn
  let t = helpers.get(key)
  if (t === undefined) {
    const label = `${program.labels[parent]}.${turn + 1}`
    t = addThread(x.trace, (other) => other >= program.given && isLower(label, program.labels[other]))
    helpers.set(key, t)
    position.pending[t] = position.own[t] = noPending()
    program.labels[t] = label
    program.names[t] = `callback ${turn + 1} of ${nameOfThread(x, parent)}`
    if (t === position.status.length) {
      const wider = new Uint8Array(t * 2)
      wider.set(position.status)
      position.status = wider
    }
  }
  x.agents.of[t] = undefined
  program.bodies[t] = body
  position.generators[t] = null
  position.results[t] = undefined
  return t
}

/** Whether a helper comes before another one: `2.1` before its own `2.1.1`, and that before `2.2` and `10.1`. */
function isLower(label: string, other: string): boolean {
  const [a, b] = [label, other].map((each) => each.split('.').map(Number))
  const k = a.findIndex((part, at) => part !== b[at])
  return k >= 0 ? k < b.length && a[k] < b[k] : a.length < b.length
}
