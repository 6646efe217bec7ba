/**
 * Agents: threads of the program, each with the helper threads that run its tasks.
 */
import type { AgentHooks } from '../runtime/engine.ts'
import type { Execution } from './state.ts'

/** The agent that a thread belongs to. */
export const agentOf = ({ agents }: Execution, t: number): number => agents.of[t] ?? t

/** Answers to what twins ask of agents. */
export function agentsOf(x: Execution): AgentHooks {
  return {
    current: () => agentOf(x, x.position.current),
    unsettled: () => x.agents.unsettled.add(agentOf(x, x.position.current)),
  }
}
