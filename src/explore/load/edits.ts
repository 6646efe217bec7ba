/**
 * Edits of source texts: what turns correct code into an exhibit of the museum.
 */

import { dirname, resolve } from 'node:path'

/** A replacement that has to fit exactly once. */
export interface Edit {
  /** The file, absolute or relative to the folder of the one that is loaded; by default that one itself. */
  readonly file?: string
  /** Text that stands in the file exactly once. */
  readonly from: string
  /** What stands there instead. */
  readonly to: string
}

/** Applies the edits that are meant for `file`. Throws if one of them fits no place, or more than one. */
export function applyEdits(
  text: string,
  file: string,
  entry: string,
  edits: readonly Edit[],
  applied?: Set<Edit>,
): string {
  let edited = text
  for (const edit of edits) {
    const target = edit.file === undefined ? entry : resolve(dirname(entry), edit.file)
    if (target !== file) continue
    const first = edited.indexOf(edit.from)
    if (first === -1)
      throw new Error(`the edit no longer fits ${file}: it doesn't contain ${JSON.stringify(edit.from)}`)
    if (edited.indexOf(edit.from, first + 1) !== -1) {
      throw new Error(`the edit is ambiguous in ${file}: it contains ${JSON.stringify(edit.from)} more than once`)
    }
    edited = edited.slice(0, first) + edit.to + edited.slice(first + edit.from.length)
    applied?.add(edit)
  }
  return edited
}
