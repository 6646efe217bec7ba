/**
 * Instances of the modules that are stepped: those of the sources as they stand, and of the exhibits. An exhibit has
 * instances of its own of the files that it edits and of those that import them; all others it shares.
 */

import { loaders, table } from 'virtual:ground'
import { instrumented } from '../src/explore/internals.ts'
import { fallbacks, sharedBy } from './exhibits.ts'
import { sitesOf } from './short-sites.ts'

/** What the build found out. Files are named from the project's root. */
export interface GroundTable {
  /** By exhibit: the files of which it has instances of its own. */
  readonly own: Readonly<Record<string, readonly string[]>>
  /** By `file@exhibit`, of each text there is: the files that it imports. */
  readonly imports: Readonly<Record<string, readonly string[]>>
}

type Exports = Readonly<Record<string, unknown>>

const instances = new Map<string, Promise<Exports>>()

/** The exports of a file with the edits of an exhibit, or with none if its id is ''. */
export function moduleOf(file: string, exhibit: string): Promise<Exports> {
  const of = table.own[exhibit]?.includes(file) ? exhibit : sharedBy(exhibit)
  const key = `${file}@${of}`
  let known = instances.get(key)
  if (known === undefined) instances.set(key, (known = instanceOf(file, of)))
  return known
}

async function instanceOf(file: string, exhibit: string): Promise<Exports> {
  const text = [exhibit, ...fallbacks(exhibit)].map((id) => `${file}@${id}`).find((key) => key in loaders)
  if (text === undefined) throw new Error(`the page was built without the module ${file}@${exhibit}`)
  const names = table.imports[text]
  const [{ default: factory }, ...imported] = await Promise.all([
    loaders[text](),
    ...names.map((name) => moduleOf(name, exhibit)),
  ])
  const importedBy = new Map<string, Exports>(names.map((name, k) => [name, imported[k]]))
  const exports: Record<string, unknown> = {}
  await factory(
    (specifier) => (specifier === 'instrumented' ? { instrumented } : importedBy.get(resolved(specifier, file))!),
    (name, get) => Object.defineProperty(exports, name, { get, enumerable: true }),
    sitesOf,
  )
  return exports
}

/** The file that a file names in an import. */
const resolved = (specifier: string, file: string): string => new URL(specifier, `file:///${file}`).pathname.slice(1)
