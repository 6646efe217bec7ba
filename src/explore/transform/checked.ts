/**
 * Checked text: the author's, where there can be no twin, with a look at every place that could touch shared memory.
 */

import { isElement } from './access.ts'
import { printChain, printCheckedCall, printNew, see } from './call.ts'
import { seeIterated } from './class.ts'
import { copy, withHead } from './copy.ts'
import type { Node } from './estree.ts'
import type { Rope } from './rope.ts'
import { named, type Scope, site } from './scope.ts'

/** Nodes that checked text prints in a way of its own: every native access to elements is looked at. */
export function printInChecked(node: Node, scope: Scope): Rope | undefined {
  switch (node.type) {
    case 'MemberExpression':
      if (!isElement(node)) return undefined
      return [
        see(scope, site(scope.unit, node, 'access'), scope.unit.print(node.object, scope)),
        node.optional ? '?.' : '',
        '[',
        scope.unit.print(node.property, scope),
        ']',
      ]
    case 'CallExpression':
      return printCheckedCall(node, scope)
    case 'ChainExpression':
      return scope.temps ? printChain(node, scope) : undefined
    case 'NewExpression':
      return printNew(node, scope)
    case 'ForOfStatement':
      if (node.await) return undefined
      return copy(
        {
          ...withHead(node),
          right: {
            type: 'Generated',
            start: node.right.start,
            end: node.right.end,
            rope: seeIterated(node.right, scope),
          },
        } as Node,
        scope,
      )
    case 'AwaitExpression':
      return [
        `(${named(scope.unit, 'n')}.later(${site(scope.unit, node, 'await')}, ${JSON.stringify(scope.where)}), await `,
        scope.unit.print(node.argument, scope),
        ')',
      ]
    case 'SpreadElement':
      return ['...', seeIterated(node.argument, scope)]
    case 'YieldExpression':
      return node.delegate ? ['yield* ', seeIterated(node.argument, scope)] : undefined
    case 'VariableDeclarator':
    case 'AssignmentExpression': {
      const [left, right] = node.type === 'AssignmentExpression' ? [node.left, node.right] : [node.id, node.init]
      if (!right || left.type !== 'ArrayPattern') return undefined
      return [scope.unit.print(left, scope), ' = ', seeIterated(right, scope)]
    }
  }
  return undefined
}
