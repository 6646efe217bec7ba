/**
 * The modules that are instrumented, and their sites.
 */

import type { Module, Outline, Site } from './site.ts'

/** None is registered as yet. */
export function createModules() {
  const sites: Site[] = []
  const modules: Module[] = []
  return {
    /** The modules registered so far. A module loaded twice stands here twice; the last one is in force. */
    modules: modules as readonly Module[],

    /** Every site of every module, by number. */
    sites: sites as readonly Site[],

    /** Registers a module's sites and returns the number of its first one: sites are numbered across modules. */
    module(
      file: string,
      fingerprint: string,
      its: readonly Site[],
      imports: readonly string[] = [],
      outline?: Outline,
    ): number {
      const base = sites.length
      // Not as arguments of one call: there may be too many.
      for (const each of its) sites.push(each)
      modules.push({ file, fingerprint, base, sites: its, imports, outline })
      return base
    },
  }
}
