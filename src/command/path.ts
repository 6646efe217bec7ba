/**
 * What is at a path that somebody gave us. Most of what may be wrong with one is no fault of the command's: a folder
 * that may not be read, a file taken for a folder, a name that is too long, links that lead in a circle.
 */

import { accessSync, constants, statSync } from 'node:fs'

/** What is at a path, or why that can't be told: the code of the system's error, ENOENT for nothing. */
export function kindAt(path: string): 'file' | 'folder' | 'other' | { readonly code: string } {
  try {
    const stat = statSync(path)
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
  } catch (error) {
    return { code: codeOf(error) }
  }
}

/** Is nothing there? */
export function isFree(path: string): boolean {
  const kind = kindAt(path)
  return typeof kind === 'object' && kind.code === 'ENOENT'
}

/** Why a file can't be read: undefined where it can, else the code of the system's error, EISDIR for a folder. */
export function unreadable(path: string): string | undefined {
  const kind = kindAt(path)
  if (typeof kind === 'object') return kind.code
  if (kind !== 'file') return kind === 'folder' ? 'EISDIR' : 'EINVAL'
  try {
    accessSync(path, constants.R_OK)
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO'
}
