/**
 * Stack traces of what the author's code throws: its own functions alone, each at the author's line.
 */

import { runtime } from './runtime.ts'

/** A call that had not returned when something was thrown. */
export interface Call {
  /** The function's name; '' if it has none, or the engine does not know it. */
  readonly name: string
  /** `file:line`. */
  readonly place: string
}

/** `    at name (file:///path:1:2)`, or without the name. */
const FRAME = /^\s*at (?:async )?(?:(.*) \()?(?:file:\/\/)?(\S.*?):(\d+):(\d+)\)?$/

/** The author's calls that an error was made in, the innermost first. None of what is no error, or knows of none. */
export function authorsCalls(error: unknown): readonly Call[] {
  const files = new Set(runtime.modules.map(({ file }) => file))
  return stackOf(error)
    .split('\n')
    .flatMap((frame): Call[] => {
      const [, name = '', path, line, column] = FRAME.exec(frame) ?? []
      if (path === undefined) return []
      const place = placeOf(decoded(path), Number(line), Number(column), files)
      return place === undefined ? [] : [{ name: authorsName(name), place }]
    })
}

/** The stack as text; an error's may be anything, or a getter that throws. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : ''
  } catch {
    return ''
  }
}

function placeOf(path: string, line: number, column: number, files: ReadonlySet<string>): string | undefined {
  const copy = runtime.copies.get(path)
  if (copy !== undefined) {
    const authors = copy.lineOf(line, column)
    return authors === undefined ? undefined : `${copy.file}:${authors}`
  }
  // Whoever loaded it has told the author's lines already.
  return files.has(path) ? `${path}:${line}` : undefined
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** The name without what the transform has added to it. */
function authorsName(name: string): string {
  const its = name.replace(/\$_+twin$/, '')
  return its === '[twin]' ? '' : its.includes('$_') ? its.replace(/^.*\./, '') : its
}
