/**
 * Texts that were compiled before they are transformed, and constructs that need it.
 *
 * What is told of such a text, its sites, its map and its fingerprint, is told of the text that its author wrote.
 */

import type { Node } from './estree.ts'

/** The text that a compiled one was made from. */
export interface Origin {
  /** The author's text. */
  readonly text: string
  /** How Node has to load what the compiler made. */
  readonly format: 'module' | 'commonjs'
  /** Offsets in the compiled text whose place in the author's is known, ascending. */
  readonly known: readonly number[]
  /** The place in the author's text of an offset in the compiled one. */
  offset(at: number): number
  /** The text of a compiled node as its author wrote it; undefined for what the compiler added. */
  source(node: Node): string | undefined
}

/** The text means something at run time that only a compiler can say: an enum, a parameter property, a decorator. */
export class NeedsCompiler extends SyntaxError {
  override name = 'NeedsCompiler'
}

/** The author's text is at fault: it can't be read, or one of its tags says nothing. */
export class FaultInText extends SyntaxError {
  override name = 'SyntaxError'
}
