/**
 * Before an execution: everything as it is at its start, but for the events that it will do again.
 */
import { runtime, TURNS } from '../runtime/runtime.ts'
import { resetAgents } from './agents-state.ts'
import { resetPrimitives } from './primitives-state.ts'
import { restoreMemory } from './put-back.ts'
import type { Execution, Position } from './state.ts'
import { ABSENT, DONE, LAZY } from './thread-status.ts'
import { resetTurns } from './turns-state.ts'

/** Puts memory, primitives and the position back. */
export function reset(x: Execution): void {
  const { trace, findings } = x
  const { given, first } = x.program
  runtime.spare = TURNS
  runtime.latestThrow = null
  runtime.unheard = null
  restoreMemory(x.memory)
  resetTurns(x.turns)
  resetPrimitives(x.primitives)
  resetAgents(x.agents)
  if (trace.cut.length > 0) trace.cut.length = 0
  const position: Position = x.position
  position.step = 0
  position.chosen = -1
  position.current = -1
  position.starting = false
  position.stopped = ''
  position.unfinished = -1
  if (findings.length > 0) {
    const kept = findings.filter(({ at }) => at >= 0 && at < trace.n)
    findings.splice(0, findings.length, ...kept)
  }
  const { status, pending, generators, results } = position
  for (let t = 0; t < given; t++) {
    generators[t] = null
    results[t] = undefined
    const f = first[t]
    if (f === undefined) {
      status[t] = DONE
      continue
    }
    status[t] = LAZY
    pending[t] = f
  }
  for (let t = given; t < trace.threads; t++) {
    status[t] = ABSENT
    generators[t] = null
  }
}
