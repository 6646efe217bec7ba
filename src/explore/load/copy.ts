/**
 * One copy of a program's modules: each file is transformed when it is first asked for, and written to a temporary
 * folder under a name of its own, from where Node loads it.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { resolve as absolute, basename, dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type AgentFiles, agentFiles, type Globals } from '../runtime/agent-files.ts'
import { runtime } from '../runtime/runtime.ts'
import { languageOf } from '../transform/language.ts'
import { createAgentFiles } from './agent-files.ts'
import { authorsLines } from './authors-lines.ts'
import { type Output, transformedText } from './cache.ts'
import { type CommonJs, createCommonJs } from './commonjs.ts'
import { compile } from './compile.ts'
import { applyEdits, type Edit } from './edits.ts'
import { exportedNames, facade } from './exported-names.ts'
import { importsOf } from './imported.ts'
import { laidOut } from './layout.ts'
import type { LoadOptions } from './load-options.ts'
import { namesPackage, withEnvironment } from './packages.ts'
import {
  isInstalled,
  isRelative,
  isScript,
  moduleFormat,
  packageNameOf,
  resolveImport,
  resolveInBrowser,
} from './resolve.ts'

export interface Copy {
  /** Where the instrumented text of a module stands, and all that it imports; of a CommonJS file, a module for it. */
  moduleAt(file: string): string
  readonly commonjs: CommonJs
  /** The name of the folder where instrumented texts stand. */
  readonly folder: string
  /** What workers evaluate, of the same texts. */
  readonly agents: AgentFiles
  /** The edits that were applied so far. */
  readonly edited: ReadonlySet<Edit>
  /** The author's files that were read so far. */
  readonly read: ReadonlySet<string>
  /** Nothing is loaded any more, but by what was loaded. */
  close(): void
  /** Files may be loaded for as long as the process lives. */
  keep(): void
}

/** Numbers of the files loaded so far. They stay, so that the text of a module that imports one stays the same. */
const numbers = new Map<string, number>()

/** How the text of a CommonJS file begins. */
const FUNCTION = 'module.exports = function (exports, require, module, __filename, __dirname) {'

/** Where modules find the copy they belong to. */
const COPIES = 'sk-storage/explore copies'
const copies = ((globalThis as unknown as Record<symbol, Map<number, CommonJs>>)[Symbol.for(COPIES)] ??= new Map())

/** Folders that modules may still be loaded from, for as long as the process lives. */
const kept = new Set<string>()
process.once('exit', removeCopies)

/** Removes what was written for modules that import or require others later. */
export function removeCopies(): void {
  for (const folder of kept) rmSync(folder, { recursive: true, force: true })
  kept.clear()
}

/** How the folders of a process begin. */
const folderOf = (pid: number): string => `explore-${pid}-`

/** Removes what another process has written, which has ended before it could. */
export function removeCopiesOf(pid: number): void {
  for (const name of readdirSync(tmpdir()))
    if (name.startsWith(folderOf(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true })
}

/**
 * This package: its sources are instrumented, what was built of them only where somebody names it, and its explorer
 * never.
 */
const OWN = packageNameOf(fileURLToPath(import.meta.url))

/** A copy whose files are written when they are asked for. */
interface Copying {
  readonly entry: string
  readonly raw: boolean
  readonly edits: readonly Edit[]
  readonly edited: Set<Edit>
  /** The packages that are instrumented. */
  readonly packages: ReturnType<typeof withEnvironment>
  readonly folder: string
  /** The names in it that have been written. */
  readonly written: Set<string>
  /** Its number among the copies that modules get at; 0: none has to. */
  id: number
  readonly resolved: (source: string, from: string) => string
  /** The text of a file, with the edits. */
  readonly text: (file: string) => string
  readonly format: (file: string) => 'module' | 'commonjs'
  readonly imports: ReturnType<typeof importsOf>
  readonly commonjs: CommonJs
}

export function createCopy(entry: string, options: LoadOptions, globals: Globals = 'node'): Copy {
  const { raw = false, edits = [], layout = 0 } = options
  const packages = withEnvironment(options.packages)
  const folder = mkdtempSync(join(tmpdir(), folderOf(process.pid)))
  const edited = new Set<Edit>()
  const resolved = remembered((source: string, from: string) => resolveImport(source, from, true))
  const read = new Set<string>()
  const text = remembered((file: string) => {
    read.add(file)
    return laidOut(applyEdits(readFileSync(file, 'utf8'), file, entry, edits, edited), layout)
  })
  const format = remembered((file: string) => moduleFormat(file, text(file)))
  const resolve = (source: string, from: string): string | undefined => {
    const file = resolved(source, from)
    return isInstrumented(packages, file, source) ? file : undefined
  }
  const commonjs = createCommonJs({
    format: (file, request) =>
      request !== undefined && !isInstrumented(packages, file, request) ? undefined : formatMade(it, file),
    moduleAt: (file) => moduleAt(it, file),
    functionAt: (file) => functionAt(it, file),
    folder: basename(folder),
  })
  const imports = importsOf(text, raw, resolve, () => [entry])
  const agents = createAgentFiles({
    ...{ globals, raw, text, format },
    resolved: globals === 'browser' ? remembered(resolveInBrowser) : resolved,
    isInstrumented: (file, source) => isInstrumented(packages, file, source),
  })
  agentFiles.now = agents
  const written = new Set<string>()
  const it: Copying = {
    ...{ entry, raw, edits, edited, packages, folder, written, id: 0 },
    ...{ resolved, text, format, imports, commonjs },
  }
  return {
    moduleAt: (file) => moduleAt(it, file),
    ...{ commonjs, folder: basename(folder), agents },
    edited,
    read,
    close() {
      // Modules that import or require others later need the folder for as long as the process lives.
      if (it.id === 0) rmSync(folder, { recursive: true, force: true })
      else kept.add(folder)
    },
    keep: () => kept.add(folder),
  }
}

/** Whether a file that this specifier led to is a script to be instrumented. */
function isInstrumented(packages: Copying['packages'], file: string, source: string): boolean {
  if (isBuiltin(file) || !isScript(file)) return false
  if (isRelative(source)) return true
  const name = packageNameOf(file)
  const named = namesPackage(packages, name)
  if (name === OWN) return (named || file.endsWith('.ts')) && !/[\\/]src[\\/]explore[\\/]/.test(file)
  return named || !isInstalled(file)
}

/** How modules get at this copy. They may do so later, so it stays. */
function here(it: Copying): string {
  if (it.id === 0) copies.set((it.id = copies.size + 1), it.commonjs)
  return `globalThis[Symbol.for('${COPIES}')].get(${it.id})`
}

// The ending says how Node is to read it.
function nameOf(file: string, ending: 'mjs' | 'cjs'): string {
  if (!numbers.has(file)) numbers.set(file, numbers.size)
  return `${numbers.get(file)}-${basename(file).replace(/\.[^.]*$/, '')}.${ending}`
}

function write({ folder, written }: Copying, name: string, make: () => string): string {
  if (!written.has(name)) {
    written.add(name)
    writeFileSync(join(folder, name), make())
  }
  return join(folder, name)
}

/** Stack traces find the author's lines for what is written under that name. */
function tellLines({ folder }: Copying, name: string, file: string, { mappings }: Output, begin = 0): void {
  runtime.copies.set(join(folder, name), { file, lineOf: authorsLines(mappings, begin) })
}

/** What an import becomes in the text of `from`. Files that it leads to are added to those that wait. */
function specifier(it: Copying, source: string, from: string, dynamic: boolean, waiting: string[]): string {
  // In CommonJS an import is looked for from where the function says it stands.
  const reach = (name: string): string =>
    it.format(from) === 'module' ? `./${name}` : pathToFileURL(join(it.folder, name)).href
  if (/^(node:)?module$/.test(source)) {
    write(it, 'module.mjs', () => facade(Object.keys(it.commonjs.module), `${here(it)}.module`))
    return reach('module.mjs')
  }
  let file: string
  try {
    file = it.resolved(source, from)
  } catch (error) {
    // Somebody may be ready to catch what Node says then.
    if (dynamic) return source
    throw error
  }
  if (isBuiltin(file) || !isAbsolute(file)) return file
  if (!isInstrumented(it.packages, file, source)) return pathToFileURL(file).href
  waiting.push(file)
  return reach(nameOf(file, 'mjs'))
}

function transformed(it: Copying, file: string, waiting: string[]): Output {
  const { raw, imports } = it
  const options = { raw, url: pathToFileURL(file).href, format: it.format(file) }
  const output = transformedText(it.text(file), file, options, {
    specifier: (source, dynamic = false) => specifier(it, source, file, dynamic, waiting),
    imported: (source, name) => imports.imported(source, name, file),
    accessors: () => imports.accessors(file),
    foreign: (source, name) => imports.owns.foreign(source, name, file),
    touched: () => imports.owns.touched(file),
    awaits: () => imports.owns.awaits(file),
  })
  if (/\bimport\s*\(/.test(output.code)) here(it)
  return output
}

/** The JavaScript of a CommonJS file. */
function plain(it: Copying, file: string): string | undefined {
  if (!isScript(file) || formatMade(it, file) === 'module') return undefined
  return languageOf(file) === 'js' ? it.text(file) : compile(it.text(file), file, it.format(file)).code
}

/** How the file is loaded once it is compiled: `export =` makes CommonJS of what looks like a module. */
const formatMade = (it: Copying, file: string): 'module' | 'commonjs' =>
  it.format(file) === 'module' && languageOf(file) !== 'js' ? transformed(it, file, []).format : it.format(file)

function moduleText(it: Copying, file: string, waiting: string[]): string {
  const output = transformed(it, file, waiting)
  if (output.format === 'module') {
    tellLines(it, nameOf(file, 'mjs'), file, output)
    return output.code
  }
  for (const each of it.edits) {
    // What is required later is read now, so that an edit of it is known to fit.
    const target = each.file === undefined ? it.entry : absolute(dirname(it.entry), each.file)
    if (existsSync(target)) it.text(target)
  }
  const names = exportedNames(file, (each) => plain(it, each))
  return facade(names, `${here(it)}.load(${JSON.stringify(file)})`)
}

function writeAll(it: Copying, waiting: string[]): void {
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const now = file
    write(it, nameOf(now, 'mjs'), () => moduleText(it, now, waiting))
  }
}

function moduleAt(it: Copying, file: string): string {
  writeAll(it, [file])
  return join(it.folder, nameOf(file, 'mjs'))
}

/** Where the text of a CommonJS file stands, as a function. */
function functionAt(it: Copying, file: string): string {
  const name = nameOf(file, 'cjs')
  return write(it, name, () => {
    const waiting: string[] = []
    const output = transformed(it, file, waiting)
    writeAll(it, waiting)
    tellLines(it, name, file, output, FUNCTION.length)
    return `${FUNCTION}${output.code.replace(/^#!/, '//')}\n}\n`
  })
}

/** The function, answering from memory what it was asked before. What it throws is not remembered. */
function remembered<Arguments extends string[], Result extends string>(
  answer: (...asked: Arguments) => Result,
): (...asked: Arguments) => Result {
  const answers = new Map<string, Result>()
  return (...asked) => {
    const key = asked.join('\0')
    let known = answers.get(key)
    if (known === undefined) answers.set(key, (known = answer(...asked)))
    return known
  }
}
