/**
 * What a module may know of the functions it imports: which are leaves, which are tagged loads.
 *
 * Only relative imports are looked at. A file that can't be read or parsed simply isn't known; loading it will
 * say what is wrong with it.
 */

import { isRelative, resolveRelative } from './resolve.ts'
import { exportsOf, type Imported } from './transform.ts'

type Known = (source: string, name: string, from: string) => Imported | undefined

/** Looks up exports of files, which `read` reads; each file is looked at once. */
export function importedFrom(read: (file: string) => string, raw: boolean): Known {
  const files = new Map<string, ReadonlyMap<string, Imported>>()
  return (source, name, from) => {
    if (!isRelative(source)) return undefined
    try {
      const file = resolveRelative(source, from)
      let exported = files.get(file)
      if (!exported) files.set(file, (exported = exportsOf(read(file), file, { raw })))
      return exported.get(name)
    } catch {
      return undefined
    }
  }
}
