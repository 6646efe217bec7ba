/**
 * The project's sources, with an exhibit's edits or without. They are named from the project's root.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RAW } from '../../lessons/exhibit-index.ts'
import { EDITED } from '../../lessons/exhibits.ts'
import { applyEdits } from '../../src/explore/internals-load.ts'

/** The project's root. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A file's path from the project's root, with slashes. */
export const nameOfFile = (file: string): string => relative(root, file).split(sep).join('/')

/** The sources in a folder and those below it, named from the project's root. */
export const filesOf = (folder: string): string[] =>
  readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.split(sep).join('/')}`)

/** The text of a file with an exhibit's edits. Throws if one of them no longer fits. */
export function textOf(file: string, exhibit: string): string {
  const text = readFileSync(file, 'utf8')
  const found = EDITED.get(exhibit)
  if (exhibit !== '' && exhibit !== RAW && found === undefined) throw new Error(`got the unknown exhibit ${exhibit}`)
  const edits = (found?.edits ?? []).map((edit) => ({ ...edit, file: resolve(root, edit.file) }))
  return applyEdits(text, file, file, edits)
}
