/**
 * Output text as a tree of pieces: generated text, and slices of the source.
 *
 * The same source text is printed several times (plain form, twin), which editing one string in place can't
 * express. A rope can; and since every slice knows where it came from, the source map falls out at the end.
 */

import { SourceMap } from 'magic-string'
import type { Origin } from './compiled.ts'

/** A slice of the source text. */
interface Slice {
  readonly from: number
  readonly to: number
}

/** Generated text, a slice of the source, or a sequence of these. */
export type Rope = string | Slice | readonly Rope[]

/** Joins ropes with a separator between. */
export function join(ropes: readonly Rope[], separator: string): Rope {
  const joined: Rope[] = []
  for (const rope of ropes) {
    if (joined.length > 0) joined.push(separator)
    joined.push(rope)
  }
  return joined
}

/** The offsets at which the lines of a text begin. */
export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Line and column of an offset, both from 0. */
export function placeOf(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle] <= offset) low = middle
    else high = middle - 1
  }
  return { line: low, column: offset - starts[low] }
}

/** The text of a rope and the map from it back to the source, or to what that was compiled from. */
export function flatten(rope: Rope, source: string, file: string, origin?: Origin): { code: string; map: SourceMap } {
  const starts = lineStarts(source)
  const author = origin === undefined ? starts : lineStarts(origin.text)
  const pieces: string[] = []
  const mappings: [number, number, number, number][][] = [[]]
  let column = 0

  function advance(text: string): void {
    pieces.push(text)
    const lastBreak = text.lastIndexOf('\n')
    column = lastBreak === -1 ? column + text.length : text.length - lastBreak - 1
  }

  function visitSlice({ from, to }: Slice): void {
    let at = from
    // A compiled text was written anew, so each piece of it has its own place.
    let piece = origin === undefined ? 0 : firstAfter(origin.known, from)
    while (at < to) {
      const { line, column: sourceColumn } = placeOf(author, origin === undefined ? at : origin.offset(at))
      mappings[mappings.length - 1].push([column, 0, line, sourceColumn])
      const lineEnd = starts[placeOf(starts, at).line + 1] ?? source.length + 1
      const next = Math.min(to, lineEnd, origin?.known[piece++] ?? source.length + 1)
      advance(source.slice(at, next))
      if (next === lineEnd) mappings.push([])
      at = next
    }
  }

  function visit(part: Rope): void {
    if (typeof part === 'string') {
      for (let at = part.indexOf('\n'); at !== -1; at = part.indexOf('\n', at + 1)) mappings.push([])
      advance(part)
    } else if (Array.isArray(part)) {
      for (const inner of part) visit(inner)
    } else visitSlice(part as Slice)
  }

  visit(rope)
  const map = new SourceMap({
    file,
    sources: [file],
    sourcesContent: [origin?.text ?? source],
    names: [],
    mappings,
  })
  return { code: pieces.join(''), map }
}

/** Index of the first of these ascending numbers that is larger. */
function firstAfter(numbers: readonly number[], than: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle] > than) high = middle
    else low = middle + 1
  }
  return low
}
