/**
 * The files of scenarios that somebody names: files, folders, and patterns that the shell has left to us.
 */

import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { kindAt } from '../command/path.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'

/** A file, and whether it was named itself: one that was only found may have no scenarios. */
export interface Named {
  readonly file: string
  readonly byName: boolean
}

const isScript = (file: string): boolean => /\.[cm]?[jt]s$/.test(file) && !/\.d\.[cm]?ts$/.test(file)
const isPattern = (word: string): boolean => /[*?]/.test(word)

/** The scripts in a folder and those below it, node_modules left out, by name. */
function scriptsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => isScript(file) && !file.split(sep).includes('node_modules'))
    .map((file) => join(folder, file))
    .sort()
}

/** What a pattern means: `*` and `?` within a name, `**` over folders. */
function meaning(pattern: string): RegExp {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const parts: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
  return new RegExp(`^${text.replace(/\*\*\/|\*\*|\*|\?/g, (part) => parts[part])}$`)
}

/** Each file once, in the order of the words. Throws UsageError for a folder or a pattern with no script. */
export function scenarioFiles(words: readonly string[]): Named[] {
  const found = new Map<string, Named>()
  for (const word of words) {
    const folder = kindAt(word) === 'folder'
    if (!folder && (!isPattern(word) || kindAt(word) === 'file')) {
      found.set(join(word), { file: word, byName: true })
      continue
    }
    const base = folder ? word : word.slice(0, word.search(/[^/]*[*?]/)) || '.'
    const its = kindAt(base) === 'folder' ? scriptsIn(base) : []
    const fits = folder ? its : its.filter((file) => meaning(join(word)).test(file.split(sep).join('/')))
    if (fits.length === 0) throw new UsageError(`got ${quote(word)}, expected one with a script in it`)
    for (const file of fits) if (!found.has(file)) found.set(file, { file, byName: false })
  }
  return [...found.values()]
}
