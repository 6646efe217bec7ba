/**
 * Tasks of agents: which helper thread runs one, and whether it may be left waiting at the end.
 */
import { DUE, TIMED, WOKEN } from '../runtime/kinds.ts'
import type { Twin } from '../runtime/twin.ts'
import { createHelper } from './helper-threads.ts'
import { whereIs } from './place-in-source.ts'
import { type Execution, nameOfThread, type Position } from './state.ts'
import { READY } from './thread-status.ts'

/** The agent that a thread belongs to. */
export const agentOf = ({ agents }: Execution, t: number): number => agents.of[t] ?? t

/**
 * Creates the helper thread that runs a task of the agent that runs. What it waits for stands in its pending operation.
 */
export function createTask(x: Execution, what: string, site: number, body: () => Twin): number {
  const p = x.primitives
  const position: Position = x.position
  const t = position.current
  const turn = (p.turns[t] = (p.turns[t] ?? 0) + 1) - 1
  p.used = true
  const helper = createHelper(x, t, turn, body)
  for (const column of [p.woken, p.nesting, p.sections, p.exits, p.turns]) column[helper] = 0
  // Only its own steps let a thread go on, so the latest one is its own.
  p.parents[helper] = position.step - 1
  const agent = agentOf(x, t)
  x.agents.of[helper] = agent
  x.agents.keeps[helper] = false
  const place = whereIs(site).replace(/.*[\\/]/, '')
  x.program.names[helper] = `${nameOfThread(x, agent)} (${what}${place === '' ? '' : `, ${place}`})`
  position.status[helper] = READY
  Object.assign(position.pending[helper], { site, shape: null, view: null, index: 0 })
  return helper
}

/** Whether nobody waits for what this helper thread waits for: its agent is through with its work. */
export function restsForEver({ agents, position, primitives }: Execution, t: number): boolean {
  const agent = agents.of[t]
  // A task that has begun may sleep as well, and its agent is not through then.
  if (agent === undefined || position.status[t] !== READY || position.generators[t] !== null) return false
  const { kind } = position.pending[t]
  if (kind === DUE && primitives.deadlines[t] === Number.POSITIVE_INFINITY) return true
  return (kind === WOKEN || kind === DUE || kind === TIMED) && !agents.keeps[t] && !agents.unsettled.has(agent)
}
