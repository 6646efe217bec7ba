/**
 * Members that may be accessors: in twins a getter or setter that has a twin is called by it.
 *
 * Which names are accessors is told from the file and from what it imports; of a computed name, and of what else has
 * that name, the object itself is asked.
 */

import { assigned, counted } from './asking.ts'
import { bare, type Node } from './estree.ts'
import { mayBeAccessor, mayBeAnyAccessor, mayBeProxy } from './names.ts'
import type { Rope } from './rope.ts'
import { hold, named, type Operand, operand, privateKind, type Scope, temporary } from './scope.ts'

/** May this member be an accessor with a twin? Not one with a computed name. */
export function isAccessor(node: Node, scope: Scope): boolean {
  if (node.type !== 'MemberExpression' || node.computed || node.object.type === 'Super') return false
  const { name, type } = node.property
  if (type === 'PrivateIdentifier') return /get|set/.test(privateKind(scope.unit, name))
  return type === 'Identifier' && mayBeAccessor(scope.unit.names, name)
}

/** `o.x` where x may be an accessor. */
export function readAccessor(node: Node, scope: Scope): Rope {
  const object = operand(node.object, scope)
  return ['(', object.before, accessorRead(node, object.ref, scope), ')']
}

/** The value of such a member of an object that is held. */
export function accessorRead(node: Node, ref: string, scope: Scope): string {
  const { unit } = scope
  const { name, type } = node.property
  if (type === 'PrivateIdentifier') {
    if (!/get/.test(privateKind(unit, name))) return `${ref}.#${name}`
    return `(yield* ${ref}.#${name}${named(unit, 'get')}())`
  }
  if (!mayBeAccessor(unit.names, name)) return `${ref}.${name}`
  const getter = temporary(scope)
  return `((${getter} = ${named(unit, 'n')}.getterTwin(${ref}, '${name}')) ? yield* ${getter}.call(${ref}) : ${ref}.${name})`
}

/** Stores a value that is held in such a member. */
function accessorWrite(node: Node, ref: string, value: string, scope: Scope): string {
  const { unit } = scope
  const { name, type } = node.property
  if (type === 'PrivateIdentifier') {
    if (!/set/.test(privateKind(unit, name))) return `${ref}.#${name} = ${value}`
    return `(yield* ${ref}.#${name}${named(unit, 'set')}(${value}))`
  }
  if (!mayBeAccessor(unit.names, name)) return `${ref}.${name} = ${value}`
  const setter = temporary(scope)
  const call = `yield* ${setter}.call(${ref}, ${value})`
  const find = `${named(unit, 'n')}.setterTwin(${ref}, '${name}'${unit.isSloppy(node.start) ? ', true' : ''})`
  return `((${setter} = ${find}) ? ${call} : ${ref}.${name} = ${value})`
}

/** `o.x = v`, `o.x += v`, `o.x ??= v` where x may be an accessor. */
export function assignAccessor(node: Node, scope: Scope, printValue: () => Rope): Rope {
  const target = bare(node.left)
  const object = operand(target.object, scope)
  if (node.operator === '=') {
    const value = hold(printValue(), scope)
    return ['(', object.before, value.before, accessorWrite(target, object.ref, value.ref, scope), `, ${value.ref})`]
  }
  const old = temporary(scope)
  const before = ['(', object.before, `${old} = ${accessorRead(target, object.ref, scope)}, `]
  const operator = node.operator.slice(0, -1)
  const write = accessorWrite(target, object.ref, old, scope)
  if (operator === '&&' || operator === '||' || operator === '??') {
    return [before, `${old} ${operator} (${old} = (`, printValue(), `), ${write}, ${old}))`]
  }
  return [before, assigned(node, operator, old, printValue, scope), `${write}, ${old})`]
}

/** `o.x++`, `--o.x` where x may be an accessor. */
export function updateAccessor(node: Node, scope: Scope): Rope {
  const target = bare(node.argument)
  const object = operand(target.object, scope)
  const value = temporary(scope)
  const old = temporary(scope)
  const from = `${value} = ${accessorRead(target, object.ref, scope)}, ${value} = ${counted(node, value, scope)}`
  const read = `${from}, ${old} = ${value}${node.operator}`
  const write = accessorWrite(target, object.ref, value, scope)
  return ['(', object.before, `${read}, ${write}, ${node.prefix ? value : old})`]
}

/** The read or the write of an element, unless its name is that of an accessor with a twin. */
export function unlessAccessor(
  object: Operand,
  index: Operand,
  scope: Scope,
  access: string,
  stored?: { readonly node: Node; readonly value: string },
): string {
  const { unit } = scope
  const proxies = mayBeProxy(unit.names)
  if (!mayBeAnyAccessor(unit.names) || (/^\d+$/.test(index.ref) && !proxies)) return access
  const twin = temporary(scope)
  const sloppy = stored !== undefined && unit.isSloppy(stored.node.start) ? ', true' : ''
  const find = `${named(unit, 'n')}.${stored === undefined ? 'getterAt' : 'setterAt'}(${object.ref}, ${index.ref}${sloppy})`
  const call =
    stored === undefined
      ? `yield* ${twin}.call(${object.ref})`
      : `(yield* ${twin}.call(${object.ref}, ${stored.value}), ${stored.value})`
  const plainly = proxies ? '' : `typeof ${index.ref} === 'number' || `
  return `(${plainly}!(${twin} = ${find}) ? (${access}) : ${call})`
}
