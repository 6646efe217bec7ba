/**
 * Copying source text, with what stands inside it printed.
 */

import { childrenOf, type Node } from './estree.ts'
import type { Rope } from './rope.ts'
import { authorsPlace, type Scope } from './scope.ts'

/** Copies the source text of a node, printing its children in their places. */
export function copy(node: Node, scope: Scope): Rope {
  const parts: Rope[] = []
  let at = node.start
  for (const child of childrenOf(node)) {
    if (child.start < at) continue
    parts.push({ from: at, to: child.start }, scope.unit.print(child, scope))
    at = child.end
  }
  parts.push({ from: at, to: node.end })
  return parts
}

/** A declaration in the head of a loop has no semicolon of its own. */
export function withHead(node: Node): Node {
  const field = node.type === 'ForStatement' ? 'init' : 'left'
  return node[field]?.type === 'VariableDeclaration'
    ? ({ ...node, [field]: { ...node[field], inHead: true } } as Node)
    : node
}

/** `file:line:column` of a node. */
export function placed(node: Node, { unit }: Scope): string {
  const { line, column } = authorsPlace(unit, node.start)
  return `${unit.file}:${line + 1}:${column + 1}`
}
