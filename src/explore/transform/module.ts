/**
 * Imports and exports: types vanish, specifiers may be rewritten.
 */

import { isOfTypes, type Node } from './estree.ts'
import type { Rope } from './rope.ts'
import type { Scope } from './scope.ts'

/** Imports and exports, without those of types. */
export function printModuleLink(node: Node, scope: Scope): Rope {
  const { code } = scope.unit
  if (isOfTypes(node)) return ''
  if (node.declaration) {
    const printed = scope.unit.print(node.declaration, scope)
    return printed === '' ? '' : ['export ', printed]
  }
  // Asked for only if the import stays: one that was of types may name nothing that exists.
  const source = (): string => JSON.stringify(scope.unit.specifier(node.source.value))
  const whole = (): Rope => {
    const end = code[node.end - 1] === ';' ? '' : ';'
    if (!node.source) return [{ from: node.start, to: node.end }, end]
    return [{ from: node.start, to: node.source.start }, source(), { from: node.source.end, to: node.end }, end]
  }
  if (!node.specifiers || (node.type === 'ImportDeclaration' && node.specifiers.length === 0)) return whole()
  // TypeScript drops an import that is only used as a type, whether or not it says so.
  const values = node.type === 'ImportDeclaration' ? scope.unit.values : undefined
  const kept = node.specifiers.filter((each: Node) => !isOfTypes(each) && (values?.has(each.local.name) ?? true))
  if (kept.length === 0 && node.specifiers.some((each: Node) => each.importKind !== 'type') && values) return ''
  if (kept.length === 0) return node.source ? `import ${source()};` : 'export {};'
  if (kept.length === node.specifiers.length) return whole()
  const text = (each: Node): string => code.slice(each.start, each.end)
  const braces = kept.filter((each: Node) => each.type === 'ImportSpecifier' || each.type === 'ExportSpecifier')
  const others = kept.filter((each: Node) => !braces.includes(each)).map(text)
  if (braces.length > 0) others.push(`{ ${braces.map(text).join(', ')} }`)
  const from = node.source ? ` from ${source()}` : ''
  return `${node.type === 'ImportDeclaration' ? 'import' : 'export'} ${others.join(', ')}${from};`
}
