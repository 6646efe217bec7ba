/**
 * A text with pieces of it replaced, and where in the author's text each of the others stands.
 */

import type { Origin } from './compiled.ts'
import type { Node } from './estree.ts'
import { firstAfter } from './rope.ts'

/** Text in the place of a stretch of the author's. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A piece of the made text and what it was made from. One that was edited stands for the whole of that. */
interface Piece {
  readonly at: number
  readonly start: number
  readonly end: number
  readonly same: boolean
}

/** The text with the edits in it, which stands so far behind the beginning of the whole. */
export function edited(
  code: string,
  edits: readonly Edit[],
  behind: number,
): { text: string; pieces: readonly Piece[] } {
  const pieces: Piece[] = []
  let at = 0
  let made = ''
  const keepTo = (end: number): void => {
    pieces.push({ at: behind + made.length, start: at, end, same: true })
    made += code.slice(at, end)
  }
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    keepTo(start)
    pieces.push({ at: behind + made.length, start, end, same: false })
    made += text
    at = end
  }
  keepTo(code.length)
  pieces.push({ at: behind + made.length, start: code.length, end: code.length, same: false })
  return { text: made, pieces: pieces.filter((each, k) => each.at < (pieces[k + 1]?.at ?? each.at + 1)) }
}

/** What stands in the made text, as its author wrote it. */
export function originOf(text: string, pieces: readonly Piece[]): Origin {
  const known = pieces.map(({ at }) => at)
  const pieceAt = (at: number): Piece | undefined => pieces[firstAfter(known, at) - 1]
  const offset = (at: number): number => {
    const piece = pieceAt(at)
    if (piece === undefined) return 0
    return piece.same ? piece.start + at - piece.at : piece.start
  }
  const end = (at: number): number => {
    const piece = pieceAt(at - 1)
    if (piece === undefined) return 0
    return piece.same ? piece.start + at - piece.at : piece.end
  }
  const source = (node: Node): string | undefined =>
    pieceAt(node.start) === undefined ? undefined : text.slice(offset(node.start), end(node.end))
  return { text, format: 'commonjs', known, offset, source }
}
