/**
 * Loading instrumented modules in this process, without hooks: for commands, tests and the museum.
 *
 * Each load is a fresh copy of the modules, so the same file can be loaded with different edits side by side.
 */

import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createCopy } from './copy.ts'
import type { Edit } from './edits.ts'
import '../twins/instrumented.ts'
import type { Packages } from './packages.ts'

export type { Edit } from './edits.ts'

/** How to load: with which edits, and what to instrument. */
export interface LoadOptions {
  /** Replacements in the source texts, applied before the transform. */
  readonly edits?: readonly Edit[]
  /** Explore the implementation of locks and RCU instead of their tags. */
  readonly raw?: boolean
  /** Packages from node_modules to instrument as well, by name; `true`: all. */
  readonly packages?: Packages
}

/**
 * Transforms a module and what it imports relatively, evaluates it and returns its namespace. Throws if an edit
 * doesn't fit its text exactly once, or names a file that isn't among those loaded.
 */
export async function loadInstrumented(
  file: string | URL,
  options: LoadOptions = {},
): Promise<Record<string, unknown>> {
  const entry = file instanceof URL ? fileURLToPath(file) : resolve(file)
  const copy = createCopy(entry, options)
  try {
    const path = copy.moduleAt(entry)
    const stray = options.edits?.find((each) => !copy.edited.has(each))
    if (stray) throw new Error(`the edit of ${stray.file} fits no file that ${basename(entry)} loads`)
    return await import(/* @vite-ignore */ pathToFileURL(path).href)
  } finally {
    copy.close()
  }
}
