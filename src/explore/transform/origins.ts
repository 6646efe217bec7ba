/**
 * What generated lines stand for: a comment at the end of a line names the place in the text that it was made from, and
 * the sites on that line are told as standing there.
 *
 *     words[counter] = words[counter] + 1 // @explore at counter.bpf.c:23:9 c->cnt++
 */

import type { Site } from '../runtime/site.ts'
import { placeOf } from './rope.ts'

/** A place in another text. */
type Origin = Omit<Site, 'operation'>

/** By line of the generated text, from 0 on. */
export type Origins = ReadonlyMap<number, Origin>

/** Reads them from a module's comments. */
export function originsOf(
  comments: readonly { type: string; value: string; start: number }[],
  lines: readonly number[],
): Origins {
  const origins = new Map<number, Origin>()
  for (const { type, value, start } of comments) {
    const [, file, line, column, source] = /^ @explore at (.+?):(\d+):(\d+)(?: (.*))?$/.exec(value) ?? []
    if (type !== 'Line' || file === undefined) continue
    const origin = { file, line: Number(line), column: Number(column), source: source ?? '', quoted: true }
    origins.set(placeOf(lines, start).line, origin)
  }
  return origins
}
