/**
 * Leaf functions: those that touch nothing visible and call nothing that does.
 *
 * They need no twin and are called directly, which is what makes arithmetic cheap. The proof is allowed to be
 * generous about methods of strings and numbers: if it errs, what the function reaches is an instrumented plain
 * form, and that refuses to run inside a thread. Nothing is skipped in silence.
 */

import { bare, childrenOf, isElementKey, isFunction, type Node } from './estree.ts'
import { isSimple, mayAsk } from './may-ask.ts'
import { mayBeAccessor, mayBeAsked, type Names } from './names.ts'
import type { Own } from './own.ts'

const globalFunctions = new Set(['BigInt', 'Number', 'Boolean', 'isNaN', 'isFinite', 'parseInt', 'parseFloat'])
const globalNamespaces = new Set(['Math', 'Number', 'Date', 'performance'])
const globalErrors = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'EvalError', 'URIError'])

/** Methods that only strings and numbers have. */
const harmlessMethods = new Set(
  (
    'charCodeAt codePointAt charAt toFixed toPrecision padStart padEnd startsWith endsWith trim trimStart trimEnd ' +
    'toUpperCase toLowerCase localeCompare normalize repeat'
  ).split(' '),
)

export interface Leaves {
  readonly functions: ReadonlySet<Node>
  /** Does evaluating this node touch nothing visible? */
  isQuiet(node: Node): boolean
}

/** Does a call of this touch nothing visible, so long as `leaves` are leaves? What it is called on is not looked at. */
function isLeafCallee(callee: Node, names: Names, leaves: ReadonlySet<Node>, own: Own): boolean {
  if (callee.type === 'Identifier') {
    if (own.mentions.has(callee.start)) return false
    const declared = names.declared.get(callee.name)
    if (declared === undefined) return globalFunctions.has(callee.name)
    const known = names.functions.get(callee.name)
    return declared === 1 && known !== undefined && !names.assigned.has(callee.name) && leaves.has(known)
  }
  if (callee.type !== 'MemberExpression' || callee.computed) return false
  const object = bare(callee.object)
  if (object.type === 'Identifier' && !names.declared.has(object.name) && globalNamespaces.has(object.name)) return true
  return harmlessMethods.has(callee.property.name) && !names.methods.has(callee.property.name)
}

/** The answer for every function of a module. `tagged` functions are operations and never leaves. */
export function leavesOf(program: Node, names: Names, tagged: ReadonlyMap<Node, unknown>, own: Own): Leaves {
  const leaves = new Set<Node>()
  const collect = (node: Node): void => {
    if (isFunction(node) && node.body && !node.async && !node.generator && !tagged.has(node)) leaves.add(node)
    for (const child of childrenOf(node)) collect(child)
  }
  collect(program)

  const asked = mayBeAsked(names)
  const quiet = (node: Node): boolean => {
    if (asked && mayAsk(node)) return false
    switch (node.type) {
      case 'Identifier':
        return !own.mentions.has(node.start)
      case 'MemberExpression':
        if (node.computed || node.property.type === 'PrivateIdentifier' || node.object.type === 'Super') return false
        if (mayBeAccessor(names, node.property.name)) return false
        return quiet(node.object)
      case 'CallExpression':
        return (
          isLeafCallee(bare(node.callee), names, leaves, own) &&
          !(asked && node.arguments.some((each: Node) => !isSimple(each))) &&
          (node.callee.type === 'Identifier' || quiet(bare(node.callee).object)) &&
          node.arguments.every(quiet)
        )
      case 'NewExpression':
        return (
          node.callee.type === 'Identifier' &&
          !names.declared.has(node.callee.name) &&
          globalErrors.has(node.callee.name) &&
          node.arguments.every(quiet)
        )
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return leaves.has(node)
      case 'Property':
        if (isElementKey(node)) return false
        return node.kind === 'init' && !node.method && quiet(node.value)
      case 'TaggedTemplateExpression':
      case 'ForOfStatement':
      case 'ForInStatement':
      case 'SpreadElement':
      case 'ArrayPattern':
      case 'RestElement':
      case 'YieldExpression':
      case 'AwaitExpression':
      case 'ImportExpression':
      case 'ClassDeclaration':
      case 'ClassExpression':
        return false
    }
    return childrenOf(node).every(quiet)
  }

  // Begin by believing all of them and take back until nothing changes: recursion among leaves is fine.
  for (let changed = true; changed; ) {
    changed = false
    for (const fn of leaves) {
      if (
        [...fn.params.map((each: Node) => (each.type === 'RestElement' ? each.argument : each)), fn.body].every(quiet)
      )
        continue
      leaves.delete(fn)
      changed = true
    }
  }
  return { functions: leaves, isQuiet: quiet }
}
