/**
 * The files that the page's programs reach, as it gets them: beside the scripts a file of JSON for each, with all its
 * texts, those of exhibits only where they differ from those that all share. `virtual:ground` is the version that
 * stands in their names. A build reads the sources once.
 */

import { createHash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { minifySync, moduleRunnerTransform, type Plugin } from 'vite'
import { importsOf, transform } from '../../src/explore/internals-load.ts'
import { fallbacks, isEdited, isRaw, sharedBy } from '../museum.ts'
import { shortSites } from '../short-sites.ts'
import { writeSource } from '../source-file.ts'
import { addressOf, type Changes, joinParts, type WrittenFile, writeFunctions } from '../written-file.ts'
import { changesOf } from './changes.ts'
import { nameOfFile, root, textOf } from './files.ts'
import { functionsOf, functionsOfC } from './functions.ts'
import { colouredSource } from './sources.ts'

const GROUND = 'virtual:ground'
/** Where a reader sees what the calls of a CPU hold: the programs of the lessons, and the functions that they call. */
const LOCALS = /^(web\/scenarios\/|props\/scenarios\/|src\/(shared|sync)\/(?!slab|sanitizer))/

/** One text of a file. */
interface Text {
  /** All of it, as it is stored. */
  readonly text: string
  /** The files that it imports, named from the root. */
  readonly imports: readonly string[]
  /** Those that it was generated from, which its sites quote. */
  readonly quotes: readonly string[]
}

/** All texts of a file, by exhibit. */
type Texts = Map<string, Text>

/** The plugin; the page's workers want the same one, so that all is instrumented once. `scenarios`: `file@exhibit`. */
export function ground(scenarios: readonly string[]): Plugin {
  let files: Promise<ReadonlyMap<string, Texts>> | undefined
  return {
    name: 'ground',
    resolveId: (source) => (source === GROUND ? `\0${GROUND}` : undefined),
    async load(id) {
      if (id !== `\0${GROUND}`) return undefined
      files ??= filesOf(scenarios)
      const found = await files
      const all = [...found.keys()].map((file) => [file, JSON.stringify(written(found, file, scenarios))])
      const version = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 8)
      for (const [file, source] of all)
        this.emitFile({ type: 'asset', fileName: join('assets', addressOf(version, file)), source })
      return `export default '${version}'`
    },
  }
}

/** The text that stands in for an exhibit's where that is the same, as the page looks for it. */
const standIn = (texts: ReadonlyMap<string, unknown>, exhibit: string): string =>
  fallbacks(exhibit).find((id) => texts.has(id)) ?? ''

function written(files: ReadonlyMap<string, Texts>, file: string, scenarios: readonly string[]): WrittenFile {
  const texts = files.get(file)!
  const { text } = texts.get('')!
  const others: Record<string, Changes> = {}
  const imports: Record<string, readonly string[]> = {}
  for (const [exhibit, its] of texts) {
    if (exhibit !== '') others[exhibit] = changesOf(text, its.text)
    const known = imports[fallbacks(exhibit).find((id) => imports[id] !== undefined) ?? '']
    if (JSON.stringify(known) !== JSON.stringify(its.imports)) imports[exhibit] = its.imports
  }
  const isProgram = scenarios.some((key) => key.startsWith(`${file}@`))
  return { text, others, imports, ...(isProgram ? { reached: reachedFrom(files, file) } : {}) }
}

/** All files that any text of a file imports or quotes, directly or not. */
function reachedFrom(files: ReadonlyMap<string, Texts>, file: string): string[] {
  const found = new Set([file])
  for (const each of found)
    for (const { imports, quotes } of files.get(each)!.values())
      for (const next of [...imports, ...quotes]) found.add(next)
  return [...found].slice(1)
}

/** The files that these scenarios reach, each with its texts: first as it stands, then raw, then the exhibits'. */
async function filesOf(scenarios: readonly string[]): Promise<ReadonlyMap<string, Texts>> {
  const makers = new Map<string, TextMaker>()
  const made = new Map<string, Promise<Text>>()
  const textIn = (file: string, exhibit: string): Promise<Text> => {
    const make = getOrMake(makers, exhibit, () => textMaker(exhibit))
    return getOrMake(made, `${file}@${exhibit}`, () => make(file))
  }
  const asked = new Map<string, Promise<void>>()
  /** Makes the texts of a file that an exhibit's program has, and of what it imports. */
  const reach = (file: string, exhibit: string): Promise<void> =>
    getOrMake(asked, `${file}@${exhibit}`, async () => {
      const { imports, quotes } = await textIn(file, isEdited(file, exhibit) ? exhibit : sharedBy(exhibit))
      await textIn(file, '')
      await Promise.all([...imports, ...quotes].map((each) => reach(each, exhibit)))
    })
  await Promise.all(scenarios.map((key) => reach(...(key.split('@') as [file: string, exhibit: string]))))
  const files = new Map<string, Texts>()
  const keys = [...made.keys()].map((key) => key.split('@') as [file: string, exhibit: string])
  for (const group of [isStanding, isShared, isOwn])
    for (const [file, exhibit] of keys.filter(([, id]) => group(id)).sort()) {
      const texts = getOrMake(files, file, () => new Map())
      const its = await textIn(file, exhibit)
      if (exhibit === '' || texts.get(standIn(texts, exhibit))?.text !== its.text) texts.set(exhibit, its)
    }
  return files
}

const isStanding = (exhibit: string) => exhibit === ''
const isShared = (exhibit: string) => exhibit !== '' && exhibit === sharedBy(exhibit)
const isOwn = (exhibit: string) => exhibit !== '' && exhibit !== sharedBy(exhibit)

function getOrMake<T>(made: Map<string, T>, key: string, make: () => T): T {
  let known = made.get(key)
  if (known === undefined) made.set(key, (known = make()))
  return known
}

type TextMaker = (file: string) => Promise<Text>

/** Reads, colours and instruments files with the edits of an exhibit. */
function textMaker(exhibit: string): TextMaker {
  const known = importsOf((path) => textOf(path, exhibit), isRaw(exhibit))
  return async (file) => {
    const path = resolve(root, file)
    const plain = textOf(path, exhibit)
    if (file.endsWith('.c')) return textOfC(plain)
    const { code, sites } = transform(plain, file, {
      raw: isRaw(exhibit),
      locals: LOCALS.test(file),
      runtime: (name) => `import { instrumented as ${name} } from 'instrumented';`,
      imported: (source, name) => known.imported(source, name, path),
      accessors: () => known.accessors(path),
      table: (sites) => `__sites__(${JSON.stringify(shortSites(sites, file, plain))})`,
    })
    const made = (await moduleRunnerTransform(code, null, path, code))!
    const imported = new Set(made.deps!.filter((each) => each.startsWith('.')))
    const source = writeSource(await colouredSource(plain, 'typescript'))
    const functions = writeFunctions(functionsOf(plain, file))
    return {
      text: joinParts({ source, functions, code: expression(made.code) }),
      imports: [...imported].map((each) => nameOfFile(resolve(dirname(path), each))),
      quotes: [...new Set(sites.flatMap((site) => (site.quoted === true ? [site.file] : [])))],
    }
  }
}

/** A text in C: it is only shown. */
async function textOfC(plain: string): Promise<Text> {
  const source = writeSource(await colouredSource(plain, 'c'))
  return {
    text: joinParts({ source, functions: writeFunctions(functionsOfC(plain)), code: '' }),
    imports: [],
    quotes: [],
  }
}

/** The expression for the function that makes an instance. */
function expression(code: string): string {
  const given = '__vite_ssr_import__, __vite_ssr_exportName__, __sites__, __vite_ssr_import_meta__'
  const made = minifySync('module.js', `export default async (${given}) => {\n${withoutNames(code)}\n}`)
  const [, found] = /^export default ?(.*);$/s.exec(made.code) ?? []
  if (found === undefined)
    throw new Error(`got ${made.errors[0]?.message ?? made.code.slice(0, 80)}, expected an expression`)
  return found
}

/** Which names are imported from where is of no use to the page. */
const withoutNames = (code: string): string =>
  code.replace(/(\bawait __vite_ssr_import__\("[^"]*"), \{[^}]*\}\)/g, '$1)')
