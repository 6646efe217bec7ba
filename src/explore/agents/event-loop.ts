/**
 * What an agent does when the code of its thread has come to an end: its jobs, its tasks with theirs, and what the
 * thread's promise came to.
 */

import type { AgentHooks } from '../runtime/engine.ts'
import { LOCK, UNLOCK } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from '../twins/refuse.ts'
import { type Agent, attempt, currentAgent, drain, isAsynchronous, type Job, NOWHERE } from './agent.ts'
import { isPromise, stateOf } from './promise.ts'

/** What a thread still has to do after its function gave that; null: nothing. */
export function afterBody(value: unknown): Twin | null {
  return isAsynchronous() || isPromise(value) ? rest(value) : null
}

function* rest(value: unknown): Twin {
  const agent = currentAgent()
  if (isPromise(value)) {
    agent.main = stateOf(value, -1)
    // The explorer itself asks what becomes of it.
    agent.main.handled = true
    agent.unheard.delete(agent.main)
  }
  const { main, life } = agent
  const whole = toItsEnd(agent, nothing)
  yield* life === undefined ? whole : life(whole)
  if (agent.held) yield* letGo(-1)
  return main === undefined ? value : main.value
}

function* nothing(): Twin<void> {}

/** Tells what the thread's promise has come to, as soon as it is settled; throws what it was rejected for. */
function tell(agent: Agent): void {
  const { main } = agent
  if (main === undefined) return
  if (main.status === 'pending') {
    runtime.hooks()?.unsettled(agent.awaits)
    return
  }
  agent.main = undefined
  if (main.status === 'rejected') throw main.value
  runtime.hooks()?.settle(main.value)
}

/** What is explored asynchronously. */
export function hooks(site: number): AgentHooks {
  return runtime.hooks() ?? refuse(site, NOWHERE)
}

/** Before the agent gets its first task: from then on its tasks take it as one takes a lock, and it holds itself. */
export function* hold(site: number): Twin<void> {
  const agent = currentAgent()
  if (agent.held) return
  agent.held = true
  if (!runtime.op(LOCK, site, hooks(site).lock(), 0)) yield
}

/** Lets go of the agent: another task may take it. */
export function* letGo(site: number): Twin<void> {
  const engine = hooks(site)
  if (engine.holds())
    refuse(
      site,
      'a lock that is tagged, or a read section, is held where a task ends, and another thread runs the next',
    )
  if (!runtime.op(UNLOCK, site, engine.lock(), 0)) yield
}

/** A task: takes the agent, does its work and all jobs, and lets go. */
export function* task(site: number, work: Job): Twin<void> {
  if (!runtime.op(LOCK, site, hooks(site).lock(), 0)) yield
  const agent = currentAgent()
  agent.tasks++
  const whole = toItsEnd(agent, work)
  yield* agent.life === undefined ? whole : agent.life(whole)
  yield* letGo(site)
}

function* toItsEnd(agent: Agent, work: Job): Twin<void> {
  yield* attempt(agent, work(), 0)
  yield* drain(agent)
  tell(agent)
}
