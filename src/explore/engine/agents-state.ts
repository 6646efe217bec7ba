/**
 * What is known of agents while an execution runs.
 */
import type { Twin } from '../runtime/twin.ts'

/** What is known of agents, in one execution. */
export interface Agents {
  /** By helper thread: the agent whose task it runs. */
  readonly of: (number | undefined)[]
  /** By agent: the word that its tasks lock. Stay over executions. */
  readonly locks: (Int32Array | undefined)[]
  /** By helper thread that waits for timers: whether its agent does not end before. */
  readonly keeps: boolean[]
  /** Whether it waits for what another agent tells: a message, an exit. */
  readonly hears: boolean[]
  /** Addresses that stand for what is known by a name, or made by setup. Stay over executions. */
  readonly places: Map<string | object, number>
  /** What stands at such addresses, and how many bytes of them there are. Stay over executions. */
  readonly called: Map<number, { readonly what: string; readonly bytes: number }>
  /** Agents whose threads gave a promise that is not settled, each with the site where it awaited something last. */
  readonly unsettled: Map<number, number>
  /** By thread: what it does when its function has come to an end. */
  readonly rests: (Twin | undefined)[]
  /** The step before which a job began last; -1: none has. */
  latestJob: number
  /** By helper thread: what its task is about. */
  readonly tasks: string[]
  /** By thread: what the job that it runs came of, and where that stands. */
  readonly jobs: (readonly [what: string, site: number] | undefined)[]
  /** By thread: the event of its own after which it has printed something last. */
  readonly printed: (number | undefined)[]
  /** Agents that have ended by themselves. */
  readonly left: Set<number>
  /** The program has ended: whoever still runs is not waited for. */
  over: boolean
}

export const createAgents = (of: (number | undefined)[]): Agents => ({
  of,
  locks: [],
  keeps: [],
  hears: [],
  places: new Map(),
  called: new Map(),
  unsettled: new Map(),
  rests: [],
  latestJob: -1,
  tasks: [],
  jobs: [],
  printed: [],
  left: new Set(),
  over: false,
})

/** Before an execution. */
export function resetAgents(agents: Agents): void {
  if (agents.unsettled.size > 0) agents.unsettled.clear()
  agents.latestJob = -1
  // To set a length costs as much as a step, and mostly it is 0.
  if (agents.jobs.length > 0) agents.jobs.length = 0
  if (agents.printed.length > 0) agents.printed.length = 0
  if (agents.left.size > 0) agents.left.clear()
  agents.over = false
}
