/**
 * What a module may know of those it imports: which functions are leaves or tagged loads, which names are getters.
 *
 * Only files that are instrumented are looked at. One that can't be read or parsed simply isn't known; loading it will
 * say what is wrong with it.
 */

import type { Imported, Known } from '../transform/transform.ts'
import { knownText } from './cache.ts'
import { type OwnExports, ownExports } from './own-exports.ts'
import { isRelative, resolveRelative } from './resolve.ts'

export interface Imports {
  /** An export of the module that `source` names in the file `from`. */
  imported(source: string, name: string, from: string): Imported | undefined
  /**
   * The names of getters and setters in that file and in all that it leads to, and in the program that it is part of.
   */
  accessors(file: string): ReadonlySet<string>
  /** What each thread has for itself of the modules. */
  readonly owns: OwnExports
}

/** The file of a specifier, if it is instrumented. May throw if there is none. */
export type Resolve = (source: string, from: string) => string | undefined

const onlyRelative: Resolve = (source, from) => (isRelative(source) ? resolveRelative(source, from) : undefined)

/**
 * Looks modules up, through `read`; each file is looked at once. `entries`: where the program begins, as far as that is
 * known by now. Objects of what these files lead to may come to any of them.
 */
export function importsOf(
  read: (file: string) => string,
  raw: boolean,
  resolve = onlyRelative,
  entries: () => Iterable<string> = () => [],
): Imports {
  const files = new Map<string, Known | undefined>()
  const exports = new Map<string, Known | undefined>()
  const around = new Map<string, ReadonlySet<string>>()
  const program = { files: new Set<string>(), names: new Set<string>() }

  function known(file: string, kept = files, accessors?: ReadonlySet<string>): Known | undefined {
    if (!kept.has(file)) {
      try {
        kept.set(file, knownText(read(file), file, raw, accessors))
      } catch {
        kept.set(file, undefined)
      }
    }
    return kept.get(file)
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

  /** The names in all files of the program, of which more may be known than when that was asked last. */
  function ofProgram(): Set<string> {
    const { files: its, names } = program
    const before = names.size
    for (const entry of entries()) collect(entry, names, its)
    if (names.size !== before) {
      around.clear()
      exports.clear()
    }
    return names
  }

  function accessors(file: string): ReadonlySet<string> {
    const all = ofProgram()
    if (program.files.has(file)) return all
    let names = around.get(file)
    if (names === undefined) {
      const found = new Set(all)
      collect(file, found, new Set())
      names = found
      around.set(file, names)
    }
    return names
  }

  return {
    imported(source, name, from) {
      const file = resolved(source, from)
      if (file === undefined) return undefined
      // A function that reads such a member is no leaf.
      const names = accessors(file)
      const own = known(file)
      const module = names.size === (own?.accessors.size ?? 0) ? own : known(file, exports, names)
      return module?.exports.get(name)
    },
    accessors,
    owns: ownExports(read, resolve, entries),
  }
}
