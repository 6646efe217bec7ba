/**
 * What the agents of a program print, apart: of a whole program it is the outcome, elsewhere it is printed.
 */

import { runtime } from '../runtime/runtime.ts'
import { refuse } from '../twins/refuse.ts'

interface Prints {
  execution: number
  /** By agent, what it has printed so far. */
  readonly of: Map<string, string>
}

const prints: Prints = { execution: -1, of: new Map() }

/** From now on, in this execution, what is printed is kept. */
export function keepPrints(): void {
  prints.execution = runtime.execution
  prints.of.clear()
}

/** What was printed in the latest execution in which it was kept. */
export const printsKept = (): ReadonlyMap<string, string> => prints.of

export const TOLD =
  'the program ends while a worker prints: whether that is still printed is not explored; wait for its exit, or for a message behind the print'

/** An agent prints. */
export function print(agent: string, stream: 'stdout' | 'stderr', text: string): void {
  const engine = runtime.hooks()
  engine?.printed()
  if (engine?.isOver()) refuse(-1, TOLD)
  const { process } = globalThis as unknown as { process: NodeJS.Process }
  if (prints.execution === runtime.execution) prints.of.set(agent, (prints.of.get(agent) ?? '') + text)
  else process[stream].write(text)
}
