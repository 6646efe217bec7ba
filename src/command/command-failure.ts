/**
 * A command that could not do its work, and knows why: one sentence. What nobody foresaw is no such error and is shown
 * with its stack.
 */

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  /** What the exit status says: that it was cut off, that its time was over, or that what it names makes no sense. */
  readonly ending: 'failed' | 'budget' | 'usage'
  constructor(message: string, ending: 'failed' | 'budget' | 'usage' = 'failed') {
    super(message)
    this.ending = ending
  }
}
