/**
 * Modules to be stepped, as the page gets them. `virtual:ground` says which there are and what each imports;
 * `virtual:ground/FILE@EXHIBIT` is one of them: the instrumented source with that exhibit's edits, as a function that
 * makes an instance of it. `../ground.ts` calls it. An exhibit has texts of its own only where they differ from those
 * that all share. A build reads the sources once.
 */

import { dirname, resolve } from 'node:path'
import { moduleRunnerTransform, type Plugin } from 'vite'
import { importsOf, transform } from '../../src/explore/internals-load.ts'
import { EDITED, fallbacks, isRaw, sharedBy } from '../exhibits.ts'
import type { GroundTable } from '../ground.ts'
import { shortSites } from '../short-sites.ts'
import { nameOfFile, root, textOf } from './files.ts'
import { writeLists } from './names.ts'

const GROUND = 'virtual:ground'
/** Where a reader sees what the calls of a CPU hold: the programs of the lessons, and the functions that they call. */
const LOCALS = /^(web\/scenarios\/|src\/shared\/sk-storage(-lookup|-update)?\.ts$)/

/** A module as an exhibit has it. */
interface Module {
  /** A module that exports the function which makes an instance. */
  readonly code: string
  /** The files that it imports, named from the root. */
  readonly imports: readonly string[]
}

/** The plugin; the page's workers want the same one, so that all is instrumented once. `scenarios`: `file@exhibit`. */
export function ground(scenarios: readonly string[]): Plugin {
  const modules = new Map<string, Promise<Module>>()
  let table: Promise<GroundTable> | undefined
  return {
    name: 'ground',
    resolveId: (source) => (source === GROUND || source.startsWith(`${GROUND}/`) ? `\0${source}` : undefined),
    async load(id) {
      if (!id.startsWith(`\0${GROUND}`)) return undefined
      table ??= tableOf(scenarios, modules)
      const { imports } = await table
      const key = id.slice(GROUND.length + 2)
      if (key !== '') return { code: (await modules.get(key)!).code, map: null, moduleType: 'js' }
      const loaders = Object.keys(imports).map(
        (each) => `${JSON.stringify(each)}: () => import(${JSON.stringify(`${GROUND}/${each}`)})`,
      )
      const { own } = await table
      const written = `{ own: ${writeLists(own)}, imports: ${writeLists(imports)} }`
      return `export const table = ${written}\nexport const loaders = { ${loaders.join(',\n')} }`
    },
  }
}

/** What the page must know of the modules that these scenarios reach. Puts the modules into `modules`. */
async function tableOf(scenarios: readonly string[], modules: Map<string, Promise<Module>>): Promise<GroundTable> {
  const makers = new Map<string, ModuleMaker>()
  const moduleOf = (file: string, exhibit: string): Promise<Module> => {
    const make = getOrMake(makers, exhibit, () => moduleMaker(exhibit))
    return getOrMake(modules, `${file}@${exhibit}`, () => make(file))
  }
  const own: Record<string, string[]> = {}
  const asked = new Map<string, Promise<boolean>>()
  /** Whether an exhibit edits a file or what that imports, directly or not. */
  const isOwn = (file: string, exhibit: string): Promise<boolean> =>
    getOrMake(asked, `${file}@${exhibit}`, async () => {
      const edited = EDITED.get(exhibit)?.edits.some((edit) => edit.file === file) ?? false
      const { imports } = await moduleOf(file, edited ? exhibit : sharedBy(exhibit))
      const reached = await Promise.all(imports.map((each) => isOwn(each, exhibit)))
      if (!edited && !reached.includes(true)) return false
      ;(own[exhibit] ??= []).push(file)
      return true
    })
  await Promise.all(scenarios.map((key) => isOwn(...(key.split('@') as [file: string, exhibit: string]))))
  const imports: Record<string, readonly string[]> = {}
  for (const [key, module] of modules) {
    const [file, exhibit] = key.split('@')
    const its = await module
    const others = await Promise.all(fallbacks(exhibit).map((id) => modules.get(`${file}@${id}`)))
    if (!others.some((other) => other?.code === its.code)) imports[key] = its.imports
  }
  return { own, imports }
}

function getOrMake<T>(made: Map<string, T>, key: string, make: () => T): T {
  let known = made.get(key)
  if (known === undefined) made.set(key, (known = make()))
  return known
}

type ModuleMaker = (file: string) => Promise<Module>

/** Instruments files with the edits of an exhibit. */
function moduleMaker(exhibit: string): ModuleMaker {
  const known = importsOf((path) => textOf(path, exhibit), isRaw(exhibit))
  return async (file) => {
    const path = resolve(root, file)
    const { code } = transform(textOf(path, exhibit), file, {
      raw: isRaw(exhibit),
      locals: LOCALS.test(file),
      runtime: (name) => `import { instrumented as ${name} } from 'instrumented';`,
      imported: (source, name) => known.imported(source, name, path),
      accessors: () => known.accessors(path),
      table: (sites) => `__sites__(${JSON.stringify(file)}, ${JSON.stringify(shortSites(sites, file))})`,
    })
    const made = (await moduleRunnerTransform(code, null, path, code))!
    const imported = new Set(made.deps!.filter((each) => each.startsWith('.')))
    return {
      code: `export default async (__vite_ssr_import__, __vite_ssr_exportName__, __sites__) => {\n${withoutNames(made.code)}\n}`,
      imports: [...imported].map((each) => nameOfFile(resolve(dirname(path), each))),
    }
  }
}

/** Which names are imported from where is of no use to the page. */
const withoutNames = (code: string): string =>
  code.replace(/(\bawait __vite_ssr_import__\("[^"]*"), \{[^}]*\}\)/g, '$1)')
