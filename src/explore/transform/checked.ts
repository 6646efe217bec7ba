/**
 * Checked text: the author's, where there can be no twin, with a look at every place that could touch shared memory.
 */

import { isElement, isPrototype, seePrototype } from './access.ts'
import { printChain, printCheckedCall, printNew, printTagged, see } from './call.ts'
import { seeIterated } from './class.ts'
import { copy, withHead } from './copy.ts'
import { bare, type Node } from './estree.ts'
import { countedBody } from './loops.ts'
import { lowerAssignment, needsLowering } from './pattern.ts'
import type { Rope } from './rope.ts'
import { named, type Scope, site, withTemps } from './scope.ts'
import { printCatch, printLoopHead } from './statement.ts'

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
      return withTemps(scope, (inner) => printChain(node, inner))
    case 'TaggedTemplateExpression':
      return withTemps(scope, (inner) => printTagged(node, inner))
    case 'NewExpression':
      return printNew(node, scope)
    case 'ForInStatement':
      return printLoopHead(node, scope.unit.print(node.right, scope), scope)
    case 'ForOfStatement': {
      const values = seeIterated(node.right, scope)
      const right: Rope = node.await ? ['(', printLater(node, scope), ', ', values, ')'] : values
      const rope: Node = { type: 'Generated', start: node.right.start, end: node.right.end, rope: right }
      const counted = { ...withHead(node), right: rope, body: countedBody(node, scope) } as Node
      return printLoopHead(counted, right, scope) ?? copy(counted, scope)
    }
    case 'AwaitExpression':
      return [
        '(',
        { from: node.start, to: node.start + 'await'.length },
        [' (', printLater(node, scope), ', ', scope.unit.print(node.argument, scope), '))'],
      ]
    case 'CatchClause':
      return printCatch(node, scope)
    case 'SpreadElement':
      return ['...', seeIterated(node.argument, scope)]
    case 'YieldExpression':
      return node.delegate ? ['yield* ', seeIterated(node.argument, scope)] : undefined
    case 'AssignmentExpression': {
      const left = bare(node.left)
      const right = (inner: Scope): Rope => inner.unit.print(node.right, inner)
      if (/Pattern$/.test(left.type) && needsLowering(left, scope))
        return withTemps(scope, (inner) => lowerAssignment(left, right(inner), inner))
      if (!isPrototype(left)) return undefined
      return [scope.unit.print(left, scope), ` ${node.operator} `, seePrototype(node, right(scope), scope)]
    }
  }
  return undefined
}

/** Nobody may wait here in a thread. */
function printLater(node: Node, scope: Scope): Rope {
  return `${named(scope.unit, 'n')}.later(${site(scope.unit, node, 'await')}, ${JSON.stringify(scope.where)})`
}
