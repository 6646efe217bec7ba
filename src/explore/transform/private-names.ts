/**
 * Where a class asks its private names of another object than `this`: only code that the same evaluation of the class
 * made has them.
 */

import { placed } from './copy.ts'
import { bare, isFunction, type Node, walk } from './estree.ts'
import { hasOwn } from './instance.ts'
import type { Rope } from './rope.ts'
import { named, type Scope } from './scope.ts'

/** The first such place in a class; undefined: there is none. */
function askingIn(node: Node): Node | undefined {
  const members = node.body.body as Node[]
  const names = new Map<string, boolean>()
  for (const { key, static: isStatic } of members)
    if (key?.type === 'PrivateIdentifier') names.set(key.name, Boolean(isStatic))
  let found: Node | undefined
  const look = (part: Node, isOfClass: boolean): void =>
    walk(part, (each) => {
      // What is made in a constructor may stay with its object.
      if (each !== part && isOfClass && isFunction(each)) {
        look(each, false)
        return false
      }
      const { type, object, property, left, right } = each
      const asked = type === 'MemberExpression' ? property : type === 'BinaryExpression' ? left : undefined
      if (asked?.type !== 'PrivateIdentifier' || !names.has(asked.name)) return found === undefined
      const of = bare(object ?? right)
      const isOwnStatic = names.get(asked.name) && of.type === 'Identifier' && of.name === node.id?.name
      if (of.type !== 'ThisExpression' && !(isOfClass && isOwnStatic)) found ??= each
      return found === undefined
    })
  if (names.size === 0) return undefined
  for (const each of members) {
    // Constructors and static members run for the class of whoever calls them, never for an object of another.
    const fn = each.type === 'MethodDefinition' && (each.static || each.kind === 'constructor')
    if (fn) look(each.value, true)
    else look(each, each.type !== 'MethodDefinition')
  }
  return found
}

/** What a class says of it as it is made, where threads may have classes of their own. */
export function printAsking(node: Node, scope: Scope): Rope {
  const found = hasOwn(scope.unit) ? askingIn(node) : undefined
  if (found === undefined) return ''
  return ` ${named(scope.unit, 'n')}.keepAsking(this.prototype, ${JSON.stringify(placed(found, scope))});`
}
