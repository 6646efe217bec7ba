/** A source as the page shows it. */
export interface SourceFile {
  /** By line: class and text of each piece in turn. */
  readonly lines: readonly (readonly string[])[]
  /** Name, first line and last line of every function, from 1. */
  readonly functions: readonly (readonly [string, number, number])[]
}
