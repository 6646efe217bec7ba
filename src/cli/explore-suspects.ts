/**
 * Which scenarios an edit may break, by what the museum knows: each of its bugs is a replacement of a piece of a file,
 * with the scenario that shows it.
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** How much an edit is to be feared for a scenario. */
export const SUSPICION = {
  none: 0,
  /** It shows a known bug of an edited file. */
  file: 1,
  /** It shows a bug of the very lines that were edited. */
  lines: 2,
} as const

/** What is feared for a scenario, by its file and name; without a name, for any of the file's. */
export type Suspicion = (file: string, scenario?: string) => number

/** Does a path, whatever it begins with, lead to that file? */
const leadsTo = (path: string, file: string) => `/${path}`.endsWith(`/${file}`)

/** The piece of a file that an exhibit would replace, and which scenario shows its bug. */
interface Piece {
  readonly file: string
  readonly from: string
  readonly scenario: { readonly file: string; readonly name: string }
}

/** None where there is no museum. */
async function pieces(): Promise<readonly Piece[]> {
  try {
    const { EXHIBITS } = await import('../../museum/index.ts')
    return EXHIBITS.flatMap(({ edits, scenario }) => edits.map(({ file, from }) => ({ file, from, scenario })))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    return []
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Does a piece no longer stand where an exhibit takes it to be? A file that can't be read says nothing. */
function isGone({ from }: Piece, path: string | undefined): boolean {
  const text = path === undefined ? undefined : textOf(path)
  return text !== undefined && text.split(from).length !== 2
}

/**
 * What is feared. `edited`: paths of the files that were edited. Without it these are the files below `root` in which a
 * piece of an exhibit is gone: of other edits nothing is known then.
 */
export async function suspicionOf(root: string, edited?: readonly string[]): Promise<Suspicion> {
  const all = await pieces()
  const pathOf = ({ file }: Piece) => edited?.find((path) => leadsTo(path, file)) ?? join(root, file)
  const gone = all.filter((piece) => isGone(piece, pathOf(piece)))
  const isEdited = ({ file }: Piece) =>
    edited === undefined ? gone.some((its) => its.file === file) : edited.some((path) => leadsTo(path, file))
  const lines = gone.filter(isEdited)
  const files = all.filter(isEdited)
  return (file, name) => {
    const shows = ({ scenario }: Piece) =>
      leadsTo(resolve(file), scenario.file) && scenario.name === (name ?? scenario.name)
    return lines.some(shows) ? SUSPICION.lines : files.some(shows) ? SUSPICION.file : SUSPICION.none
  }
}
