/**
 * What the engine is asked while a program runs: whether an operation may go on, and to refuse what can't be explored.
 */

import { agentsOf } from '../engine/agents.ts'
import { announce } from '../engine/announce.ts'
import { fail } from '../engine/fail.ts'
import { addMade, shapeOf } from '../engine/memory.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { agentOf } from '../engine/tasks.ts'
import { beginTurn } from '../engine/turns.ts'
import type { Engine } from '../runtime/engine.ts'
import { KINDS } from '../runtime/kinds.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime, TURNS } from '../runtime/runtime.ts'
import { withAuthorsStacks } from './error-stacks.ts'

/** How many times as long the loops of what runs once, such as setup, may turn as those of an execution. */
const REFILLS = 16

/** Answers for that execution. */
export function createAnswers(x: Execution): Engine {
  let refilled = 0
  const answers: Engine = {
    op(kind, site, view, index, a, b) {
      try {
        return announce(x, kind, site, view, index, a, b)
      } catch (error) {
        // Memory that can't be explored is told where a thread first comes to it.
        if (error instanceof MisuseError && x.position.current >= 0) refuse(x, site, error.sentence)
        throw error
      }
    },
    turn: (loop, left, values) =>
      x.hooks.between === null ? beginTurn(x, loop, left, values) : x.hooks.between.turn(loop, left, values),
    thread: () => x.position.current,
    agents: agentsOf(x),
    passed: () =>
      x.program.timeouts === true ? (x.primitives.slept[agentOf(x, x.position.current)] ?? 0) : x.primitives.now,
    made(buffer) {
      if (x.position.current >= 0) addMade(x.memory, buffer, x.position.current)
    },
    plain(kind, site, view) {
      if (x.position.current < 0 || shapeOf(x.memory, view) === null) return
      answers.refuse(site, `${KINDS[kind].name} of shared memory in code that can't be interrupted`)
    },
    refuse(site, reason) {
      if (x.position.current >= 0) refuse(x, site, reason)
    },
    endless(site) {
      const reason =
        runtime.sites[site]?.operation === 'calls'
          ? 'calls without a visible step, still going on after millions of them'
          : 'a loop without a visible step, still going on after millions of turns'
      if (x.position.current >= 0) refuse(x, site, reason, true)
      if (++refilled >= REFILLS) throw new MisuseError(`${reason} (${whereIs(site)})`)
      runtime.spare = TURNS
    },
  }
  return answers
}

/** The current thread can't go on: it has come to what can't be explored. */
function refuse(x: Execution, site: number, reason: string, slow = false): never {
  const { current } = x.position
  runtime.refused = runtime.execution
  const before = whereIs(site) === '' ? latestEvent(x, current) : -1
  const known = before < 0 ? site : x.trace.site[before]
  const where = whereIs(known)
  const near = where === '' ? '' : ` (${before < 0 ? '' : 'after '}${where})`
  const message = `${nameOfThread(x, current)}: ${reason}${near}`
  const events = before < 0 ? [] : [before]
  fail(x, { kind: 'refused', message, sites: [known], events, thread: current, at: -1, slow })
  throw new Refusal(message)
}

/** The latest step of that thread in this execution; -1 for none. */
function latestEvent({ trace, position }: Execution, t: number): number {
  for (let i = position.step - 1; i >= 0; i--) if (trace.thread[i] === t) return i
  return -1
}

/**
 * Does something while the runtime is answered so. `raw`: locks, read sections and the like are explored as they are
 * implemented.
 */
export function answering<T>(answers: Engine, raw: boolean, work: () => T): T {
  const before = runtime.install(answers)
  const rawBefore = runtime.raw
  runtime.raw = raw
  try {
    return withAuthorsStacks(work)
  } finally {
    runtime.raw = rawBefore
    runtime.install(before)
  }
}
