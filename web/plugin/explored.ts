/**
 * Modules to be stepped, as the page gets them: `file.ts?explored` is the instrumented source, `file.ts?explored=ID`
 * the same with that exhibit's edits.
 *
 * Whatever such a module imports is of the same kind, so each exhibit has a program of its own, in chunks that are
 * loaded when it is chosen; modules from which no edited file is reached are shared. Files are named from the project's
 * root, in sites and reports alike.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { applyEdits, importsOf, transform } from '../../src/explore/internals-load.ts'
import { EDITED } from '../exhibits.ts'
import { RAW } from '../museum.ts'

/** The project's root. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
const runtimeFile = resolve(root, 'src/explore/twins/instrumented.ts')

/** `file.ts` and the exhibit of an id, or undefined for a module that is not stepped. */
export function exploredId(id: string): { file: string; exhibit: string } | undefined {
  const [, file, exhibit = ''] = /^(.*)\?explored(?:=([\w-]+))?$/.exec(id) ?? []
  return file === undefined ? undefined : { file, exhibit }
}

/** A file's path from the project's root, with slashes. */
export const nameOfFile = (file: string): string => relative(root, file).split(sep).join('/')

/** The sources in a folder and those below it, named from the project's root. */
export const filesOf = (folder: string): string[] =>
  readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.split(sep).join('/')}`)

/** The text of a file with an exhibit's edits. Throws if one of them no longer fits. */
export function textOf(file: string, exhibit: string): string {
  const text = readFileSync(file, 'utf8')
  const found = EDITED.get(exhibit)
  if (exhibit !== '' && found === undefined) throw new Error(`got the unknown exhibit ${exhibit}`)
  const edits = (found?.edits ?? []).map((edit) => ({ ...edit, file: resolve(root, edit.file) }))
  return applyEdits(text, file, file, edits)
}

const isRaw = (exhibit: string): boolean => EDITED.get(exhibit)?.raw === true

/** The exhibits whose edits a file or what it imports, directly or not, has; types aside. */
function exhibitsBehind(): (file: string) => ReadonlySet<string> {
  const own = new Map<string, string[]>()
  for (const { id, edits } of EDITED.values())
    for (const { file } of edits) own.set(resolve(root, file), [...(own.get(resolve(root, file)) ?? []), id])
  const reached = new Map<string, ReadonlySet<string>>()
  const importedBy = new Map<string, string[]>()
  const imports = (file: string) => {
    let known = importedBy.get(file)
    if (known === undefined) {
      const found = readFileSync(file, 'utf8').matchAll(
        /^(?:import|export|\}) (?!type ).*from '(\.[^']+)'|^import '(\.[^']+)'/gm,
      )
      importedBy.set(file, (known = [...found].map(([, from, bare]) => resolve(dirname(file), from ?? bare))))
    }
    return known
  }
  return (file) => {
    let known = reached.get(file)
    if (known === undefined) {
      const all = new Set([file])
      for (const each of all) for (const next of imports(each)) all.add(next)
      reached.set(file, (known = new Set([...all].flatMap((each) => own.get(each) ?? []))))
    }
    return known
  }
}

/** The plugin. */
export function explored(): Plugin {
  const imports = new Map<string, ReturnType<typeof importsOf>>()
  const behind = exhibitsBehind()
  const importsIn = (exhibit: string) => {
    let known = imports.get(exhibit)
    if (known === undefined) imports.set(exhibit, (known = importsOf((file) => textOf(file, exhibit), isRaw(exhibit))))
    return known
  }
  return {
    name: 'explored',
    enforce: 'pre',
    resolveId(source, importer) {
      const of = importer === undefined ? undefined : exploredId(importer)
      if (exploredId(source) !== undefined) {
        const [path, query] = source.split('?')
        return `${path.startsWith('.') && importer ? resolve(dirname(importer), path) : path}?${query}`
      }
      if (of === undefined || !source.startsWith('.')) return undefined
      const file = resolve(dirname(of.file), source)
      const shared = isRaw(of.exhibit) ? RAW : ''
      const variant = behind(file).has(of.exhibit) ? of.exhibit : shared
      return `${file}?explored${variant === '' ? '' : `=${variant}`}`
    },
    load(id) {
      const of = exploredId(id)
      if (of === undefined) return undefined
      const known = importsIn(of.exhibit)
      const { code } = transform(textOf(of.file, of.exhibit), nameOfFile(of.file), {
        raw: isRaw(of.exhibit),
        runtime: (name) => `import { instrumented as ${name} } from ${JSON.stringify(runtimeFile)};`,
        imported: (source, name) => known.imported(source, name, of.file),
        accessors: () => known.accessors(of.file),
      })
      return { code, map: null, moduleType: 'js' }
    },
  }
}
