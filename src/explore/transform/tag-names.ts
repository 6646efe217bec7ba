/**
 * The names in a tag's expressions, looked up where its function stands: a tag that names nothing fails at load and not
 * in a thread.
 */

import { parseSync } from 'oxc-parser'
import { boundNames, isFunction, type Node, parametersOf, walk } from './estree.ts'
import type { Tag } from './tags.ts'

/** What every function sees beside its parameters and its module. */
const everywhere = new Set(['undefined', 'arguments', 'require', 'module', 'exports', '__filename', '__dirname'])

/**
 * A name in the tag of a function that nothing binds; undefined if there is none, or if the function stands inside of
 * another.
 */
export function unboundName(tag: Tag, fn: Node, program: Node): string | undefined {
  const statements = (program.body as Node[]).map((each) => (each.declaration ?? each) as Node)
  if (!statements.some((each) => isIn(fn, each))) return undefined
  const bound = new Set(statements.flatMap(declaredBy))
  for (const parameter of parametersOf(fn)) for (const name of boundNames(parameter)) bound.add(name)
  if (tag.kind === 'alloc') bound.add('result')
  return namesIn(tag).find((name) => !bound.has(name) && !everywhere.has(name) && !(name in globalThis))
}

/** Is this the function of a declaration, of a `const`, or of a class? */
function isIn(fn: Node, statement: Node): boolean {
  if (statement === fn) return true
  if (statement.type === 'VariableDeclaration') return statement.declarations.some((each: Node) => each.init === fn)
  return statement.type === 'ClassDeclaration' && (statement.body.body as Node[]).some((member) => member.value === fn)
}

function declaredBy(statement: Node): string[] {
  if (statement.type === 'ImportDeclaration') return statement.specifiers.map((each: Node) => each.local.name)
  if (statement.type === 'VariableDeclaration')
    return statement.declarations.flatMap((each: Node) => boundNames(each.id))
  return statement.id?.type === 'Identifier' ? [statement.id.name] : []
}

/** The names that the tag's expressions use and do not bind themselves. */
function namesIn({ view, index, call, options: { body: _, ...options } }: Tag): string[] {
  const texts = [view, index, call?.callee, call && `[${call.arguments}]`, ...Object.values(options)]
  const used = new Set<string>()
  const own = new Set<string>()
  for (const text of texts) {
    if (text !== undefined) collect(parseSync('tag.js', `(${text})`).program as unknown as Node, used, own)
  }
  return [...used].filter((name) => !own.has(name))
}

function collect(tree: Node, used: Set<string>, own: Set<string>): void {
  walk(tree, (node) => {
    if (isFunction(node)) for (const each of parametersOf(node)) for (const name of boundNames(each)) own.add(name)
    if (node.type === 'Identifier') used.add(node.name)
    const named = (node.type === 'MemberExpression' || node.type === 'Property') && !node.computed
    // The name behind a dot or before a colon is no variable.
    if (named) collect(node.type === 'Property' ? node.value : node.object, used, own)
    return !named
  })
}
