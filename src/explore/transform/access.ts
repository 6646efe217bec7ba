/**
 * Reads and writes of elements, in twins: each becomes a question to the engine and then the access itself.
 *
 * Operands are evaluated once, in the author's order, before the question; the access comes after it, when the
 * engine has chosen this thread. `o[i] += v` and `o[i]++` are two accesses, a read and later a write.
 */

import { READ, WRITE } from '../runtime/kinds.ts'
import { unlessAccessor } from './accessor.ts'
import { bare, type Node } from './estree.ts'
import type { Rope } from './rope.ts'
import { ask, did, hold, named, type Operand, operand, type Scope, site, temporary } from './scope.ts'

/** `super`, where the body has one: there a member of it isn't an element of anything shared. */
export function isElement(node: Node): boolean {
  return node.type === 'MemberExpression' && node.computed && node.object.type !== 'Super'
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
  const at = site(scope.unit, node, 'read')
  const read = `${ask(scope, READ, at, object.ref, index.ref)}, ${did(scope, `${object.ref}[${index.ref}]`)}`
  return unlessAccessor(object, index, scope, read)
}

/** `o[i] = v`, `o[i] += v`, `o[i] ??= v` */
export function assignElement(node: Node, scope: Scope, printValue: () => Rope): Rope {
  const target = bare(node.left)
  const object = operand(target.object, scope)
  const index = operand(target.property, scope)
  if (node.operator === '=') {
    const value = hold(printValue(), scope)
    const write = ask(scope, WRITE, site(scope.unit, node, 'write'), object.ref, index.ref, value.ref)
    const store = did(scope, `${object.ref}[${index.ref}] = ${value.ref}`)
    const step = unlessAccessor(object, index, scope, `${write}, ${store}`, value.ref)
    return ['(', object.before, index.before, value.before, `${step})`]
  }
  const old = temporary(scope)
  const read = ask(scope, READ, site(scope.unit, node, 'read'), object.ref, index.ref)
  const element = `${object.ref}[${index.ref}]`
  const reading = unlessAccessor(object, index, scope, `${read}, ${did(scope, element)}`)
  const before = ['(', object.before, index.before, `${old} = (${reading}), `]
  const operator = node.operator.slice(0, -1)
  const write = ask(scope, WRITE, site(scope.unit, node, 'write'), object.ref, index.ref, old)
  const store = unlessAccessor(object, index, scope, `${write}, ${did(scope, `${element} = ${old}`)}`, old)
  if (operator === '&&' || operator === '||' || operator === '??') {
    return [before, `${old} ${operator} (${old} = (`, printValue(), `), ${store}))`]
  }
  return [before, `${old} = ${old} ${operator} (`, printValue(), `), ${store})`]
}

/** `o[i]++`, `--o[i]` */
export function updateElement(node: Node, scope: Scope): Rope {
  const target = bare(node.argument)
  const object = operand(target.object, scope)
  const index = operand(target.property, scope)
  const value = temporary(scope)
  const old = temporary(scope)
  const read = ask(scope, READ, site(scope.unit, node, 'read'), object.ref, index.ref)
  const write = ask(scope, WRITE, site(scope.unit, node, 'write'), object.ref, index.ref, value)
  const element = `${object.ref}[${index.ref}]`
  // The postfix operator gives the old value as a number (or BigInt), which is what the expression is worth.
  const reading = unlessAccessor(object, index, scope, `${read}, ${did(scope, element)}`)
  const writing = unlessAccessor(object, index, scope, `${write}, ${did(scope, `${element} = ${value}`)}`, value)
  const step = `${value} = (${reading}), ${old} = ${value}${node.operator}, ${writing}`
  return ['(', object.before, index.before, step, node.prefix ? ')' : `, ${old})`]
}
