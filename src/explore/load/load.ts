/**
 * Loading instrumented modules in this process, without hooks: for commands, tests and the museum.
 *
 * Each load is a fresh copy of the modules, so the same file can be loaded with different edits side by side.
 */

import { basename, dirname, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { putBackFunctions, replacedBy } from '../runtime/language-functions.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { createCopy } from './copy.ts'
import '../agents/install.ts'
import type { Edit } from './edits.ts'
import type { LoadOptions } from './load-options.ts'

/** What was loaded, and the edits that fitted a file of it. */
export interface Loaded {
  readonly exports: Record<string, unknown>
  readonly edited: ReadonlySet<Edit>
}

/**
 * Transforms a module and what it imports relatively, evaluates it and returns its namespace. Throws if an edit
 * doesn't fit its text exactly once, or names a file that isn't among those loaded.
 */
export async function loadInstrumented(
  file: string | URL,
  options: LoadOptions = {},
): Promise<Record<string, unknown>> {
  return (await load(file, options, options.edits ?? [])).exports
}

/** The same, but edits of files that are not loaded are left out. */
export const loadFitting = (file: string, options: LoadOptions): Promise<Loaded> => load(file, options, [])

/** Throws if one of the edits in `needed` is of no file that is loaded. */
async function load(file: string | URL, options: LoadOptions, needed: readonly Edit[]): Promise<Loaded> {
  const entry = file instanceof URL ? fileURLToPath(file) : resolve(file)
  const copy = createCopy(entry, options)
  try {
    const path = copy.moduleAt(entry)
    const stray = needed.find((each) => !copy.edited.has(each))
    if (stray) {
      const loaded = [...copy.read].map((file) => relative(dirname(entry), file))
      throw new Error(`the edit of ${stray.file} fits no file that ${basename(entry)} loads: ${loaded.join(', ')}`)
    }
    return { exports: await evaluated(pathToFileURL(path).href), edited: copy.edited }
  } finally {
    copy.close()
  }
}

/** Throws if it replaces what everything here relies on, whatever else becomes of it. */
async function evaluated(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ url)) as Record<string, unknown>
  } finally {
    const replaced = putBackFunctions()
    // What else may have been thrown is a consequence.
    // biome-ignore lint/correctness/noUnsafeFinally: as said
    if (replaced !== undefined) throw new MisuseError(replacedBy('it', replaced))
  }
}
