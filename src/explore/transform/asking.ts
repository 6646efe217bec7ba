/**
 * Where an object may be asked what it stands for, in twins of files that know of such objects: what is no object goes
 * the usual way, and of anything else the answer is waited for.
 */

import type { Node } from './estree.ts'
import { ASKS, isSimple } from './may-ask.ts'
import { mayBeAsked } from './names.ts'
import type { Rope } from './rope.ts'
import { hold, named, type Operand, type Scope, site, temporary } from './scope.ts'

/** Might an operator, or a native, ask an object here? */
export const asks = (scope: Scope): boolean => scope.mode === 'twin' && mayBeAsked(scope.unit.names)

/** `l operator r`, of operands that are held. `known`: which of them are no objects. */
export function combined(node: Node, operator: string, refs: [string, string], known: boolean[], scope: Scope): string {
  const [left, right] = refs
  const plainly = `${left} ${operator} ${right}`
  if (!asks(scope) || !ASKS.has(operator)) return plainly
  const n = named(scope.unit, 'n')
  const tests = refs.filter((_, at) => !known[at]).map((ref) => `${n}.simple(${ref})`)
  if (tests.length === 0) return plainly
  const at = site(scope.unit, node, operator)
  return `(${tests.join(' && ')} ? ${plainly} : yield* ${n}.operate('${operator}', ${at}, ${left}, ${right}))`
}

/** `old = old operator (value), ` */
export function assigned(node: Node, operator: string, old: string, printValue: () => Rope, scope: Scope): Rope {
  if (!asks(scope)) return [`${old} = ${old} ${operator} (`, printValue(), '), ']
  const value = hold(printValue(), scope)
  return [
    value.before,
    `${old} = ${combined(node, operator, [old, value.ref], [false, isSimple(node.right)], scope)}, `,
  ]
}

/** A value that `++` or `--` counts on from. */
export function counted(node: Node, ref: string, scope: Scope): string {
  if (!asks(scope)) return ref
  const n = named(scope.unit, 'n')
  return `(${n}.simple(${ref}) ? ${ref} : yield* ${n}.numeric(${site(scope.unit, node, node.operator)}, ${ref}))`
}

/**
 * The index of an element as a name, for where it is about to be read, or stored to behind its value: `before`
 * evaluates it and ends in a comma.
 */
export function nameIn(node: Node, object: Operand, index: Operand, scope: Scope): Operand {
  if (!asks(scope) || isSimple(node)) return { before: '', ref: index.ref }
  const { unit } = scope
  const ref = temporary(scope)
  const n = named(unit, 'n')
  const key = `${n}.simple(${index.ref}) ? ${index.ref} : yield* ${n}.keyIn(${site(unit, node, 'key')}, ${object.ref}, ${index.ref})`
  return { before: `${ref} = ${key}, `, ref }
}

/** The same for the second of two uses, as in `o[k] += 1`. */
export function nameAgain(node: Node, index: Operand, name: Operand, scope: Scope): Operand {
  if (name.ref === index.ref) return { before: '', ref: name.ref }
  const { unit } = scope
  const n = named(unit, 'n')
  const ref = temporary(scope)
  const key = `${n}.simple(${index.ref}) ? ${name.ref} : yield* ${n}.keyAgain(${site(unit, node, 'key')}, ${index.ref}, ${name.ref})`
  return { before: `${ref} = ${key}, `, ref }
}

/** A computed name in a literal, a class or a pattern, evaluated once. */
export function printName(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const n = named(unit, 'n')
  const value = unit.print(node, scope)
  if (!asks(scope) || isSimple(node)) return [`${n}.key(`, value, ')']
  return [`(yield* ${n}.keyOf(${site(unit, node, 'key')}, `, value, '))']
}
