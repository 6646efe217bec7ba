/**
 * How a thread ends that has come to what can't be explored.
 */

/** Thrown into a thread whose operation is refused. The engine has recorded the violation before it throws. */
export class Refusal extends Error {
  override name = 'Refusal'
}
