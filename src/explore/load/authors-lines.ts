/**
 * Lines of instrumented texts as the author has them, for stack traces.
 */

import { decode } from '@jridgewell/sourcemap-codec'
import type { Copied } from '../runtime/site.ts'

/** Finds lines by the mappings of the text that was made from them, which begins at that column (from 0). */
export function authorsLines(mappings: string, begin = 0): Copied['lineOf'] {
  let lines: ReturnType<typeof decode> | undefined
  return (line, column) => {
    lines ??= decode(mappings)
    const at = line === 1 ? column - 1 - begin : column - 1
    const known = (lines[line - 1] ?? []).filter((segment) => segment.length > 1)
    // Generated text stands for what it stands behind; the first on a line for what follows.
    const authors = (known.findLast(([from]) => from <= at) ?? known[0])?.[2]
    return authors === undefined ? undefined : authors + 1
  }
}
