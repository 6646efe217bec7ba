/**
 * What is wrong with an object file, in one sentence: where, what was got, what was expected.
 */

/** Thrown for an object file that is damaged, or that asks for what is not here. Nothing of the file is loaded then. */
export class BpfObjectError extends Error {
  override readonly name = 'BpfObjectError'
  /** The file's name. The message begins with it. */
  readonly object: string

  constructor(object: string, sentence: string) {
    super(`${object}: ${printable(sentence)}`)
    this.object = object
  }
}

/** A damaged file's names may hold anything. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, (char) => `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`)
}

/** The error of the file that is being read. */
export type Fault = (sentence: string) => BpfObjectError
