/**
 * The execution that has just ended, run once more, with other bodies for its threads.
 */
import type { Twin } from '../runtime/twin.ts'
import { run } from './execution.ts'
import { type Execution, type Position, within } from './state.ts'
import { NOBODY } from './strategy.ts'

/**
 * Runs the execution in the trace once more, each thread as `instead` makes it of its own body, and has it looked at
 * while it stands as it ended. After that all is as it was before, but for the contents of memory.
 */
export function runAgain<T>(x: Execution, instead: (body: () => Twin) => Twin, look: () => T): T {
  const { hooks, totals, findings } = x
  const position: Position = x.position
  const { step, stopped } = position
  const before = {
    results: position.results.slice(),
    status: position.status.slice(),
    found: findings.splice(0),
    hooks: { detect: hooks.detect, performed: hooks.performed, instead: hooks.instead },
    totals: { ...totals },
  }
  Object.assign(hooks, { detect: null, performed: null, instead })
  try {
    return within(x, { stopAtFinding: true }, () => {
      run(x, NOBODY)
      return look()
    })
  } finally {
    before.results.forEach((result, t) => {
      position.results[t] = result
    })
    position.status.set(before.status)
    Object.assign(position, { step, stopped })
    Object.assign(hooks, before.hooks)
    Object.assign(totals, before.totals)
    findings.splice(0, findings.length, ...before.found)
  }
}
