/**
 * The text of twins: what differs from the author's, node by node.
 */

import {
  assignElement,
  expectNoCallee,
  isElement,
  isPrototype,
  readElement,
  seePrototype,
  updateElement,
} from './access.ts'
import { assignAccessor, isAccessor, readAccessor, updateAccessor } from './accessor.ts'
import { asks, nameIn } from './asking.ts'
import { printCall, printChain, printNew, printTagged } from './call.ts'
import { placed } from './copy.ts'
import { bare, type Node } from './estree.ts'
import { assigningHead } from './instance.ts'
import { printLoop } from './loops.ts'
import { mayBeProxy } from './names.ts'
import { assignAsking, printBinary, printTemplate, printUnary, updateAsking } from './operator.ts'
import { lowerAssignment, needsLowering } from './pattern.ts'
import type { Rope } from './rope.ts'
import { hold, named, operand, privateTwin, type Scope, site } from './scope.ts'
import { awaited, printCatch, printForOf, printLoopHead, printNames } from './statement.ts'
import { assignSuper, isSuper, readSuper, updateSuper } from './super-member.ts'

/** How a twin prints a node. Undefined: as it stands. */
type Print = (node: Node, scope: Scope) => Rope | undefined

/** Nodes that a twin prints in a way of its own. */
const PRINTS: Readonly<Record<string, Print>> = {
  MemberExpression: printMember,
  AssignmentExpression: printAssignment,
  UpdateExpression: printUpdate,
  BinaryExpression: printBinary,
  UnaryExpression: (node, scope) => printDelete(node, scope) ?? printUnary(node, scope),
  TemplateLiteral: printTemplate,
  CallExpression: printCall,
  ChainExpression: printChain,
  NewExpression: printNew,
  TaggedTemplateExpression: printTagged,
  SpreadElement: printSpread,
  YieldExpression: printYield,
  AwaitExpression: printAwait,
  ReturnStatement: printReturn,
  ForOfStatement: (node, scope) => printForOf(assigningHead(node, scope), '', scope),
  ForInStatement: (node, scope) => printLoopHead(assigningHead(node, scope), printNames(node, scope), scope),
  WhileStatement: (node, scope) => printLoop(node, '', scope),
  DoWhileStatement: (node, scope) => printLoop(node, '', scope),
  ForStatement: (node, scope) => printLoop(node, '', scope),
  LabeledStatement: printLabeled,
  CatchClause: printCatch,
}

/** The text of a node in a twin, if that has a way of its own to print it. */
export const printInTwin: Print = (node, scope) => PRINTS[node.type]?.(node, scope)

function printMember(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  expectNoCallee(node, scope)
  if (isElement(node)) return readElement(node, scope)
  if (isSuper(node)) return readSuper(node, scope)
  if (node.property.type === 'PrivateIdentifier' && privateTwin(unit, node.property.name)) {
    const object = hold(unit.print(node.object, scope), scope)
    const method = `${object.ref}.#${node.property.name}`
    return ['(', object.before, `${named(unit, 'n')}.pair(${method}, ${method}${named(unit, 'twin')}))`]
  }
  return isAccessor(node, scope) ? readAccessor(node, scope) : undefined
}

function printAssignment(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const left = bare(node.left)
  if (isElement(left)) return assignElement(node, scope, () => unit.print(node.right, scope))
  if (isSuper(left)) return assignSuper(node, scope, () => unit.print(node.right, scope))
  if (/Pattern$/.test(left.type)) {
    if (needsLowering(left, scope)) return lowerAssignment(left, unit.print(node.right, scope), scope)
    return ['(', unit.print(left, scope), ' = ', unit.print(node.right, scope), ')']
  }
  if (isAccessor(left, scope)) return assignAccessor(node, scope, () => unit.print(node.right, scope))
  const asking = assignAsking(node, scope)
  if (asking !== undefined) return asking
  if (left.type === 'MemberExpression') {
    // Printed as a target: an accessor on the left is a setter, not a getter.
    const value = unit.print(node.right, scope)
    return [target(left, scope), ` ${node.operator} `, isPrototype(left) ? seePrototype(node, value, scope) : value]
  }
  return undefined
}

function printUpdate(node: Node, scope: Scope): Rope | undefined {
  const argument = bare(node.argument)
  if (isElement(argument)) return updateElement(node, scope)
  if (isSuper(argument)) return updateSuper(node, scope)
  if (isAccessor(argument, scope)) return updateAccessor(node, scope)
  const asking = updateAsking(node, scope)
  if (asking !== undefined) return asking
  if (argument.type !== 'MemberExpression') return undefined
  return node.prefix ? [node.operator, target(argument, scope)] : [target(argument, scope), node.operator]
}

function printDelete(node: Node, scope: Scope): Rope | undefined {
  const argument = bare(node.argument)
  if (node.operator !== 'delete') return undefined
  if (argument.type === 'ChainExpression') {
    throw new SyntaxError(`${placed(node, scope)}: delete of an optional chain is not supported in explored code`)
  }
  if (argument.type !== 'MemberExpression') return undefined
  if (isSuper(argument)) return `${named(scope.unit, 'n')}.noDelete()`
  if (!asks(scope)) return ['delete ', target(argument, scope)]
  const { unit } = scope
  const object = operand(argument.object, scope)
  if (!argument.computed) {
    if (!mayBeProxy(unit.names)) return ['(', object.before, `delete ${object.ref}.${argument.property.name})`]
    return [
      '(',
      object.before,
      `yield* ${named(unit, 'n')}.again(() => delete ${object.ref}.${argument.property.name}))`,
    ]
  }
  const index = operand(argument.property, scope)
  const name = nameIn(argument.property, object, index, scope)
  const removal = `delete ${object.ref}[${name.ref}]`
  const again = mayBeProxy(unit.names) ? `yield* ${named(unit, 'n')}.again(() => ${removal})` : removal
  return ['(', object.before, index.before, name.before, `${again})`]
}

function printSpread(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const n = named(unit, 'n')
  const value = hold(unit.print(node.argument, scope), scope)
  const at = site(unit, node, 'spread')
  return ['...(', value.before, `${n}.spreads(${value.ref}) ? ${value.ref} : yield* ${n}.spread(${at}, ${value.ref}))`]
}

function printLabeled(node: Node, scope: Scope): Rope | undefined {
  let inner = node
  let labels = ''
  while (inner.type === 'LabeledStatement') {
    labels += `${inner.label.name}: `
    inner = inner.body
  }
  return inner.type === 'ForOfStatement'
    ? printForOf(assigningHead(inner, scope), labels, scope)
    : printLoop(inner, labels, scope)
}

/** A member as the target of an assignment or of `delete`. */
function target(node: Node, scope: Scope): Rope {
  if (!node.computed && node.object.type === 'Generated') return scope.unit.print(node, scope)
  const property = node.computed
    ? ['[', scope.unit.print(node.property, scope), ']']
    : { from: node.object.end, to: node.end }
  return [scope.unit.print(node.object, scope), property]
}

function printAwait(node: Node, scope: Scope): Rope {
  return awaited(node, scope.unit.print(node.argument, scope), scope)
}

/** What an async generator returns, it awaits. */
function printReturn(node: Node, scope: Scope): Rope | undefined {
  if (!scope.async || !scope.generator || !node.argument) return undefined
  return ['return ', awaited(node.argument, scope.unit.print(node.argument, scope), scope), ';']
}

function printYield(node: Node, scope: Scope): Rope {
  const n = named(scope.unit, 'n')
  const value = node.argument ? scope.unit.print(node.argument, scope) : 'undefined'
  const within = scope.guarded ? ', true' : ''
  if (scope.async && !node.delegate) return [`(yield new ${n}.Yielded(`, awaited(node, value, scope), `${within}))`]
  if (node.delegate) return [`(yield new ${n}.Delegated(${site(scope.unit, node, 'iterate')}, `, value, `${within}))`]
  return [`(yield new ${n}.Yielded(`, value, `${within}))`]
}
