/**
 * A scenario, options or a checkpoint that the explorer can do nothing with.
 */

/** What `explore`, `check` and `replay` throw for a scenario, options or a checkpoint that can't be explored. */
export class MisuseError extends TypeError {
  override name = 'MisuseError'
  /** What is wrong, in one sentence. The message is the same behind `explore: `. */
  readonly sentence: string
  constructor(sentence: string) {
    super(`explore: ${sentence}`)
    this.sentence = sentence
  }
}
