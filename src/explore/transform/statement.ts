/**
 * Statements whose twin differs from the author's text: declarations with patterns, for-of, catch.
 *
 * `for (const x of xs)` becomes the iteration it stands for, because its steps may be a generator of the
 * author's or elements of a shared view; the iterator is closed on every way out, as the language has it.
 */

import type { Node } from './estree.ts'
import { assignTo, lowerAssignment, lowerDeclarator, needsLowering, printNamed } from './pattern.ts'
import type { Rope } from './rope.ts'
import { freshName, named, type Scope, site, temporary } from './scope.ts'

/** `const a = 1, [b, c] = xs` without a semicolon. */
export function printDeclaration(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const parts: Rope[] = [`${node.kind} `]
  node.declarations.forEach((each: Node, at: number) => {
    if (at > 0) parts.push(', ')
    if (!each.init) parts.push(unit.print(each.id, scope))
    else if (scope.mode === 'twin' && needsLowering(each.id, scope)) {
      parts.push(lowerDeclarator(each.id, unit.print(each.init, scope), scope))
    } else parts.push(unit.print(each.id, scope), ' = ', printNamed(each.init, each.id.name, scope))
  })
  return parts
}

/** `for (const x of xs) body` in a twin, with the labels that stand before it. */
export function printForOf(node: Node, labels: string, scope: Scope): Rope {
  const { unit } = scope
  const n = named(unit, 'n')
  const iterator = temporary(scope)
  const more = temporary(scope)
  const error = freshName(unit)
  const open = [
    `${iterator} = yield* ${n}.open(${site(unit, node.right, 'iterate')}, `,
    unit.print(node.right, scope),
    ');',
  ]
  const step = `(${more} = ${n}.step(${iterator})) === undefined ? yield* ${n}.advance(${iterator}) : ${more}`
  const value = `${iterator}.value`
  let head: Rope
  if (node.left.type === 'VariableDeclaration') {
    const { id } = node.left.declarations[0] as Node
    const bound = needsLowering(id, scope) ? lowerDeclarator(id, value, scope) : [unit.print(id, scope), ` = ${value}`]
    head = [`${node.left.kind} `, bound, ';']
  } else if (needsLowering(node.left, scope) && /Pattern$/.test(node.left.type)) {
    head = [lowerAssignment(node.left, value, scope), ';']
  } else if (node.left.type === 'ObjectPattern') head = ['(', unit.print(node.left, scope), ` = ${value});`]
  else head = [assignTo(node.left, value, scope), ';']
  const body = unit.print(node.body, scope)
  if (unit.outward.has(node.start)) head = [`${named(unit, 'e')}.changes++; `, head]
  return [
    '{ ',
    open,
    ` try { ${labels} for (; ${step}; ) { `,
    head,
    ' ',
    body,
    ` } } catch (${error}) { ${n}.failed(${iterator}); throw ${error}; }`,
    ` finally { ${n}.closed(${iterator}) || (yield* ${n}.close(${iterator})); } }`,
  ]
}

/** `catch ([a, b]) { ... }`: a pattern is bound inside. */
export function printCatch(node: Node, scope: Scope): Rope | undefined {
  if (scope.mode !== 'twin' || !node.param || !needsLowering(node.param, scope)) return undefined
  const error = freshName(scope.unit)
  const bound = lowerDeclarator(node.param, error, scope)
  return [`catch (${error}) { let `, bound, '; ', scope.unit.print(node.body, scope), ' }']
}
