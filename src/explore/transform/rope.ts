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

/** What is printed once more, beside the plain form. */
interface Again {
  readonly again: Rope
}

/** Generated text, a slice of the source, or a sequence of these. */
export type Rope = string | Slice | Again | readonly Rope[]

/** Says that the author's text of a node begins here, whatever is generated for it. Nothing of it is printed. */
export const begins = ({ start }: { readonly start: number }): Rope => ({ from: start, to: start })

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

type Segment = [number] | [number, number, number, number]

/** The text of a rope, and the maps from it back to the source, or to what that was compiled from. */
export interface Flat {
  readonly code: string
  /** Each slice stands for its place in the source, and generated text for what it stands behind. */
  readonly map: SourceMap
  /**
   * Each place of the source is there once, where its plain form stands, and generated text is nobody's: what a report
   * on coverage counts by.
   */
  readonly plainMap: () => SourceMap
}

export function flatten(rope: Rope, source: string, file: string, origin?: Origin): Flat {
  const starts = lineStarts(source)
  const author = origin === undefined ? starts : lineStarts(origin.text)
  const pieces: string[] = []
  const mappings: Segment[][] = [[]]
  const plain: Segment[][] = [[]]
  let column = 0

  function breakLine(): void {
    mappings.push([])
    plain.push([])
  }

  /**
   * What comes is nobody's: told at its first and at its last letter, since one asks for the next place known. Where
   * nothing can begin it ends what was before.
   */
  function hide(text: string): void {
    if (/^[\s)\]};,]*$/.test(text)) return
    plain.at(-1)!.push([column])
    if (text.length > 1 && !text.includes('\n')) plain.at(-1)!.push([column + text.length - 1])
  }

  function advance(text: string): void {
    pieces.push(text)
    const lastBreak = text.lastIndexOf('\n')
    column = lastBreak === -1 ? column + text.length : text.length - lastBreak - 1
  }

  function visitSlice({ from, to }: Slice, again: boolean): void {
    if (from === to && !again) {
      // The author's text begins here with what is generated.
      const { line, column: sourceColumn } = placeOf(author, origin === undefined ? from : origin.offset(from))
      plain.at(-1)!.push([column, 0, line, sourceColumn])
    }
    let at = from
    // A compiled text was written anew, so each piece of it has its own place.
    let piece = origin === undefined ? 0 : firstAfter(origin.known, from)
    while (at < to) {
      const { line, column: sourceColumn } = placeOf(author, origin === undefined ? at : origin.offset(at))
      const place: Segment = [column, 0, line, sourceColumn]
      mappings.at(-1)!.push(place)
      if (!again) plain.at(-1)!.push(place)
      const lineEnd = starts[placeOf(starts, at).line + 1] ?? source.length + 1
      const next = Math.min(to, lineEnd, origin?.known[piece++] ?? source.length + 1)
      const text = source.slice(at, next)
      if (again) hide(text)
      advance(text)
      if (next === lineEnd) breakLine()
      at = next
    }
  }

  function visit(part: Rope, again: boolean): void {
    if (typeof part === 'string') {
      hide(part)
      for (let at = part.indexOf('\n'); at !== -1; at = part.indexOf('\n', at + 1)) breakLine()
      advance(part)
    } else if (Array.isArray(part)) {
      for (const inner of part) visit(inner, again)
    } else if ('again' in part) visit(part.again, true)
    else visitSlice(part as Slice, again)
  }

  visit(rope, false)
  const sources = { file, sources: [file], sourcesContent: [origin?.text ?? source], names: [] }
  const map = new SourceMap({ ...sources, mappings: mappings as never })
  return { code: pieces.join(''), map, plainMap: () => new SourceMap({ ...sources, mappings: plain as never }) }
}

/** Index of the first of these ascending numbers that is larger. */
export function firstAfter(numbers: readonly number[], than: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle] > than) high = middle
    else low = middle + 1
  }
  return low
}
