/**
 * A scenario that can't be made.
 */

/** What is wrong with the object, a program or what was asked for: one sentence. Thrown by bpfScenario. */
export class BpfScenarioError extends Error {
  override readonly name = 'BpfScenarioError'
}
