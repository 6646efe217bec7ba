/**
 * What a module may know of those it imports: which functions are leaves or tagged loads, which names are getters.
 *
 * Only files that are instrumented are looked at. One that can't be read or parsed simply isn't known; loading it will
 * say what is wrong with it.
 */

import type { Imported, Known } from '../transform/transform.ts'
import { knownText } from './cache.ts'
import { isRelative, resolveRelative } from './resolve.ts'

export interface Imports {
  /** An export of the module that `source` names in the file `from`. */
  imported(source: string, name: string, from: string): Imported | undefined
  /** The names of getters and setters in that module and in all that it imports. */
  accessors(source: string, from: string): Iterable<string>
}

/** The file of a specifier, if it is instrumented. May throw if there is none. */
export type Resolve = (source: string, from: string) => string | undefined

const onlyRelative: Resolve = (source, from) => (isRelative(source) ? resolveRelative(source, from) : undefined)

/** Looks modules up, through `read`; each file is looked at once. */
export function importsOf(read: (file: string) => string, raw: boolean, resolve = onlyRelative): Imports {
  const files = new Map<string, Known | undefined>()
  const allAccessors = new Map<string, ReadonlySet<string>>()

  function known(file: string): Known | undefined {
    if (!files.has(file)) {
      try {
        files.set(file, knownText(read(file), file, raw))
      } catch {
        files.set(file, undefined)
      }
    }
    return files.get(file)
  }

  function resolved(source: string, from: string): string | undefined {
    try {
      return resolve(source, from)
    } catch {
      return undefined
    }
  }

  function collect(file: string, names: Set<string>, seen: Set<string>): void {
    if (seen.has(file)) return
    seen.add(file)
    const module = known(file)
    for (const name of module?.accessors ?? []) names.add(name)
    for (const source of module?.sources ?? []) {
      const next = resolved(source, file)
      if (next !== undefined) collect(next, names, seen)
    }
  }

  return {
    imported(source, name, from) {
      const file = resolved(source, from)
      return file === undefined ? undefined : known(file)?.exports.get(name)
    },
    accessors(source, from) {
      const file = resolved(source, from)
      if (file === undefined) return []
      let names = allAccessors.get(file)
      if (names === undefined) {
        const found = new Set<string>()
        collect(file, found, new Set())
        allAccessors.set(file, (names = found))
      }
      return names
    },
  }
}
