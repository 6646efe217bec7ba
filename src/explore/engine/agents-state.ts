/**
 * What is known of agents while an execution runs.
 */
import type { Twin } from '../runtime/twin.ts'

/** What is known of agents, in one execution. */
export interface Agents {
  /** By helper thread: the agent whose task it runs. */
  readonly of: number[]
  /** Agents whose threads gave a promise that is not settled. */
  readonly unsettled: Set<number>
  /** By thread: what it does when its function has come to an end. */
  readonly rests: (Twin | undefined)[]
}

export const createAgents = (): Agents => ({ of: [], unsettled: new Set(), rests: [] })

/** Before an execution. */
export function resetAgents({ unsettled }: Agents): void {
  if (unsettled.size > 0) unsettled.clear()
}
