/**
 * Reads and writes of elements, in twins: each becomes a question to the engine and then the access itself.
 *
 * Operands are evaluated once, in the author's order, before the question; the access comes after it, when the
 * engine has chosen this thread. `o[i] += v` and `o[i]++` are two accesses, a read and later a write.
 */

import { READ, WRITE } from '../runtime/kinds.ts'
import { unlessAccessor } from './accessor.ts'
import { assigned, counted, nameAgain, nameIn } from './asking.ts'
import { placed } from './copy.ts'
import { bare, type Node } from './estree.ts'
import type { Rope } from './rope.ts'
import { ask, did, hold, named, type Operand, operand, type Scope, site, temporary } from './scope.ts'

/** `super`, where the body has one: there a member of it isn't an element of anything shared. */
export function isElement(node: Node): boolean {
  return node.type === 'MemberExpression' && node.computed && node.object.type !== 'Super'
}

/** `arguments.callee`, where there is one, is the twin in a thread. */
export function expectNoCallee(node: Node, scope: Scope): void {
  const name = node.property.name ?? node.property.value
  if (node.object.name === 'arguments' && name === 'callee' && scope.unit.isSloppy(node.start))
    throw new SyntaxError(`${placed(node, scope)}: arguments.callee would be another function in a thread`)
}

/** `o.prototype`, `o.__proto__`: what is assigned to it may be inherited from. */
export function isPrototype(node: Node): boolean {
  return (
    node.type === 'MemberExpression' &&
    !node.computed &&
    (node.property.name === 'prototype' || node.property.name === '__proto__')
  )
}

/** A value that becomes a prototype, which a view of shared memory may not. */
export function seePrototype(node: Node, value: Rope, scope: Scope): Rope {
  return [`${named(scope.unit, 'n')}.prototype(${site(scope.unit, node, 'prototype')}, `, value, ')']
}

/** `o[i]` */
export function readElement(node: Node, scope: Scope): Rope {
  const object = operand(node.object, scope)
  const index = operand(node.property, scope)
  return ['(', object.before, index.before, readHeld(node, object, index, scope), ')']
}

/** The question and the read, for operands that are already held. */
export function readHeld(node: Node, object: Operand, index: Operand, scope: Scope): Rope {
  const name = nameIn(node.property, object, index, scope)
  return [name.before, readNamed(node, object, name, scope)]
}

function readNamed(node: Node, object: Operand, name: Operand, scope: Scope): string {
  const read = `${ask(scope, READ, site(scope.unit, node, 'read', true), object.ref, name.ref)}, `
  return unlessAccessor(object, name, scope, read + did(scope, `${object.ref}[${name.ref}]`))
}

function writeNamed(node: Node, object: Operand, name: Operand, value: string, scope: Scope): string {
  const write = `${ask(scope, WRITE, site(scope.unit, node, 'write', true), object.ref, name.ref, value)}, `
  const store = did(scope, `${object.ref}[${name.ref}] = ${value}`)
  return unlessAccessor(object, name, scope, write + store, { node, value })
}

/** `o[i] = v`, `o[i] += v`, `o[i] ??= v` */
export function assignElement(node: Node, scope: Scope, printValue: () => Rope): Rope {
  const target = bare(node.left)
  const object = operand(target.object, scope)
  const index = operand(target.property, scope)
  if (node.operator === '=') {
    const value = hold(printValue(), scope)
    const name = nameIn(target.property, object, index, scope)
    const step = writeNamed(node, object, name, value.ref, scope)
    return ['(', object.before, index.before, value.before, name.before, step, ')']
  }
  const old = temporary(scope)
  const name = nameIn(target.property, object, index, scope)
  const reading = readNamed(node, object, name, scope)
  const before = ['(', object.before, index.before, name.before, `${old} = (${reading}), `]
  const operator = node.operator.slice(0, -1)
  const again = nameAgain(target.property, index, name, scope)
  if (operator === '&&' || operator === '||' || operator === '??') {
    const store = writeNamed(node, object, again, old, scope)
    return [before, `${old} ${operator} (${old} = (`, printValue(), '), ', again.before, store, '))']
  }
  const sum = assigned(node, operator, old, printValue, scope)
  return [before, sum, again.before, writeNamed(node, object, again, old, scope), ')']
}

/** `o[i]++`, `--o[i]` */
export function updateElement(node: Node, scope: Scope): Rope {
  const target = bare(node.argument)
  const object = operand(target.object, scope)
  const index = operand(target.property, scope)
  const value = temporary(scope)
  const old = temporary(scope)
  const name = nameIn(target.property, object, index, scope)
  // The postfix operator gives the old value as a number (or BigInt), which is what the expression is worth.
  const reading = `${value} = (${readNamed(node, object, name, scope)}), `
  const step = `${value} = ${counted(node, value, scope)}, ${old} = ${value}${node.operator}, `
  const again = nameAgain(target.property, index, name, scope)
  const writing = writeNamed(node, object, again, value, scope)
  const before = ['(', object.before, index.before, name.before, reading, step, again.before, writing]
  return [before, node.prefix ? ')' : `, ${old})`]
}
