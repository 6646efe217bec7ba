/**
 * What an arrow function takes from outside: `this`, `arguments`, `new.target`, `super`.
 *
 * There are no generator arrows, so the twin of an arrow function is a function that captures these under names.
 */

import { type Node, walk } from './estree.ts'
import type { Rope } from './rope.ts'
import { named, type Scope } from './scope.ts'

/** Whether a function refers to what an arrow function takes from outside. */
export interface Lexical {
  self: boolean
  args: boolean
  target: boolean
  parent: boolean
}

export function lexicalUses(fn: Node): Lexical {
  const uses: Lexical = { self: false, args: false, target: false, parent: false }
  for (const part of [...fn.params, fn.body]) {
    walk(part, (node) => {
      if (node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration') return false
      if (node.type === 'PropertyDefinition' || node.type === 'StaticBlock') return false
      if (node.type === 'ThisExpression') uses.self = true
      else if (node.type === 'Identifier' && node.name === 'arguments') uses.args = true
      else if (node.type === 'MetaProperty' && node.meta.name === 'new') uses.target = true
      else if (node.type === 'Super') {
        uses.parent = true
        uses.self = true
      }
      return undefined
    })
  }
  return uses
}

/** A function that asks how it was called: its twin is told, by `n.target()`. */
export function asksForTarget(fn: Node): boolean {
  return !fn.async && !fn.generator && fn.type !== 'ArrowFunctionExpression' && lexicalUses(fn).target
}

/** The scope in which `this` and its like are names captured from outside. */
export function captured(scope: Scope, uses: Lexical): Scope {
  const { unit } = scope
  return {
    ...scope,
    self: uses.self && scope.self === 'this' ? named(unit, 'this') : scope.self,
    args: uses.args && scope.args === 'arguments' ? named(unit, 'arguments') : scope.args,
    target: uses.target && scope.target === 'new.target' ? named(unit, 'target') : scope.target,
    parent: uses.parent && scope.parent === 'super' ? named(unit, 'super') : scope.parent,
  }
}

/** `(($_this) => ...)(this)` for what has to be captured here. */
export function wrap(scope: Scope, uses: Lexical, inner: Rope): Rope {
  const inside = captured(scope, uses)
  const names: string[] = []
  const values: string[] = []
  const capture = (name: string, before: string, value: string): void => {
    if (name === before) return
    names.push(name)
    values.push(value)
  }
  capture(inside.self, scope.self, 'this')
  capture(inside.args, scope.args, 'arguments')
  capture(inside.target, scope.target, 'new.target')
  capture(inside.parent, scope.parent, '(key, ...set) => (set.length > 0 ? (super[key] = set[0]) : super[key])')
  return names.length === 0 ? inner : [`((${names.join(', ')}) => `, inner, `)(${values.join(', ')})`]
}
