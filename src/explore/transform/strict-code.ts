/**
 * Which code of a script is strict: there a proxy that says no to a store is an error.
 */

import { isFunction, type Node, walk } from './estree.ts'

/** Where a script is not strict: outside of its classes and of what begins with 'use strict'. */
export function sloppyIn(program: Node): (offset: number) => boolean {
  const strict: Node[] = []
  const isStrict = (statements: readonly Node[]): boolean => statements.some((each) => each.directive === 'use strict')
  walk(program, (node) => {
    const body = isFunction(node) ? node.body?.body : node.body
    const found = node.type.startsWith('Class') || (Array.isArray(body) && isStrict(body))
    if (found) strict.push(node)
    return !found
  })
  return (offset) => !strict.some(({ start, end }) => offset >= start && offset < end)
}
