/**
 * What is done with a variable where a function names it: whether what it holds might be changed there, or handed to
 * somebody who might change it.
 */

import { isFlat, memberShape, nameOfMember, type Shape } from './constants.ts'
import type { Node } from './estree.ts'
import type { Mention } from './variables.ts'

/** Methods of lists that change nothing and hand nothing on but their elements. */
const LOOKERS = new Set(
  (
    'get has includes indexOf lastIndexOf join at slice map filter find findIndex findLast findLastIndex some every ' +
    'forEach flatMap reduce reduceRight keys values entries concat toString'
  ).split(' '),
)
/** Members of functions that are not asked of the object that a function is. */
const OF_FUNCTIONS = new Set(['call', 'apply', 'bind', 'name', 'length', 'toString'])
const OBJECT = new Set(['keys', 'values', 'entries', 'hasOwn', 'is', 'isFrozen', 'getOwnPropertyNames'])

/** The nodes around a mention, innermost first, without parentheses and types. */
function around({ inside, assigned }: Mention): Node[] {
  const nodes = assigned === 'no' ? inside.slice(0, -1) : inside
  return nodes.filter(({ type }) => type !== 'ParenthesizedExpression' && !type.startsWith('TS')).reverse()
}

/** Whether what the variable holds, of which that is known, can't be changed by what is done with it there. */
export function isHarmless(mention: Mention, shape: Shape): boolean {
  if (mention.assigned !== 'no') return false
  return harmless(around(mention), mention.node, shape)
}

function harmless([parent, ...outer]: Node[], child: Node, shape: Shape): boolean {
  if (parent === undefined) return true
  const is = (node: Node | null | undefined): boolean => node != null && isWrapped(node, child)
  switch (parent.type) {
    case 'MemberExpression':
      return !is(parent.object) || harmlessMember(parent, outer, shape)
    case 'ChainExpression':
      return harmless(outer, parent, shape)
    case 'BinaryExpression':
    case 'UnaryExpression':
    case 'TemplateLiteral':
    case 'ExpressionStatement':
    case 'IfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'SwitchStatement':
    case 'SwitchCase':
      return true
    case 'CallExpression':
      if (is(parent.callee)) return isHeld(shape)
      return isHeld(shape) || (isFlat(shape) && callsObject(parent))
    case 'NewExpression':
      return isHeld(shape)
    case 'ConditionalExpression':
      return is(parent.test) || isHeld(shape)
    case 'SpreadElement':
      return isFlat(shape)
    case 'ForOfStatement':
    case 'ForInStatement':
      return is(parent.right) ? isFlat(shape) : isHeld(shape)
    case 'VariableDeclarator':
      return isHeld(shape) || (is(parent.init) && parent.id.type !== 'Identifier' && isFlat(shape))
  }
  return isHeld(shape)
}

const isHeld = ({ kind }: Shape): boolean => kind === 'fixed' || kind === 'function'

/** `Object.keys(it)` */
const callsObject = ({ callee }: Node): boolean =>
  callee.type === 'MemberExpression' && callee.object.name === 'Object' && OBJECT.has(callee.property.name)

function harmlessMember(member: Node, outer: Node[], shape: Shape): boolean {
  if (isTarget(outer, member)) return false
  const [parent] = outer
  const name = nameOfMember(member)
  const isCallee = parent?.type === 'CallExpression' && isWrapped(parent.callee, member)
  if (shape.kind === 'function') return name !== undefined && OF_FUNCTIONS.has(name)
  if (shape.kind === 'list' && isCallee && name !== undefined && LOOKERS.has(name)) return isFlat(shape)
  const its = memberShape(shape, name)
  if (isCallee) return its.kind === 'fixed' || (its.kind === 'function' && !its.asksThis)
  return harmless(outer, member, its)
}

/** Whether the member is stored to there, by itself or as part of a pattern. */
function isTarget([parent]: Node[], member: Node): boolean {
  switch (parent?.type) {
    case 'AssignmentExpression':
    case 'ForOfStatement':
    case 'ForInStatement':
      return parent.left.start <= member.start && member.end <= parent.left.end
    case 'UpdateExpression':
      return true
    case 'UnaryExpression':
      return parent.operator === 'delete'
  }
  return false
}

/** Whether a member of what is named there is stored to, or of what it leads to; `deep`: of a member at least. */
export function storesMember(mention: Mention, deep: boolean): boolean {
  let child = mention.node
  const nodes = around(mention)
  let members = 0
  while (nodes[0]?.type === 'MemberExpression' && isWrapped(nodes[0].object, child)) {
    child = nodes.shift()!
    members++
  }
  return members > (deep ? 1 : 0) && isTarget(nodes, child)
}

/** Whether one is the other, parentheses and types aside. */
function isWrapped(outer: Node, inner: Node): boolean {
  let at = outer
  while (at !== inner && (at.type === 'ParenthesizedExpression' || at.type.startsWith('TS'))) at = at.expression
  return at === inner
}
