/** What is wrong with what was asked for, in one sentence; the command ends with status 2. */
export class Refusal extends Error {
  override name = 'Refusal'
}
