/**
 * Modules as they are read, before they are loaded: what stands in each, and which files it leads to.
 */

import { type ReadModule, readModule } from '../transform/read-module.ts'

/** The modules of a program, each read once. */
export interface ReadModules {
  /** Undefined: it can't be read. */
  module(file: string): ReadModule | undefined
  /** The file of a specifier, if it is instrumented. */
  resolved(source: string, from: string): string | undefined
  /** The files that it imports, as far as they are instrumented. */
  leadsTo(file: string): readonly string[]
}

/** `resolve` gives the file of a specifier, if it is instrumented. */
export function readModules(
  read: (file: string) => string,
  resolve: (source: string, from: string) => string | undefined,
): ReadModules {
  const modules = new Map<string, ReadModule | undefined>()
  const led = new Map<string, readonly string[]>()

  function module(file: string): ReadModule | undefined {
    if (!modules.has(file)) {
      let found: ReadModule | undefined
      try {
        found = readModule(read(file), file)
      } catch {
        // Loading it will say what is wrong with it.
      }
      modules.set(file, found)
    }
    return modules.get(file)
  }

  function resolved(source: string, from: string): string | undefined {
    try {
      return resolve(source, from)
    } catch {
      return undefined
    }
  }

  function leadsTo(file: string): readonly string[] {
    let files = led.get(file)
    if (files === undefined) {
      files = (module(file)?.sources ?? []).map((source) => resolved(source, file)).filter((next) => next !== undefined)
      led.set(file, files)
    }
    return files
  }

  return { module, resolved, leadsTo }
}
