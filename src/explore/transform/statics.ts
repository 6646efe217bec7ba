/**
 * Static members of classes, and members of functions, that somebody may store to who was handed the class. What it is
 * called there no text shows, so members are known by their names.
 */

import { bare, isFunction, type Node, walk } from './estree.ts'
import type { Declared } from './tops.ts'
import type { Variable } from './variables.ts'

/** Functions of the language that change members of their first argument, which the second one names. */
const CHANGERS = /^(Object\.(assign|definePropert(y|ies))|Reflect\.(set|defineProperty|deleteProperty))$/

const known = new WeakMap<Node, ReadonlySet<string>>()

/** The names of members that a function of the module stores to, or deletes. */
function storedIn(program: Node): ReadonlySet<string> {
  const before = known.get(program)
  if (before !== undefined) return before
  const names = new Set<string>()
  const note = (node: Node): undefined => {
    const { type, operator } = node
    if (type === 'AssignmentExpression') addTargets(node.left, names)
    else if (type === 'UpdateExpression' || (type === 'UnaryExpression' && operator === 'delete'))
      addTargets(node.argument, names)
    else if (type === 'ForOfStatement' || type === 'ForInStatement') addTargets(node.left, names)
    else if (type === 'CallExpression') addChanged(node, names)
  }
  // What the statements at the top do, they have done when a thread begins.
  walk(program, (node) => {
    if (!isFunction(node) && node.type !== 'PropertyDefinition') return undefined
    walk(node, note)
    return false
  })
  known.set(program, names)
  return names
}

/** Whether a function of the module stores to a member of one of these names. */
export function stores(program: Node, names: ReadonlySet<string>): boolean {
  const stored = storedIn(program)
  return [...names].some((each) => stored.has(each))
}

/** The members among the targets of an assignment. */
function addTargets(target: Node, names: Set<string>): void {
  const node = bare(target)
  switch (node.type) {
    case 'MemberExpression': {
      const name = nameOf(node.property, node.computed)
      if (name !== undefined) names.add(name)
      break
    }
    case 'AssignmentPattern':
      addTargets(node.left, names)
      break
    case 'RestElement':
      addTargets(node.argument, names)
      break
    case 'ArrayPattern':
      for (const each of node.elements) if (each) addTargets(each, names)
      break
    case 'ObjectPattern':
      for (const each of node.properties) addTargets(each.value ?? each, names)
      break
  }
}

function addChanged({ callee, arguments: [, what] }: Node, names: Set<string>): void {
  const { object, property } = bare(callee)
  if (what === undefined || !CHANGERS.test(`${object?.name}.${property?.name}`)) return
  const keys = what.type === 'ObjectExpression' ? (what.properties as Node[]) : []
  for (const name of [nameOf(what, true), ...keys.map(({ key, computed }) => key && nameOf(key, computed))])
    if (name !== undefined) names.add(name)
}

/** The name of a member, where the text shows it. */
const nameOf = (key: Node, computed: boolean): string | undefined =>
  computed ? (key.type === 'Literal' ? String(key.value) : undefined) : (key.name ?? String(key.value))

/** The names of static members that hold values, of each class and function at the top that has such. */
export function staticsIn(
  declared: ReadonlyMap<string, Declared>,
  top: ReadonlyMap<string, Variable>,
): Map<string, ReadonlySet<string>> {
  const all = new Map<string, ReadonlySet<string>>()

  function staticsOf(name: string): ReadonlySet<string> {
    const known = all.get(name)
    if (known !== undefined) return known
    const names = new Set<string>()
    all.set(name, names)
    const { kind, node } = declared.get(name)!
    for (const member of kind === 'class' ? (node.body.body as Node[]) : []) {
      if (!member.static || member.type !== 'PropertyDefinition') continue
      const its = nameOf(member.key, member.computed)
      if (its !== undefined) names.add(its)
    }
    for (const { inside } of top.get(name)?.mentions ?? []) {
      const [parent, member] = [inside.at(-3), inside.at(-2)]
      if (member?.type === 'MemberExpression' && parent?.type === 'AssignmentExpression' && parent.left === member)
        addTargets(member, names)
    }
    // What its heirs are asked for is the same, until somebody stores to one of them.
    const above = kind === 'class' ? node.superClass?.name : undefined
    if (above !== undefined && isOne(above)) for (const each of staticsOf(above)) names.add(each)
    return names
  }

  const isOne = (name: string): boolean => /^(class|function)$/.test(declared.get(name)?.kind ?? '')
  for (const name of declared.keys()) if (isOne(name)) staticsOf(name)
  for (const [name, { size }] of all) if (size === 0) all.delete(name)
  return all
}
