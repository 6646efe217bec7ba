/**
 * Tasks of agents: which helper thread runs one, and whether it may be left waiting at the end.
 */
import { ARRIVES, DUE, EXIT, LOCK, TIMED, WOKEN } from '../runtime/kinds.ts'
import type { Twin } from '../runtime/twin.ts'
import { agentIn } from './ended-agent.ts'
import { createHelper } from './helper-threads.ts'
import { TIMERS } from './memory.ts'
import { whereIs } from './place-in-source.ts'
import { type Execution, nameOfThread, type Position } from './state.ts'
import { READY } from './thread-status.ts'

/** The agent that a thread belongs to. */
export const agentOf = ({ trace }: Execution, t: number): number => agentIn(trace, t)

/**
 * Creates the helper thread that runs a task of the agent that runs. What it waits for stands in its pending operation.
 */
export function createTask(x: Execution, what: string, site: number, body: () => Twin): number {
  const helper = createThread(x, body)
  const agent = agentOf(x, x.position.current)
  x.agents.of[helper] = agent
  x.agents.keeps[helper] = false
  x.agents.hears[helper] = false
  nameTask(x, helper, what, site)
  const position: Position = x.position
  position.status[helper] = READY
  Object.assign(position.pending[helper], { site, shape: null, view: null, index: 0 })
  return helper
}

/** Creates the helper thread that an agent begins in which the running one makes. */
export function createWorker(x: Execution, name: string, body: () => Twin): number {
  const helper = createThread(x, body)
  x.program.names[helper] = name
  return helper
}

function createThread(x: Execution, body: () => Twin): number {
  const p = x.primitives
  const t = x.position.current
  const turn = (p.turns[t] = (p.turns[t] ?? 0) + 1) - 1
  p.used = true
  const helper = createHelper(x, t, turn, body)
  for (const column of [p.woken, p.nesting, p.sections, p.exits, p.turns]) column[helper] = 0
  // Only its own steps let a thread go on, so the latest one is its own.
  p.parents[helper] = x.position.step - 1
  return helper
}

/** Names a task: after its agent, what it is about, and where that was asked for. */
export function nameTask(x: Execution, helper: number, what: string, site: number): void {
  x.agents.tasks[helper] = what
  x.program.names[helper] = `${nameOfThread(x, agentOf(x, helper))} (${what}${placed(site)})`
}

/** Where something stands, behind what it is. */
function placed(site: number): string {
  const place = whereIs(site).replace(/.*[\\/]/, '')
  return place === '' ? '' : `, ${place}`
}

/** What a thread is about now: `timer 10 ms`, `after await, wait.js:14`, or both; '' before its first job. */
export function taskOf({ agents }: Execution, t: number): string {
  const job = agents.jobs[t]
  const its = agents.of[t] === undefined ? [] : [agents.tasks[t]]
  return [...its, ...(job === undefined ? [] : [`${job[0]}${placed(job[1])}`])].join(', ')
}

/** Whether nobody waits for what this helper thread waits for: its agent is through with its work. */
export function restsForEver(x: Execution, t: number): boolean {
  const { agents, position, primitives } = x
  if (agents.over) return true
  if (isLeft(x, t)) return true
  const agent = agents.of[t]
  // A task that has begun may sleep as well, and its agent is not through then.
  if (agent === undefined || position.status[t] !== READY || position.generators[t] !== null) return false
  const { kind } = position.pending[t]
  if (kind === DUE && primitives.deadlines[t] === Number.POSITIVE_INFINITY) return true
  if (agents.unsettled.has(agent)) return false
  // Who listens for messages is at rest when none can come any more.
  if (kind === ARRIVES) return true
  return (kind === WOKEN || kind === DUE || kind === TIMED) && !agents.keeps[t] && !(kind === DUE && listens(x, agent))
}

/** The tasks of an agent that have not begun, but for those that are there already. */
export function* waiting({ agents, position }: Execution, agent: number): Generator<number> {
  for (const [t, of] of agents.of.entries())
    if (of === agent && position.status[t] === READY && position.generators[t] === null) yield t
}

/** Whether a task waits for what another agent tells, or has heard of it, and does not keep its own. */
const hearsUnkept = ({ agents }: Execution, t: number): boolean => agents.hears[t] && !agents.keeps[t]

/**
 * Whether nothing that an agent waits for keeps it, and nothing else is left to do than what it does now. What it may
 * hear that does not keep it may have come already, and is no work that is left.
 */
export function isIdle(x: Execution, agent: number): boolean {
  const { agents, position } = x
  const others = agents.of.some(
    (of, t) =>
      of === agent &&
      t !== position.current &&
      position.status[t] === READY &&
      position.generators[t] !== null &&
      !hearsUnkept(x, t),
  )
  if (others) return false
  for (const t of waiting(x, agent)) if (agents.keeps[t] && position.pending[t].kind !== EXIT) return false
  return true
}

/** Whether an agent waits for what does not keep it, or has heard of it, other than by these of its tasks. */
export const mayHear = (x: Execution, agent: number, except: readonly (number | undefined)[]): boolean =>
  x.agents.of.some(
    (of, t) =>
      of === agent &&
      t !== x.position.current &&
      x.position.status[t] === READY &&
      hearsUnkept(x, t) &&
      !except.includes(t),
  )

/** Whether a `waitAsync` of that agent waits to be woken. */
export function awaitsNotify(x: Execution, agent: number): boolean {
  const { pending } = x.position
  for (const t of waiting(x, agent))
    if (
      pending[t].kind === WOKEN ||
      ((pending[t].kind === TIMED || pending[t].kind === DUE) && pending[t].start < TIMERS)
    )
      return true
  return false
}

/** Whether a thread is a task of an agent that has ended, which never has its turn. */
export const isLeft = ({ agents, position }: Execution, t: number): boolean =>
  agents.left.has(agents.of[t] ?? -1) && (position.generators[t] === null || position.pending[t].kind === LOCK)

/** Whether an agent does not end, since it listens for messages. */
function listens({ agents, position }: Execution, agent: number): boolean {
  return agents.of.some(
    (of, t) =>
      of === agent && position.status[t] === READY && position.pending[t].kind === ARRIVES && agents.keeps[t] === true,
  )
}
