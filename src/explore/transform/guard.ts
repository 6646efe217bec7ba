/**
 * What stands between the first and the last step of an array pattern, in twins and in checked text: if it throws, the
 * iterator is closed.
 */

import { childrenOf, isFunction, type Node } from './estree.ts'
import { captured, lexicalUses, wrap } from './lexical.ts'
import type { Rope } from './rope.ts'
import { named, type Scope } from './scope.ts'

/** Puts a step into what it has to stand in. */
export type Around = (step: Rope) => Rope

/** Whether a function that evaluates this is left half way, by a node of this type. */
function has(type: string, node: Node): boolean {
  return node.type === type || (!isFunction(node) && childrenOf(node).some((child) => has(type, child)))
}

/**
 * The scope in which the parts of this pattern are printed, and what puts the printed ones into a guard: a function of
 * their own, since an expression has no `try`.
 */
export function guardOf(pattern: Node, iterator: string, outer: Scope): { scope: Scope; guard: Around } {
  const n = named(outer.unit, 'n')
  const uses = lexicalUses({ params: [], body: pattern } as unknown as Node)
  if (outer.mode === 'twin') {
    const guard: Around = (step) => {
      const part = wrap(outer, uses, ['(function*() { return (', step, '); })()'])
      return [`(yield* ${n}.guarded(${iterator}, `, part, `, ${outer.guarded === true}))`]
    }
    return { scope: { ...captured(outer, uses), guarded: true }, guard }
  }
  // What follows an `await` in a function of its own would come later.
  if (has('AwaitExpression', pattern)) return { scope: outer, guard: (step) => step }
  const where = JSON.stringify(outer.where)
  if (!has('YieldExpression', pattern))
    return { scope: outer, guard: (step) => [`${n}.guardedPlainly(${where}, ${iterator}, () => (`, step, '))'] }
  const guard: Around = (step) => {
    const part = wrap(outer, uses, ['(function*() { return (', step, '); })()'])
    return [`(yield* ${n}.guardedYields(${where}, ${iterator}, `, part, '))']
  }
  return { scope: captured(outer, uses), guard }
}
