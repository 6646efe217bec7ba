/**
 * An option that makes no sense, said in one sentence: what was got, what was expected.
 */

/**
 * What `boot` and `createMemory` throw for an option that is out of range. Whoever knows it only as a RangeError reads
 * it as one.
 */
export class OptionError extends RangeError {
  /** The option's name. The message begins with it. */
  readonly option: string
  /** The rest of the message, behind the colon. */
  readonly sentence: string
  constructor(option: string, sentence: string) {
    super(`${option}: ${sentence}`)
    this.option = option
    this.sentence = sentence
  }
}
