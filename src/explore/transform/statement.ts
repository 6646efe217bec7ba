/**
 * Statements whose twin differs from the author's text: declarations with patterns, for-of, catch.
 *
 * `for (const x of xs)` becomes the iteration it stands for, because its steps may be a generator of the
 * author's or elements of a shared view; the iterator is closed on every way out, as the language has it.
 */

import type { Node } from './estree.ts'
import { hasOwn } from './instance.ts'
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
    else if (scope.mode !== 'plain' && needsLowering(each.id, scope)) {
      parts.push(lowerDeclarator(each.id, unit.print(each.init, scope), scope))
    } else parts.push(unit.print(each.id, scope), ' = ', printNamed(each.init, each.id.name, scope))
  })
  return parts
}

/** A value that an async function awaits. */
export const awaited = (node: Node, value: Rope, { unit }: Scope): Rope => [
  `(yield new ${named(unit, 'n')}.Awaited(${site(unit, node, 'await')}, `,
  value,
  '))',
]

/** `for await (const x of xs) body` in a twin, or `for (const x of xs) body`, with the labels that stand before it. */
export function printForOf(node: Node, labels: string, scope: Scope): Rope {
  const { unit } = scope
  const n = named(unit, 'n')
  const iterator = temporary(scope)
  const more = node.await ? '' : temporary(scope)
  const kind = node.await ? 'Async' : ''
  const error = freshName(unit)
  const open = [
    `${iterator} = yield* ${n}.open${kind}(${site(unit, node.right, 'iterate')}, `,
    unit.print(node.right, scope),
    ');',
  ]
  const step = node.await
    ? `yield* ${n}.advanceAsync(${iterator})`
    : `(${more} = ${n}.step(${iterator})) === undefined ? yield* ${n}.advance(${iterator}) : ${more}`
  const value = `${iterator}.value`
  const outward = unit.outward.has(node.start) ? `${named(unit, 'e')}.changes++; ` : ''
  const head = [outward, printHead(node, value, scope)]
  const body = unit.print(node.body, scope)
  return [
    '{ ',
    open,
    ` try { ${labels} for (; ${step}; ) { `,
    head,
    ' ',
    body,
    ` } } catch (${error}) { ${n}.failed(${iterator}); throw ${error}; }`,
    ` finally { ${n}.closed(${iterator}) || (yield* ${n}.close${kind}(${iterator})); } }`,
  ]
}

/** What a turn of a loop begins with: its variable is bound, or its target assigned to. */
function printHead({ left }: Node, value: string, scope: Scope): Rope {
  const { unit } = scope
  if (left.type === 'VariableDeclaration') {
    const { id } = left.declarations[0] as Node
    const bound = needsLowering(id, scope) ? lowerDeclarator(id, value, scope) : [unit.print(id, scope), ` = ${value}`]
    return [`${left.kind} `, bound, ';']
  }
  if (needsLowering(left, scope) && /Pattern$/.test(left.type)) return [lowerAssignment(left, value, scope), ';']
  if (left.type === 'ObjectPattern') return ['(', unit.print(left, scope), ` = ${value});`]
  return [assignTo(left, value, scope), ';']
}

/**
 * `for (w[0] in o)`, and for-of in text without a twin: a head that can't stay as it is becomes the first step of the
 * body.
 */
export function printLoopHead(node: Node, right: Rope, scope: Scope): Rope | undefined {
  const { left } = node
  const target = left.type === 'VariableDeclaration' ? left.declarations[0].id : left
  if (!needsLowering(target, scope)) return undefined
  const value = freshName(scope.unit)
  const kind = node.type === 'ForInStatement' ? 'in' : 'of'
  return [
    `for ${node.await ? 'await ' : ''}(const ${value} ${kind} `,
    right,
    ') { ',
    printHead(node, value, scope),
    ' ',
    scope.unit.print(node.body, scope),
    ' }',
  ]
}

/** What for-in goes through, in a twin. Its head may store to what is no variable of the twin's own. */
export function printNames(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const right = unit.print(node.right, scope)
  return unit.outward.has(node.start) ? [`(${named(unit, 'e')}.changes++, `, right, ')'] : right
}

/**
 * `catch ([a, b]) { ... }`: a pattern is bound inside. Where threads may have classes of their own, it is looked at
 * what the author catches.
 */
export function printCatch(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const { param } = node
  const isLowered = scope.mode !== 'plain' && param && needsLowering(param, scope)
  if (!isLowered && !hasOwn(unit)) return undefined
  const caught = (error: string): string => (hasOwn(unit) ? ` ${named(unit, 'n')}.caught(${error});` : '')
  const body = unit.print(node.body, scope)
  if (param?.type === 'Identifier')
    return ['catch (', unit.print(param, scope), `) {${caught(param.name)} `, body, ' }']
  const error = freshName(unit)
  const bound = isLowered ? lowerDeclarator(param, error, scope) : param && [unit.print(param, scope), ` = ${error}`]
  return [`catch (${error}) {${caught(error)} `, bound ? ['let ', bound, '; '] : '', body, ' }']
}
