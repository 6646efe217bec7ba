/**
 * Calls that may come back to the function that makes them, without a loop anywhere: they are counted as turns of loops
 * are, since a recursion that never ends, or takes for ever, would keep the explorer from ever saying so.
 */

import { bare, childrenOf, isFunction, type Node } from './estree.ts'
import { countOf } from './loops.ts'
import { mayBeAnyAccessor, mayBeAsked } from './names.ts'
import type { Scope, Unit } from './scope.ts'

/** Whether evaluating this may call what nobody knows here. */
function callsUnknown(node: Node, unit: Unit): boolean {
  switch (node.type) {
    case 'CallExpression': {
      const callee = bare(node.callee)
      if (isNamespaced(callee, unit)) break
      if (callee.type !== 'Identifier' || !unit.leaves.functions.has(unit.names.functions.get(callee.name) as Node))
        return true
      break
    }
    case 'NewExpression':
    case 'TaggedTemplateExpression':
    case 'ForOfStatement':
    case 'SpreadElement':
    case 'ArrayPattern':
      return true
    case 'MemberExpression':
      if (mayBeAnyAccessor(unit.names)) return true
      break
    case 'BinaryExpression':
    case 'UnaryExpression':
    case 'TemplateLiteral':
      if (mayBeAsked(unit.names)) return true
      break
  }
  return !isFunction(node) && childrenOf(node).some((child) => callsUnknown(child, unit))
}

/** `Atomics.load`, `Math.max` */
function isNamespaced(callee: Node, { names }: Unit): boolean {
  if (callee.type !== 'MemberExpression' || callee.computed) return false
  const { name } = bare(callee.object)
  return (name === 'Atomics' || name === 'Math') && !names.declared.has(name)
}

/** The functions at the top of the module that this one calls by name. */
function calledBy(fn: Node, unit: Unit): Set<Node> {
  const called = new Set<Node>()
  const visit = (node: Node): void => {
    const known = node.type === 'CallExpression' ? unit.names.functions.get(bare(node.callee).name) : undefined
    if (known !== undefined) called.add(known)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(fn)
  return called
}

/** Whether a leaf comes back to itself. It calls nothing but leaves, by name. */
function comesBack(fn: Node, unit: Unit): boolean {
  const seen = new Set<Node>()
  const open = [fn]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of calledBy(at, unit)) {
      if (next === fn) return true
      if (!seen.has(next)) open.push(next)
      seen.add(next)
    }
  }
  return false
}

/**
 * Counts a call of this function, if it may come back to itself, or looks like the `next` of an iterator, which a
 * native may call for ever. Else nothing.
 */
export function countCall(fn: Node, scope: Scope): string {
  const { unit } = scope
  const original: Node = fn.original ?? fn
  const steps = /\bdone\b/.test(unit.code.slice(fn.start, fn.end))
  const returns = unit.leaves.functions.has(original) ? comesBack(original, unit) : callsUnknown(fn.body, unit)
  return steps || returns ? ` ${countOf(fn, scope, steps ? 'loop' : 'calls')};` : ''
}
