/**
 * Which expressions may ask an object what it stands for, and which are certainly no objects.
 */

import { bare, type Node } from './estree.ts'

/** `===` compares what there is. `in` and `instanceof` look into objects. */
export const ASKS = new Set('+ - * / % ** & | ^ << >> >>> < > <= >= == !='.split(' '))

/** Does evaluating this give something that is certainly no object? */
export function isSimple(node: Node): boolean {
  const inner = bare(node)
  switch (inner.type) {
    case 'Literal':
      return inner.regex === undefined || inner.regex === null
    case 'BinaryExpression':
    case 'UnaryExpression':
    case 'UpdateExpression':
    case 'TemplateLiteral':
      return true
    case 'MemberExpression':
      return bare(inner.object).name === 'Symbol'
    case 'LogicalExpression':
      return isSimple(inner.left) && isSimple(inner.right)
    case 'ConditionalExpression':
      return isSimple(inner.consequent) && isSimple(inner.alternate)
    case 'SequenceExpression':
      return isSimple(inner.expressions.at(-1))
    case 'AssignmentExpression':
      return inner.operator === '=' ? isSimple(inner.right) : !/^(&&|\|\||\?\?)=$/.test(inner.operator)
  }
  return false
}

/** Does evaluating this operator, apart from its operands, run code of the author's? */
export function mayAsk(node: Node): boolean {
  switch (node.type) {
    case 'BinaryExpression':
      if (node.left.type === 'PrivateIdentifier') return false
      return !ASKS.has(node.operator) ? /^in/.test(node.operator) : !isSimple(node.left) || !isSimple(node.right)
    case 'UnaryExpression':
      return node.operator === 'delete' || (/^[-+~]$/.test(node.operator) && !isSimple(node.argument))
    case 'UpdateExpression':
      return true
    case 'AssignmentExpression':
      return !/^(|&&|\|\||\?\?)=$/.test(node.operator)
    case 'TemplateLiteral':
      return node.expressions.some((each: Node) => !isSimple(each))
  }
  return false
}
