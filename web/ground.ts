/**
 * Instances of the modules that are stepped: those of the sources as they stand, and of the exhibits. An exhibit has
 * instances of its own of the files that it edits and of those that import them; all others it shares.
 */

import version from 'virtual:ground'
import { instrumented } from '../src/explore/internals.ts'
import { fallbacks, isEdited, sharedBy } from './museum.ts'
import { type ShortSites, sitesOf } from './short-sites.ts'
import { plainText } from './source-file.ts'
import { addressOf, applyChanges, type FileParts, splitParts, type WrittenFile } from './written-file.ts'

type Exports = Readonly<Record<string, unknown>>

/**
 * Makes an instance of a module. `imported`: the exports of what it imports. `exportName` takes one of its own.
 * `table`: makes a table of sites of a short one. `meta`: what `import.meta` is there.
 */
type Factory = (
  imported: (specifier: string) => Exports,
  exportName: (name: string, get: () => unknown) => void,
  table: (short: ShortSites) => unknown,
  meta: { readonly url: string },
) => Promise<void>

const instances = new Map<string, Promise<Exports>>()
const files = new Map<string, WrittenFile>()
const parts = new Map<string, FileParts>()

/** The exports of a file that has programs, with the edits of an exhibit or with none if its id is ''. */
export async function moduleOf(file: string, exhibit: string): Promise<Exports> {
  const { reached = [] } = await loadFile(file)
  await Promise.all(reached.map(loadFile))
  return instance(file, exhibit)
}

function instance(file: string, exhibit: string): Promise<Exports> {
  const of = isOwn(file, exhibit) ? exhibit : sharedBy(exhibit)
  const key = `${file}@${of}`
  let known = instances.get(key)
  if (known === undefined) instances.set(key, (known = instanceOf(file, of)))
  return known
}

/** What the page has of a file with the edits of an exhibit; undefined for one that no program has loaded. */
export function partsOf(file: string, exhibit: string): FileParts | undefined {
  const written = files.get(file)
  if (written === undefined) return undefined
  const id = [exhibit, ...fallbacks(exhibit)].find((each) => written.others[each] !== undefined) ?? ''
  const key = `${file}@${id}`
  let known = parts.get(key)
  if (known === undefined) {
    known = splitParts(id === '' ? written.text : applyChanges(written.text, written.others[id]))
    parts.set(key, known)
  }
  return known
}

/** Names of the files that have been loaded. */
export const loadedFiles = (): readonly string[] => [...files.keys()]

function importsOf(file: string, exhibit: string): readonly string[] {
  const { imports } = files.get(file)!
  return imports[[exhibit, ...fallbacks(exhibit)].find((each) => imports[each] !== undefined) ?? '']
}

/** Whether an exhibit edits a file or what that imports, directly or not. */
function isOwn(file: string, exhibit: string): boolean {
  const key = `${file}@${exhibit}`
  let known = owned.get(key)
  if (known === undefined) {
    known = isEdited(file, exhibit) || importsOf(file, sharedBy(exhibit)).some((each) => isOwn(each, exhibit))
    owned.set(key, known)
  }
  return known
}

const owned = new Map<string, boolean>()

async function instanceOf(file: string, exhibit: string): Promise<Exports> {
  const names = importsOf(file, exhibit)
  const imported = await Promise.all(names.map((name) => instance(name, exhibit)))
  const { code, source } = partsOf(file, exhibit)!
  const importedBy = new Map<string, Exports>(names.map((name, k) => [name, imported[k]]))
  const exports: Record<string, unknown> = {}
  // The texts of exhibits are made here, so there is no file for a browser to load.
  const factory = new Function(`return ${code}`)() as Factory
  await factory(
    (specifier) => (specifier === 'instrumented' ? { instrumented } : importedBy.get(resolved(specifier, file))!),
    (name, get) => Object.defineProperty(exports, name, { get, enumerable: true }),
    (short) => sitesOf(file, short, plainText(source)),
    { url: `file:///${file}` },
  )
  return exports
}

async function loadFile(file: string): Promise<WrittenFile> {
  const known = files.get(file)
  if (known !== undefined) return known
  const response = await fetch(new URL(addressOf(version, file), import.meta.url))
  if (!response.ok) throw new Error(`the page lacks the file of ${file}: the server says ${response.status}`)
  const loaded = (await response.json()) as WrittenFile
  files.set(file, loaded)
  return loaded
}

/** The file that a file names in an import. */
const resolved = (specifier: string, file: string): string => new URL(specifier, `file:///${file}`).pathname.slice(1)
