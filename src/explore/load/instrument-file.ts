/**
 * What the adapters for Vite and for Node share: which files are instrumented, and how one is.
 *
 * The user's own files are; a package from node_modules only if it is listed; this package itself never.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Transformed, TransformOptions } from '../transform/transform.ts'
import { importsOf } from './imported.ts'
import { instrumentText } from './instrument-text.ts'
import { namesPackage, type Packages, withEnvironment } from './packages.ts'
import { isInstalled, isScript, packageNameOf, resolveImport } from './resolve.ts'

/** Options of the adapters. */
export interface InstrumentOptions {
  /** Packages from node_modules to instrument as well, by name; `true`: all. EXPLORE_PACKAGES names more. */
  readonly packages?: Packages
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
  if (!isScript(path) || path.startsWith(ownFolder)) return false
  const packages = withEnvironment(options.packages)
  if (isInstalled(path)) return namesPackage(packages, packageNameOf(path))
  if (options.folders?.some((folder) => path.startsWith(folder)) ?? true) return true
  // A package of the same workspace is linked to and stands beside the project.
  return packages !== true && namesPackage(packages, packageNameOf(path))
}

/**
 * Makes the function that instruments files. What it learns of one file it remembers for those that import it. `entry`:
 * where the program begins, if it is known; else each file that came so far may be where one does, as that of a test
 * comes before what it imports.
 */
export function instrumenter(
  options: InstrumentOptions,
  more: TransformOptions = {},
  entry?: string,
): (code: string, path: string) => Transformed {
  const raw = options.raw ?? false
  const resolve = (source: string, from: string): string | undefined => {
    const file = resolveImport(source, from)
    return isInstrumented(file, options) ? file : undefined
  }
  const seen = new Map<string, string>()
  const entries = () => (entry === undefined ? seen.keys() : [entry])
  let imports = importsOf(read, raw, resolve, entries)
  function read(path: string): string {
    return seen.get(path) ?? readFileSync(path, 'utf8')
  }
  return (code, path) => {
    // In a watching server a file comes again when it has changed; then nothing learned is safe to keep.
    if (seen.has(path) && seen.get(path) !== code) imports = importsOf(read, raw, resolve, entries)
    seen.set(path, code)
    return instrumentText(code, path, {
      ...more,
      raw,
      imported: (source, name) => imports.imported(source, name, path),
      accessors: () => imports.accessors(path),
      foreign: (source, name) => imports.owns.foreign(source, name, path),
      touched: () => imports.owns.touched(path),
      awaits: () => imports.owns.awaits(path),
    })
  }
}
