/**
 * Members of `super`, in twins. One that may be an accessor, or that of a proxy, is read and stored again and again
 * until that has run; where `super` has to be captured, a function stands for it.
 */

import { asks, assigned, counted, printName } from './asking.ts'
import { bare, type Node } from './estree.ts'
import { mayBeAccessor, mayBeAnyAccessor } from './names.ts'
import type { Rope } from './rope.ts'
import { hold, named, type Scope, temporary } from './scope.ts'

/** `super.x`, `super[k]` */
export const isSuper = (node: Node): boolean => node.type === 'MemberExpression' && node.object.type === 'Super'

/** Its name, as an expression that may stand anywhere. */
function nameOf(node: Node, scope: Scope): { before: Rope; ref: string } {
  if (!node.computed) return { before: '', ref: JSON.stringify(node.property.name) }
  return hold(asks(scope) ? printName(node.property, scope) : scope.unit.print(node.property, scope), scope)
}

function followed(node: Node, scope: Scope, access: string): string {
  const { names } = scope.unit
  const may = node.computed ? mayBeAnyAccessor(names) : mayBeAccessor(names, node.property.name)
  return may ? `(yield* ${named(scope.unit, 'n')}.again(() => ${access}))` : access
}

function read(node: Node, ref: string, scope: Scope): string {
  return followed(node, scope, scope.parent === 'super' ? `super[${ref}]` : `${scope.parent}(${ref})`)
}

function write(node: Node, ref: string, value: string, scope: Scope): string {
  const store = scope.parent === 'super' ? `super[${ref}] = ${value}` : `${scope.parent}(${ref}, ${value})`
  return followed(node, scope, `(${store})`)
}

export function readSuper(node: Node, scope: Scope): Rope {
  const name = nameOf(node, scope)
  return ['(', name.before, read(node, name.ref, scope), ')']
}

/** `super.x = v`, `super.x += v`, `super.x ??= v` */
export function assignSuper(node: Node, scope: Scope, printValue: () => Rope): Rope {
  const target = bare(node.left)
  const name = nameOf(target, scope)
  if (node.operator === '=') {
    const value = hold(printValue(), scope)
    return ['(', name.before, value.before, `${write(target, name.ref, value.ref, scope)}, ${value.ref})`]
  }
  const old = temporary(scope)
  const operator = node.operator.slice(0, -1)
  const before = ['(', name.before, `${old} = ${read(target, name.ref, scope)}, `]
  const store = `${write(target, name.ref, old, scope)}, ${old}`
  if (operator === '&&' || operator === '||' || operator === '??')
    return [before, `${old} ${operator} (${old} = (`, printValue(), `), ${store}))`]
  return [before, assigned(node, operator, old, printValue, scope), `${store})`]
}

/** `super.x++` */
export function updateSuper(node: Node, scope: Scope): Rope {
  const target = bare(node.argument)
  const name = nameOf(target, scope)
  const value = temporary(scope)
  const old = temporary(scope)
  const from = `${value} = ${read(target, name.ref, scope)}, ${value} = ${counted(node, value, scope)}`
  const step = `${from}, ${old} = ${value}${node.operator}, ${write(target, name.ref, value, scope)}`
  return ['(', name.before, `${step}, ${node.prefix ? value : old})`]
}
