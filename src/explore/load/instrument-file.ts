/**
 * What the adapters for Vite and for Node share: which files are instrumented, and how one is.
 *
 * The user's own files are; a package from node_modules only if it is listed; this package itself never.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Transformed, type TransformOptions, transform } from '../transform/transform.ts'
import { importsOf } from './imported.ts'

/** Options of the adapters. */
export interface InstrumentOptions {
  /** Packages from node_modules to instrument as well, by name. */
  readonly packages?: readonly string[]
  /**
   * The folders that the user's own files are in. The Vite plugin takes the project's root, Node's loader any folder.
   */
  readonly folders?: readonly string[]
  /** Explore the implementation of locks and RCU instead of taking their tags' word. */
  readonly raw?: boolean
}

// All rooms of the explorer: this file stands in one of them.
const ownFolder = fileURLToPath(new URL('../', import.meta.url))

/** Is the file at this path to be instrumented? */
export function isInstrumented(path: string, options: InstrumentOptions): boolean {
  if (!/\.[cm]?[jt]s$/.test(path) || /\.d\.[cm]?ts$/.test(path) || path.startsWith(ownFolder)) return false
  const parts = path.split(/[\\/]/)
  const at = parts.lastIndexOf('node_modules')
  if (at === -1) return options.folders?.some((folder) => path.startsWith(folder)) ?? true
  const scoped = parts[at + 1]?.startsWith('@')
  const name = parts.slice(at + 1, at + (scoped ? 3 : 2)).join('/')
  return options.packages?.includes(name) ?? false
}

/** Makes the function that instruments files. What it learns of one file it remembers for those that import it. */
export function instrumenter(
  options: InstrumentOptions,
  more: TransformOptions = {},
): (code: string, path: string) => Transformed {
  const raw = options.raw ?? false
  let imports = importsOf(read, raw)
  const seen = new Map<string, string>()
  function read(path: string): string {
    return seen.get(path) ?? readFileSync(path, 'utf8')
  }
  return (code, path) => {
    // In a watching server a file comes again when it has changed; then nothing learned is safe to keep.
    if (seen.has(path) && seen.get(path) !== code) imports = importsOf(read, raw)
    seen.set(path, code)
    return transform(code, path, {
      ...more,
      raw,
      imported: (source, name) => imports.imported(source, name, path),
      accessors: (source) => imports.accessors(source, path),
    })
  }
}
