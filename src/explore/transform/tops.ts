/**
 * What stands at the top of a module: the names that are declared there, and those that it exports.
 */

import { bare, boundNames, isFunction, type Node, walk } from './estree.ts'
import type { Mention, Variable } from './variables.ts'

/** How a name at the top is declared. */
export interface Declared {
  readonly statement: Node
  readonly kind: 'function' | 'class' | 'variable' | 'import'
  /** The function, the class, the declarator, the specifier. */
  readonly node: Node
}

/** Stands for what a module exports by default, where that has no name. */
export const DEFAULT = '*default*'

const isClass = (node: Node): boolean => /^Class(Declaration|Expression)$/.test(bare(node).type)

/** Whether an expression is the name of what no assignment changes: exported by default, it is the same for ever. */
function namesLasting(node: Node, statements: readonly Node[]): boolean {
  if (node.type !== 'Identifier') return false
  const changes = ({ type, kind, declarations, declaration }: Node): boolean =>
    declaration
      ? changes(declaration)
      : type === 'VariableDeclaration' &&
        kind !== 'const' &&
        declarations.some(({ id }: Node) => boundNames(id).includes(node.name))
  return !statements.some(changes)
}

/** The names at the top, with how they are declared. */
export function declaredIn(statements: readonly Node[]): Map<string, Declared> {
  const declared = new Map<string, Declared>()
  for (const statement of statements) {
    const node = statement.declaration ?? statement
    if (statement.type === 'ImportDeclaration') {
      if (statement.importKind === 'type') continue
      for (const each of statement.specifiers) declared.set(each.local.name, { statement, kind: 'import', node: each })
    } else if (node.type === 'FunctionDeclaration' && node.id && node.body)
      declared.set(node.id.name, { statement, kind: 'function', node })
    else if (node.type === 'ClassDeclaration' && node.id) declared.set(node.id.name, { statement, kind: 'class', node })
    else if (statement.type === 'ExportDefaultDeclaration' && !namesLasting(node, statements))
      declared.set(
        DEFAULT,
        isClass(node) ? { statement, kind: 'class', node: bare(node) } : { statement, kind: 'variable', node },
      )
    walk(statement, (each) => {
      if (isFunction(each) || each.type.startsWith('Class')) return false
      // `let` inside a block is a variable of that block.
      const isTop = each.type === 'VariableDeclaration' && (each === node || each.kind === 'var') && !each.declare
      if (isTop)
        for (const declarator of each.declarations)
          for (const name of boundNames(declarator.id))
            if (!declared.has(name)) declared.set(name, { statement, kind: 'variable', node: declarator })
      return undefined
    })
  }
  return declared
}

/** The name that a specifier imports; `*`: all. */
export const importedName = (specifier: Node): string =>
  specifier.type === 'ImportDefaultSpecifier'
    ? 'default'
    : specifier.type === 'ImportNamespaceSpecifier'
      ? '*'
      : (specifier.imported.name ?? specifier.imported.value)

/** Names that importers use, to names here. */
export function exportsOf(statements: readonly Node[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const statement of statements) {
    const { declaration } = statement
    if (statement.type === 'ExportDefaultDeclaration') {
      const named = /^(Function|Class)Declaration$/.test(declaration.type) && declaration.id
      const name = namesLasting(declaration, statements) ? declaration.name : DEFAULT
      names.set('default', named ? declaration.id.name : name)
    }
    if (statement.type !== 'ExportNamedDeclaration' || statement.source || statement.exportKind === 'type') continue
    if (declaration?.type === 'VariableDeclaration')
      for (const { id } of declaration.declarations) for (const name of boundNames(id)) names.set(name, name)
    else if (declaration?.id) names.set(declaration.id.name, declaration.id.name)
    for (const { local, exported } of statement.specifiers ?? [])
      names.set(exported.name ?? exported.value, local.name ?? local.value)
  }
  return names
}

/** Functions that are called where the module is evaluated, and that nobody else gets hold of. */
export function earlyIn(statements: readonly Node[], top: ReadonlyMap<string, Variable>): Set<Node> {
  const early = new Set<Node>()
  const exported = new Set(exportsOf(statements).values())
  for (const node of statements) {
    if (node.type !== 'FunctionDeclaration' || exported.has(node.id.name)) continue
    const calls = top.get(node.id.name)?.mentions.filter(({ node: at }) => at !== node.id) ?? []
    const isCalled = ({ fn, inside, node: at }: Mention): boolean =>
      fn === undefined && inside.at(-2)?.type === 'CallExpression' && inside.at(-2)!.callee === at
    if (calls.length > 0 && calls.every(isCalled)) early.add(node)
  }
  return early
}
