/**
 * The syntax tree, as the transform sees it: plain ESTree with the parser's TypeScript nodes among it.
 *
 * One loose node type on purpose. The transform reads fields by name and falls back to copying the source
 * text of whatever it doesn't know, so that a new kind of node passes through unharmed.
 */

import { visitorKeys } from 'oxc-parser'

/** A node. `start` and `end` are offsets into the source text. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  // biome-ignore lint/suspicious/noExplicitAny: one loose type instead of two hundred exact ones, see above
  readonly [field: string]: any
}

/** The child nodes, in the order of the source text. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  let last = 0
  let inOrder = true
  const add = (child: Node): void => {
    inOrder &&= child.start >= last
    last = child.start
    children.push(child)
  }
  for (const key of visitorKeys[node.type] ?? []) {
    const value = node[key] as Node | (Node | null)[] | null | undefined
    if (Array.isArray(value)) {
      for (const child of value) if (child) add(child)
    } else if (value) add(value)
  }
  // Nearly all are.
  return inOrder ? children : children.sort((a, b) => a.start - b.start)
}

/** Calls `visit` for the node and what is below it, outside in. `visit` returns false to stay out of a node. */
export function walk(node: Node, visit: (node: Node) => boolean | undefined): void {
  if (visit(node) === false) return
  for (const child of childrenOf(node)) walk(child, visit)
}

/** Whether an import or export is one of types alone, of which nothing is left in JavaScript. */
export function isOfTypes({ importKind, exportKind }: Node): boolean {
  return importKind === 'type' || exportKind === 'type'
}

/** Strips parentheses and type assertions: what is left decides what an expression is. */
export function bare(node: Node): Node {
  let at = node
  while (
    at.type === 'ParenthesizedExpression' ||
    at.type === 'TSAsExpression' ||
    at.type === 'TSSatisfiesExpression' ||
    at.type === 'TSNonNullExpression' ||
    at.type === 'TSTypeAssertion' ||
    at.type === 'TSInstantiationExpression'
  ) {
    at = at.expression
  }
  return at
}

export function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  )
}

/** The identifiers that a binding pattern binds. */
export function boundNames(pattern: Node, names: string[] = []): string[] {
  switch (pattern.type) {
    case 'Identifier':
      if (pattern.name !== 'this') names.push(pattern.name)
      break
    case 'AssignmentPattern':
      boundNames(pattern.left, names)
      break
    case 'RestElement':
      boundNames(pattern.argument, names)
      break
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) boundNames(element, names)
      break
    case 'ObjectPattern':
      for (const property of pattern.properties) boundNames(property.value ?? property, names)
      break
    case 'TSParameterProperty':
      boundNames(pattern.parameter, names)
      break
  }
  return names
}

/** Could a property of that key, in a pattern, be an element of a view? */
export function isElementKey(property: Node): boolean {
  return property.computed || /^\d+$/.test(String(property.key.value))
}

/** The parameters without TypeScript's `this`. */
export function parametersOf(fn: Node): Node[] {
  return fn.params.filter((each: Node) => !(each.type === 'Identifier' && each.name === 'this'))
}
