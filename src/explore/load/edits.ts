/**
 * Edits of source texts: what turns correct code into an exhibit of the museum.
 */

import { existsSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'

/** A replacement that has to fit exactly once. */
export interface Edit {
  /**
   * The file: a path, absolute or relative to the folder of the one that is loaded, or as much of its end as no other
   * file has that is loaded. By default the loaded one itself.
   */
  readonly file?: string
  /** Text that stands in the file exactly once. */
  readonly from: string
  /** What stands there instead. */
  readonly to: string
}

/** Is the edit meant for this file? */
function isMeant({ file: named }: Edit, file: string, entry: string): boolean {
  if (named === undefined) return file === entry
  const path = resolve(dirname(entry), named)
  if (path === file) return true
  return file.endsWith(`${sep}${named.split('/').join(sep)}`) && !existsSync(path)
}

/**
 * Applies the edits that are meant for `file`. Throws if one of them fits no place, or more than one, in this file or
 * in another one.
 */
export function applyEdits(
  text: string,
  file: string,
  entry: string,
  edits: readonly Edit[],
  applied?: Set<Edit>,
): string {
  let edited = text
  for (const edit of edits) {
    if (!isMeant(edit, file, entry)) continue
    if (applied?.has(edit))
      throw new Error(`the edit of ${edit.file} fits several files, ${file} among them: name more of its path`)
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
