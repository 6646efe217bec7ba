/**
 * Operators that ask objects what they stand for, in twins.
 */

import { assignAccessor, updateAccessor } from './accessor.ts'
import { asks, combined, counted } from './asking.ts'
import { bare, type Node } from './estree.ts'
import { isSimple, mayAsk } from './may-ask.ts'
import type { Rope } from './rope.ts'
import { hold, named, operand, type Scope, site, temporary } from './scope.ts'

export function printBinary(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  if (!asks(scope) || !mayAsk(node)) return undefined
  const left = operand(node.left, scope)
  const right = operand(node.right, scope)
  const before = ['(', left.before, right.before]
  if (/^in/.test(node.operator)) {
    const test = node.operator === 'in' ? 'isIn' : 'instanceOf'
    const at = site(unit, node, node.operator)
    return [before, `yield* ${named(unit, 'n')}.${test}(${at}, ${left.ref}, ${right.ref}))`]
  }
  const known = [isSimple(node.left), isSimple(node.right)]
  return [before, combined(node, node.operator, [left.ref, right.ref], known, scope), ')']
}

export function printUnary(node: Node, scope: Scope): Rope | undefined {
  if (!asks(scope) || !mayAsk(node)) return undefined
  const value = operand(node.argument, scope)
  return ['(', value.before, `${node.operator} ${counted(node, value.ref, scope)})`]
}

export function printTemplate(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  if (!asks(scope) || !mayAsk(node)) return undefined
  const n = named(unit, 'n')
  const parts: Rope[] = []
  let at = node.start
  for (const each of node.expressions as Node[]) {
    parts.push({ from: at, to: each.start })
    if (isSimple(each)) parts.push(unit.print(each, scope))
    else {
      const value = operand(each, scope)
      const place = site(unit, each, 'template')
      parts.push(
        '(',
        value.before,
        `${n}.simple(${value.ref}) ? ${value.ref} : yield* ${n}.text(${place}, ${value.ref}))`,
      )
    }
    at = each.end
  }
  return [parts, { from: at, to: node.end }]
}

/** `x += v`, `o.x += v` */
export function assignAsking(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  if (!asks(scope) || !mayAsk(node)) return undefined
  const left = bare(node.left)
  const printValue = (): Rope => unit.print(node.right, scope)
  if (left.type === 'MemberExpression') return assignAccessor(node, scope, printValue)
  if (left.type !== 'Identifier') return undefined
  const old = hold(unit.print(left, scope), scope)
  const value = operand(node.right, scope)
  const known = [false, isSimple(node.right)]
  const sum = combined(node, node.operator.slice(0, -1), [old.ref, value.ref], known, scope)
  return ['(', unit.print(left, scope), ' = (', old.before, value.before, sum, '))']
}

/** `x++`, `--o.x` */
export function updateAsking(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  if (!asks(scope)) return undefined
  const target = bare(node.argument)
  if (target.type === 'MemberExpression') return updateAccessor(node, scope)
  if (target.type !== 'Identifier') return undefined
  const value = temporary(scope)
  const old = temporary(scope)
  const name = unit.print(target, scope)
  const n = named(unit, 'n')
  const ask = `${value} = yield* ${n}.numeric(${site(unit, node, node.operator)}, ${value}), ${old} = ${value}${node.operator}`
  const plainly = node.prefix ? [node.operator, name] : [name, node.operator]
  const asked = [`(${ask}, `, name, ` = ${value}, ${node.prefix ? value : old})`]
  return [`(${value} = `, name, `, ${n}.simple(${value}) ? `, plainly, ' : ', asked, ')']
}
