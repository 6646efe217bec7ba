/**
 * Whether a class may hand its objects to somebody who could know them by what they are, as a WeakMap does.
 */

import { childrenOf, type Node } from './estree.ts'

/** Operators that only look at an object. */
const LOOKS = /^(in|instanceof|===|!==|==|!=|typeof|!)$/

/** Whether `this` stands anywhere in the class but where it is asked for a member, or only looked at. */
export function handsItself(node: Node): boolean {
  return (node.body.body as Node[]).some((member) => handsThis(member, undefined))
}

function handsThis(node: Node, parent: Node | undefined): boolean {
  if (node.type === 'ThisExpression') return !isKept(node, parent)
  // What it names there is another object.
  if (
    node.type === 'FunctionDeclaration' ||
    (node.type === 'FunctionExpression' && parent?.type !== 'MethodDefinition')
  )
    return false
  if (node.type === 'ClassExpression' || node.type === 'ClassDeclaration') return handsThisIn(node)
  const inside = node.type === 'ParenthesizedExpression' ? parent : node
  return childrenOf(node).some((each) => handsThis(each, inside))
}

/** In a class within the class: what it extends, and its computed names. */
const handsThisIn = ({ superClass, body }: Node): boolean =>
  (superClass != null && handsThis(superClass, undefined)) ||
  (body.body as Node[]).some(({ computed, key }) => computed && handsThis(key, undefined))

function isKept(node: Node, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.property !== node
    case 'BinaryExpression':
    case 'UnaryExpression':
      return LOOKS.test(parent.operator)
    case 'VariableDeclarator':
      return parent.id.type === 'ObjectPattern'
    case 'SpreadElement':
      return true
    default:
      return false
  }
}
