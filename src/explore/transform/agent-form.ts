/**
 * A module as a function of what an agent has for itself: called once for each agent, so that all that stands at its
 * top is that agent's own, made by its own statements in their order.
 *
 * Every part stays on its line. What is imported is read where it is named, from the exports of the module it comes
 * from; what is exported is read through a getter: both are live, as in a module.
 */

import { parseSync } from 'oxc-parser'
import { AGENT_GLOBALS, BROWSER_GLOBALS, type Globals, NOT_IN_BROWSERS } from '../runtime/agent-files.ts'
import { FaultInText, type Origin } from './compiled.ts'
import { type Edit, edited, originOf } from './edited-text.ts'
import { boundNames, isFunction, type Node, walk } from './estree.ts'
import { hoisted, type Mention, type Variables, variablesIn } from './variables.ts'

export interface AgentForm {
  /** A statement that gives `module.exports` a function of the globals, which gives the one of the module. */
  readonly code: string
  /** It awaits something at its top, and its function is async. */
  readonly awaits: boolean
  readonly origin: Origin
}

/** Names in the text that stand for what the author can't have named. */
interface Names {
  readonly exporting: string
  readonly importing: string
  readonly importingLater: string
  readonly waiting: string
  readonly meta: string
  readonly byDefault: string
  /** What the globals of a browser are members of. */
  readonly scope: string
  readonly of: (at: number) => string
}

/** The function of a CommonJS file. */
export function commonJsForm(code: string): AgentForm {
  return formOf(AGENT_GLOBALS, 'exports, require, module, __filename, __dirname', '', code, [], false)
}

/**
 * The function of a classic script of a browser, called on its global object, which gets what the script declares at
 * its top. Throws FaultInText for a text that can't be read.
 */
export function scriptForm(code: string, file: string): AgentForm {
  const program = programOf(code, file, 'script')
  const names = namesFor(code)
  const { top, free } = variablesIn(program)
  const edits = scopeEdits(free, names)
  const functions = (program.body as Node[]).flatMap((node) =>
    node.type === 'FunctionDeclaration' ? [node.id.name as string] : [],
  )
  // A function takes the place of what is there, so that a handler is none: browsers need not agree when that is.
  const taken = [...top.keys()].find((name) => BROWSER_GLOBALS.has(name))
  if (taken !== undefined)
    throw new FaultInText(
      `${file}: got a ${functions.includes(taken) ? 'function' : 'variable'} ${taken} at the top of a classic script, which is the global itself; expected ${taken} = ... without a declaration`,
    )
  const shown = [...new Set([...functions, ...hoisted(program)])].map(
    (name) => `${JSON.stringify(name)}: [() => ${name}, (${names.waiting}) => { ${name} = ${names.waiting} }]`,
  )
  const before = `${names.exporting}({ ${shown.join(', ')} });`
  followInside(program, names, edits)
  const parameters = [names.exporting, names.importingLater, names.meta].join(', ')
  return formOf([names.scope], parameters, before, code, edits, false)
}

function programOf(code: string, file: string, sourceType: 'module' | 'script'): Node {
  const parsed = parseSync(file, code, { lang: 'js', astType: 'ts', preserveParens: true, sourceType })
  const error = parsed.errors.find(({ severity }) => severity === 'Error')
  if (error !== undefined) throw new FaultInText(`${file}: ${error.message}`)
  return parsed.program as unknown as Node
}

/** In a browser's file: where it names what its agent has for itself, or what only Node has. */
function scopeEdits(free: readonly Mention[], { scope }: Names): Edit[] {
  return free.flatMap(({ node, inside }) => {
    const name = node.name as string
    if (NOT_IN_BROWSERS.has(name)) return [{ start: node.start, end: node.end, text: `${scope}_${name}` }]
    if (!BROWSER_GLOBALS.has(name) || (name === 'Atomics' && !mayWait(inside))) return []
    return [mentionEdit(node, inside, name, `${scope}.${name}`)]
  })
}

/** Whether `Atomics` stands there for more than one of its functions by name, or for `wait`. */
function mayWait(inside: readonly Node[]): boolean {
  const parent = inside.at(-2)
  if (parent?.type !== 'MemberExpression' || parent.object !== inside.at(-1)) return true
  return parent.computed || parent.property.name === 'wait'
}

/**
 * The function of an ES module; `waits` says of what it imports whether that has to be awaited. Throws FaultInText for
 * a text that can't be read.
 */
export function moduleForm(
  code: string,
  file: string,
  globals: Globals,
  waits: (source: string) => boolean,
): AgentForm {
  const program = programOf(code, file, 'module')
  const names = namesFor(code)
  const edits: Edit[] = []
  const sources: string[] = []
  const exported = new Map<string, string>()
  const stars: string[] = []
  const from = (source: Node): string => {
    if (!sources.includes(source.value)) sources.push(source.value)
    return names.of(sources.indexOf(source.value))
  }
  const imported = new Map<string, string>()
  for (const statement of program.body as Node[]) {
    if (statement.type === 'ImportDeclaration') takeImport(statement, from, imported, edits)
    else if (statement.type === 'ExportAllDeclaration') {
      const of = from(statement.source)
      if (statement.exported) exported.set(nameOf(statement.exported), of)
      else stars.push(of)
      edits.push(blank(statement, code))
    } else if (statement.type === 'ExportNamedDeclaration') takeExport(statement, from, exported, edits, code)
    else if (statement.type === 'ExportDefaultDeclaration') takeDefault(statement, names, exported, edits)
  }
  const ownAwaits = followInside(program, names, edits)
  const variables: Variables = variablesIn(program)
  for (const [name, text] of imported)
    for (const { node, inside } of variables.top.get(name)?.mentions ?? [])
      edits.push(mentionEdit(node, inside, name, text))
  if (globals === 'browser') edits.push(...scopeEdits(variables.free, names))
  for (const [as, name] of exported) exported.set(as, imported.get(name) ?? name)
  const getters = [...exported].map(([as, text]) => `${JSON.stringify(as)}: () => ${text}`)
  const requires = sources.map((each, at) => `${names.of(at)} = ${names.importing}(${JSON.stringify(each)})`)
  // Those that await go on beside each other, and the module when all have ended.
  const waited = sources.some(waits)
  const awaits = ownAwaits || waited
  const before = [
    `'use strict'; ${names.exporting}({ ${getters.join(', ')} });`,
    requires.length > 0 ? `const ${requires.join(', ')};` : '',
    waited ? `await ${names.waiting}();` : '',
    stars.length > 0 ? `${names.exporting}({}, [${stars.join(', ')}]);` : '',
  ]
  const parameters = [names.exporting, names.importing, names.importingLater, names.meta, names.waiting]
  const outer = globals === 'browser' ? [names.scope] : AGENT_GLOBALS
  return formOf(outer, parameters.join(', '), before.join(' '), code, edits, awaits)
}

function formOf(
  outer: readonly string[],
  parameters: string,
  before: string,
  code: string,
  edits: Edit[],
  awaits: boolean,
): AgentForm {
  const head = `module.exports = function (${outer.join(', ')}) { return ${awaits ? 'async ' : ''}function (${parameters}) { ${before} `
  if (code.startsWith('#!')) edits.push({ start: 0, end: 2, text: '//' })
  const { text, pieces } = edited(code, edits, head.length)
  return { code: `${head}${text}\n} }\n`, awaits, origin: originOf(code, pieces) }
}

function namesFor(code: string): Names {
  let mark = '$a'
  while (code.includes(mark)) mark += '_'
  return {
    exporting: `${mark}x`,
    importing: `${mark}i`,
    importingLater: `${mark}l`,
    waiting: `${mark}w`,
    meta: `${mark}m`,
    byDefault: `${mark}d`,
    scope: `${mark}g`,
    of: (at) => `${mark}${at}`,
  }
}

const nameOf = (node: Node): string => (node.type === 'Identifier' ? node.name : node.value) as string
const memberOf = (of: string, name: string): string => `${of}[${JSON.stringify(name)}]`
const keepLines = (text: string): string => text.replace(/[^\n]/g, '')
const blank = ({ start, end }: Node, code: string): Edit => ({
  start,
  end,
  text: `;${keepLines(code.slice(start, end))}`,
})

function takeImport(
  statement: Node,
  from: (source: Node) => string,
  imported: Map<string, string>,
  edits: Edit[],
): void {
  const of = from(statement.source)
  for (const each of statement.specifiers as Node[]) {
    const name =
      each.type === 'ImportNamespaceSpecifier'
        ? of
        : memberOf(of, each.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(each.imported))
    imported.set(each.local.name as string, name)
  }
  edits.push({ start: statement.start, end: statement.end, text: ';' })
}

function takeExport(
  statement: Node,
  from: (source: Node) => string,
  exported: Map<string, string>,
  edits: Edit[],
  code: string,
): void {
  const { declaration, source } = statement
  if (declaration) {
    const names =
      declaration.type === 'VariableDeclaration'
        ? (declaration.declarations as Node[]).flatMap((each) => boundNames(each.id))
        : [declaration.id.name as string]
    for (const name of names) exported.set(name, name)
    edits.push({
      start: statement.start,
      end: declaration.start,
      text: keepLines(code.slice(statement.start, declaration.start)),
    })
    return
  }
  const of = source ? from(source) : undefined
  for (const { local, exported: as } of statement.specifiers as Node[])
    exported.set(nameOf(as), of === undefined ? nameOf(local) : memberOf(of, nameOf(local)))
  edits.push(blank(statement, code))
}

function takeDefault(statement: Node, names: Names, exported: Map<string, string>, edits: Edit[]): void {
  const { declaration } = statement
  const isNamed = /^(Function|Class)Declaration$/.test(declaration.type) && declaration.id
  exported.set('default', isNamed ? (declaration.id.name as string) : names.byDefault)
  const text = isNamed ? '' : `const ${names.byDefault} = `
  edits.push({ start: statement.start, end: declaration.start, text })
  if (!isNamed) edits.push({ start: declaration.end, end: declaration.end, text: ';' })
}

/** What stands anywhere: `import.meta`, `import()`. Tells whether something is awaited outside of all functions. */
function followInside(program: Node, { meta, importingLater }: Names, edits: Edit[]): boolean {
  let awaits = false
  const look = (node: Node, inFunction: boolean): void =>
    walk(node, (each) => {
      if (each !== node && (isFunction(each) || each.type === 'PropertyDefinition' || each.type === 'StaticBlock')) {
        look(each, true)
        return false
      }
      if (each.type === 'AwaitExpression' || (each.type === 'ForOfStatement' && each.await)) awaits ||= !inFunction
      if (each.type === 'MetaProperty' && each.meta.name === 'import')
        edits.push({ start: each.start, end: each.end, text: meta })
      if (each.type === 'ImportExpression') edits.push({ start: each.start, end: each.start + 6, text: importingLater })
      return undefined
    })
  look(program, false)
  return awaits
}

/** An import where it is named. A call of it has no `this`. */
function mentionEdit({ start, end }: Node, inside: readonly Node[], name: string, text: string): Edit {
  const parent = inside.at(-2)
  if (parent?.type === 'Property' && parent.shorthand) return { start, end, text: `${name}: ${text}` }
  const isCalled = parent?.type === 'CallExpression' && parent.callee.start === start
  const isTag = parent?.type === 'TaggedTemplateExpression' && parent.tag.start === start
  if (!isCalled && !isTag) return { start, end, text }
  // The line before may have ended without a semicolon.
  const begins = inside.findLast(({ type }) => type === 'ExpressionStatement')?.start === start
  const isListed = /^(Program|BlockStatement|StaticBlock|SwitchCase)$/.test(listOf(inside)?.type ?? '')
  return { start, end, text: `${begins && isListed ? ';' : ''}(0, ${text})` }
}

/** What the innermost statement stands in. */
function listOf(inside: readonly Node[]): Node | undefined {
  const at = inside.findLastIndex(({ type }) => type === 'ExpressionStatement')
  return at > 0 ? inside[at - 1] : { type: 'Program', start: 0, end: 0 }
}
