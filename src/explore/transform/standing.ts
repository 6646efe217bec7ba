/**
 * In which function each place of the text stands, for a reader.
 */

import { isFunction, type Node, walk } from './estree.ts'

/** A function with a name of its own, from one offset to another. */
export interface Named {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** All functions that a reader has a name for, by where they begin. */
export function functionsIn(program: Node): readonly Named[] {
  const found: Named[] = []
  const note = (name: string | undefined, fn: Node | null | undefined) => {
    if (name !== undefined && fn && isFunction(fn)) found.push({ name, start: fn.start, end: fn.end })
  }
  walk(program, (node) => {
    if (node.type === 'FunctionDeclaration') note(node.id?.name, node)
    else if (node.type === 'VariableDeclarator') note(node.id.name, node.init)
    else if (node.type === 'MethodDefinition' || node.type === 'Property' || node.type === 'PropertyDefinition')
      note(node.key.name ?? node.key.value?.toString(), node.value)
    return undefined
  })
  return found.sort((a, b) => a.start - b.start)
}

/** The innermost of them that an offset stands in; '' outside of all. */
export const functionAt = (functions: readonly Named[], offset: number): string =>
  functions.findLast(({ start, end }) => start <= offset && offset < end)?.name ?? ''
