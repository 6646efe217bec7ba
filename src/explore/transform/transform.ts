/**
 * The transform: source text in, instrumented source text out. Pure; no file is read.
 *
 * Types are erased here, so that the explored text, its lines and its columns are the author's own. What comes
 * out runs as before when nothing explores it, and gives every function a generator twin for when something does.
 */

import type { SourceMap } from 'magic-string'
import { RUNTIME_KEY } from '../runtime/key.ts'
import type { Outline, Site, Standing } from '../runtime/site.ts'
import { linkDeclarations } from './body.ts'
import { FaultInText, type Origin } from './compiled.ts'
import { isFunction, isOfTypes, type Node, parametersOf, walk } from './estree.ts'
import { headsOf } from './heads.ts'
import { printPlace } from './import-meta.ts'
import { printInstance, printRecords } from './instance.ts'
import { formatOf, languageOf } from './language.ts'
import { leavesOf } from './leaf.ts'
import { namesOf, valuesOf } from './names.ts'
import { originsOf } from './origins.ts'
import { ownIn } from './own.ts'
import type { Around } from './own-values.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'
import { flatten, lineStarts, placeOf, type Rope } from './rope.ts'
import { type Imported, named, outermost, type Unit } from './scope.ts'
import { functionsIn } from './standing.ts'
import { sloppyIn } from './strict-code.ts'
import { tagsOf } from './tagged-functions.ts'
import { variablesIn } from './variables.ts'

export type { Shape } from './constants.ts'
export type { Foreign } from './own-values.ts'
export type { Imported } from './scope.ts'

/** What the transform may assume, and how its output finds the runtime. */
export interface TransformOptions extends Around {
  /** Explore the implementation of locks and RCU instead of taking their tags' word. */
  readonly raw?: boolean
  /**
   * How the module gets at the runtime: a statement that binds the name given to `$e`'s holder. By default it is
   * looked up on globalThis, where `sk-storage/explore` puts it.
   */
  readonly runtime?: (name: string) => string
  /** What the text was compiled from, if it was: what is told of it is told of that. */
  readonly origin?: Origin | undefined
  /** How Node loads the file, where that is known; by default as the file's ending and its text suggest. */
  readonly format?: 'module' | 'commonjs' | undefined
  /** What an import specifier becomes in the output; itself by default. `dynamic`: it may fail when it is run. */
  readonly specifier?: (source: string, dynamic?: boolean) => string
  /** What `import.meta.url` is, for a module that is evaluated elsewhere. */
  readonly url?: string
  /** What is known of an export of an imported module, so that tagged loads are inlined and leaves called directly. */
  readonly imported?: (source: string, name: string) => Imported | undefined
  /** The names of getters and setters that other modules define whose objects may come here. */
  readonly accessors?: () => Iterable<string>
  /**
   * How the module writes its table of sites. By default it is JSON, and what the module imports and in which functions
   * its sites stand is told behind it.
   */
  readonly table?: (sites: readonly Site[]) => string
  /** Lets who steps an execution see which calls a thread is in, and their variables. The steps are the same. */
  readonly locals?: boolean
  /** A comment for the plain form of a function with that text, by which `toString` finds it again. */
  readonly mark?: (text: string) => string
}

/** An instrumented module. */
export interface Transformed {
  /** JavaScript, without types. */
  readonly code: string
  /** Its source map. */
  readonly map: SourceMap
  /**
   * Its source map for reports on coverage: each place of the source is there once, where its plain form stands. What
   * runs in an exploration is not that form, and so is not counted.
   */
  readonly plainMap: () => SourceMap
  /** The places of visible operations, in the order of their numbers. */
  readonly sites: readonly Site[]
  /** A hash of the source text. */
  readonly fingerprint: string
  /** How Node has to load it. */
  readonly format: 'module' | 'commonjs'
}

/** Instruments a module. `id` is its file name; its ending says whether it is TypeScript. Throws on syntax errors. */
export function transform(code: string, id: string, options: TransformOptions = {}): Transformed {
  const unit = readUnit(code, id, options)
  const program = unit.program
  const scope = outermost(unit)
  const printed: Rope[] = []
  const statements = program.body as Node[]
  const directives = statements.filter((each) => each.directive)
  const lastDirective = directives[directives.length - 1]
  let at = lastDirective?.end ?? afterHashbang(program, code)
  const before: Rope = { from: 0, to: at }
  for (const statement of statements) {
    if (statement.directive) continue
    printed.push({ from: at, to: statement.start }, print(statement, scope))
    at = statement.end
  }
  printed.push({ from: at, to: code.length })
  const links = linkDeclarations(statements, scope)
  const fingerprint = fingerprintOf(options.origin?.text ?? code)
  const instance = printInstance(program, unit)
  const header = printHeader(unit, fingerprint, options)
  const separator = lastDirective ? ';' : ''
  return {
    ...flatten([before, separator, header, links, ' ', printed, instance], code, id, options.origin),
    sites: unit.sites,
    fingerprint,
    format: unit.format,
  }
}

/** The offset behind a first line that is for the shell: what stood in it would be a comment. */
export function afterHashbang({ hashbang }: Node, code: string): number {
  return hashbang == null ? 0 : Math.min(hashbang.end + 1, code.length)
}

/** What other modules may know of a module. */
export interface Known {
  /** Tagged functions and leaves among its exports. */
  readonly exports: ReadonlyMap<string, Imported>
  /** Names of getters and setters defined in it. */
  readonly accessors: ReadonlySet<string>
  /** The modules it imports, re-exports or requires. */
  readonly sources: readonly string[]
}

/** Reads what other modules may know of a module. */
export function knownOf(code: string, id: string, options: TransformOptions = {}): Known {
  const unit = readUnit(code, id, options)
  const known = new Map<string, Imported>()
  for (const statement of unit.program.body as Node[]) {
    const fn = statement.declaration as Node | undefined
    if (statement.type !== 'ExportNamedDeclaration' || !fn || !isFunction(fn) || !fn.id || !fn.body) continue
    if (unit.names.assigned.has(fn.id.name)) continue
    const tag = unit.tags.get(fn)
    if (tag) known.set(fn.id.name, { tag, parameters: parametersOf(fn).map((each) => each.name) })
    else if (unit.leaves.functions.has(fn)) known.set(fn.id.name, { leaf: true })
  }
  return { exports: known, accessors: unit.names.accessors, sources: sourcesOf(unit.program) }
}

/** The modules that it leads to when it runs. */
function sourcesOf(program: Node): string[] {
  const sources = new Set<string>()
  walk(program, (node) => {
    if (isOfTypes(node)) return false
    const source = node.type === 'CallExpression' && node.callee.name === 'require' ? node.arguments[0] : node.source
    if (typeof source?.value === 'string') sources.add(source.value)
    return undefined
  })
  return [...sources]
}

/** What the parser says of a module in a file that Node takes for CommonJS. */
const OUTSIDE = /outside a module$/
const ADVICE = ': Node takes this file for CommonJS; "type": "module" in the nearest package.json makes it one, or .mjs'

function readUnit(
  code: string,
  id: string,
  options: TransformOptions,
): Unit & { program: Node; format: 'module' | 'commonjs' } {
  const file = id.replace(/[?#].*$/, '')
  const { origin } = options
  const lang = origin === undefined ? languageOf(file) : 'js'
  const format = origin?.format ?? options.format ?? formatOf(code, file)
  const parsed = parse(code, file, lang, format)
  const lines = lineStarts(origin?.text ?? code)
  const inAuthors = (offset: number): number => origin?.offset(offset) ?? offset
  const [error] = parsed.errors.filter((each) => each.severity === 'Error')
  if (error) {
    const { line, column } = placeOf(lines, inAuthors(error.labels[0]?.start ?? 0))
    throw new FaultInText(
      `${file}:${line + 1}:${column + 1}: ${error.message}${OUTSIDE.test(error.message) ? ADVICE : ''}`,
    )
  }
  const program = parsed.program as unknown as Node
  let prefix = '$_'
  while (code.includes(prefix)) prefix += '_'
  const own = namesOf(program)
  const accessors = new Set(own.accessors)
  for (const name of options.accessors?.() ?? []) accessors.add(name)
  const names = { ...own, accessors }
  const { loops, outward, top } = variablesIn(program)
  const found = ownIn(program, top, options)
  // No CommonJS imports a module that awaits.
  const ownHere = format === 'commonjs' ? { ...found, awaits: false } : found
  const tags = tagsOf(
    program,
    code,
    parsed.comments,
    file,
    (at) => placeOf(lines, inAuthors(at)).line,
    options.raw ?? false,
  )
  return {
    code,
    file,
    prefix,
    names,
    leaves: leavesOf(program, names, tags, ownHere),
    own: ownHere,
    tags,
    heads: headsOf(loops, code),
    outward,
    imported: options.imported ?? (() => undefined),
    values: lang.startsWith('ts') ? valuesOf(program) : undefined,
    origin,
    lines,
    sites: [],
    standing: [],
    functions: functionsIn(program),
    origins: originsOf(origin === undefined ? parsed.comments : [], lines),
    privates: [],
    isSloppy: format === 'module' ? () => false : sloppyIn(program),
    specifier: options.specifier ?? ((source) => source),
    locals: options.locals === true,
    mark: options.mark,
    keys: 0,
    fresh: 0,
    print,
    program,
    format,
  }
}

/** A statement that binds the runtime to a name. */
export function bindRuntime(name: string, { runtime }: TransformOptions): string {
  return runtime?.(name) ?? `const ${name} = globalThis[Symbol.for('${RUNTIME_KEY}')];`
}

/** One line that binds what generated text refers to. */
function printHeader(
  unit: Unit & { program: Node; format: 'module' | 'commonjs' },
  fingerprint: string,
  options: TransformOptions,
): string {
  const holder = named(unit, 'h')
  const load = bindRuntime(holder, options)
  const names = ['e', 'n', 'T'].map((each) => `${each}: ${named(unit, each)}`).join(', ')
  const told = options.table?.(unit.sites) ?? wholeTable(unit)
  const base = `${named(unit, 'e')}.module(${JSON.stringify(unit.file)}, '${fingerprint}', ${told})`
  const keys = unit.keys > 0 ? ` const ${named(unit, 'k')} = ${named(unit, 'n')}.slots(${unit.keys});` : ''
  const records = printRecords(unit, unit.format)
  // Last: the records are known by where the text is evaluated.
  const place = unit.format === 'module' ? printPlace(unit.code, unit.file, options.url) : ''
  return `${load} const { ${names} } = ${holder}; const ${named(unit, 'b')} = ${base};${keys}${records} ${place}`
}

/** All that is told of a module. */
function wholeTable(unit: Unit & { program: Node }): string {
  const sites = JSON.stringify(unit.sites).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return `${sites}, ${JSON.stringify(importsIn(unit))}, ${JSON.stringify(outlineOf(unit.standing))}`
}

/** Where sites stand, with each function named once. */
function outlineOf(standing: readonly Standing[]): Outline {
  const functions = [...new Set(standing.map(([name]) => name))]
  const within = standing.map(([name]) => functions.indexOf(name))
  return { functions, within, visible: standing.flatMap(([, visible], at) => (visible === 1 ? [at] : [])) }
}

/** What a text imports or requires, for messages on code that is not followed. */
function importsIn({ program, code }: Unit & { program: Node }): string[] {
  const names = new Set<string>()
  for (const { source } of program.body as Node[]) if (typeof source?.value === 'string') names.add(source.value)
  for (const [, name] of code.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) names.add(name)
  return [...names]
}

/** A hash of the text, 64 bits in hexadecimal (FNV-1a twice): tells one version of a file from another, no more. */
export function fingerprintOf(text: string): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ (unit + at), 0x85ebca6b)
  }
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
  return hex(a) + hex(b)
}
