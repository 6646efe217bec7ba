/**
 * Calls whose callee is known at transform time: `Atomics.*`, leaves, functions of this module, tagged accesses.
 */

import * as kinds from '../runtime/kinds.ts'
import { asks } from './asking.ts'
import { bare, type Node } from './estree.ts'
import { asksForTarget } from './lexical.ts'
import { isSimple } from './may-ask.ts'
import { isStable } from './names.ts'
import { join, type Rope } from './rope.ts'
import {
  ask,
  did,
  type Imported,
  isOwn,
  named,
  type Operand,
  operand,
  privateKind,
  type Scope,
  site,
  type Unit,
} from './scope.ts'
import { isInlineAccess, type Tag, tagKinds } from './tags.ts'

/** Functions of `Atomics`: kind of operation, and which arguments the engine is told beside view and index. */
const atomicKinds: Record<string, { kind: number; told: number }> = {
  load: { kind: kinds.ALOAD, told: 0 },
  store: { kind: kinds.ASTORE, told: 1 },
  add: { kind: kinds.RMW, told: 1 },
  sub: { kind: kinds.RMW, told: 1 },
  and: { kind: kinds.RMW, told: 1 },
  or: { kind: kinds.RMW, told: 1 },
  xor: { kind: kinds.RMW, told: 1 },
  exchange: { kind: kinds.RMW, told: 1 },
  compareExchange: { kind: kinds.CAS, told: 2 },
  wait: { kind: kinds.WAIT, told: 2 },
  notify: { kind: kinds.NOTIFY, told: 1 },
}

const quietGlobals = new Set(['BigInt', 'Number', 'Boolean', 'isNaN', 'isFinite', 'parseInt', 'parseFloat', 'Symbol'])

/** The name of the function of `Atomics` that a callee certainly is. */
function atomicName(callee: Node, scope: Scope): string | undefined {
  const { names } = scope.unit
  if (callee.type === 'Identifier') return names.atomicFunctions.get(callee.name)
  if (callee.type !== 'MemberExpression' || callee.computed || callee.object.type !== 'Identifier') return undefined
  return names.atomics.has(callee.object.name) ? callee.property.name : undefined
}

/** The arguments as operands, evaluated in order. */
export function operands(nodes: readonly Node[], scope: Scope): Operand[] {
  return nodes.map((each) => operand(each, scope))
}

export const refs = (held: readonly Operand[]): string => held.map((each) => each.ref).join(', ')
export const befores = (held: readonly Operand[]): Rope => held.map((each) => each.before)

/** The arguments printed in place, for a callee that needs no question. */
function printArguments(node: Node, scope: Scope): Rope {
  return ['(', list(node.arguments, scope), ')']
}

function atomicCall(node: Node, name: string, scope: Scope): Rope | undefined {
  const known = atomicKinds[name]
  const given = node.arguments as Node[]
  if (!known || given.some((each) => each.type === 'SpreadElement')) return undefined
  const held = operands(given, scope)
  const at = site(scope.unit, node, `Atomics.${name}`, true)
  const told = held.slice(0, 2 + known.told).map((each) => each.ref)
  while (told.length < 2) told.push('undefined')
  const perform =
    name === 'wait' || name === 'notify'
      ? `${named(scope.unit, 'n')}.${name}(${refs(held)})`
      : `Atomics.${name}(${refs(held)})`
  const answer = `${ask(scope, known.kind, at, ...told)}, ${did(scope, perform)}`
  // What the engine looks at before the native does.
  const to = name === 'wait' ? 4 : name === 'compareExchange' ? 3 : 2
  const objects = mayBeObjects(held.slice(1, to).filter((_, k) => !isSimple(given[1 + k])))
  if (objects === '') return ['(', befores(held), `${answer})`]
  const called = `yield* ${named(scope.unit, 'n')}.call(${at}, Atomics.${name}, Atomics, [${refs(held)}])`
  return ['(', befores(held), `${objects} ? (${called}) : (${answer}))`]
}

/** Whether one of these is an object, which is asked once what it stands for. */
const mayBeObjects = (held: readonly Operand[]): string =>
  held
    .filter(({ ref }) => !/^-?\d+n?$/.test(ref))
    .map(({ ref }) => `typeof ${ref} === 'object'`)
    .join(' || ')

const importedAs = (name: string, unit: Unit): Imported | undefined => {
  const from = unit.names.imports.get(name)
  return from && unit.imported(from.source, from.imported)
}

/** The tag of the function that a name stands for; undefined: it has none, or that is not known here. */
export function tagOf(name: string, unit: Unit): Tag | undefined {
  const local = unit.names.functions.get(name)
  return local ? unit.tags.get(local) : importedAs(name, unit)?.tag
}

/** `@explore deref`, `hint` and `write-once` at the place of the call: one operation, no generator. */
function inlineAccess(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const { name } = node.callee
  const local = unit.names.functions.get(name)
  const tag = tagOf(name, unit)
  const parameters = local
    ? local.params.map((each: Node) => each.name as string | undefined)
    : (importedAs(name, unit)?.parameters ?? [])
  if (!tag || !isInlineAccess(tag, parameters)) return undefined
  const given = node.arguments as Node[]
  if (given.some((each) => each.type === 'SpreadElement')) return undefined
  const held = operands(given, scope)
  const view = held[parameters.indexOf(tag.view!)]?.ref
  const index = held[parameters.indexOf(tag.index!)]?.ref
  if (view === undefined || index === undefined) return undefined
  const at = site(unit, node, name, true)
  if (tag.kind === 'write-once') {
    const value = held[parameters.indexOf(tag.options.value)]?.ref
    if (value === undefined) return undefined
    const question = ask(scope, kinds.WRITE_ONCE, at, view, index, value)
    return ['(', befores(held), `${question}, void ${did(scope, `${view}[${index}] = ${value}`)})`]
  }
  return ['(', befores(held), `${ask(scope, tagKinds[tag.kind], at, view, index)}, ${did(scope, `${view}[${index}]`)})`]
}

/** Might the native ask one of its arguments what it stands for? */
const mayAskArguments = (node: Node, scope: Scope): boolean => asks(scope) && !node.arguments.every(isSimple)

/** A call whose callee is settled at transform time; undefined if it has to be asked. */
export function settledCall(node: Node, callee: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const { names } = unit
  const atomic = atomicName(callee, scope)
  if (atomic !== undefined) return atomicCall(node, atomic, scope)
  if (callee.type === 'Identifier') {
    if (isOwn(callee, scope)) return undefined
    const { name } = callee
    const declared = names.declared.get(name)
    if (declared === undefined) {
      if (name === 'require') return [name, printArguments(node, scope)]
      return quietGlobals.has(name) && !mayAskArguments(node, scope) ? [name, printArguments(node, scope)] : undefined
    }
    if (declared !== 1 || !isStable(names, name)) return undefined
    const access = inlineAccess(node, scope)
    if (access) return access
    const from = names.imports.get(name)
    if (from) {
      return unit.imported(from.source, from.imported)?.leaf ? [name, printArguments(node, scope)] : undefined
    }
    const known = names.functions.get(name)
    if (!known || known.async || asksForTarget(known) || unit.tags.has(known)) return undefined
    if (unit.leaves.functions.has(known)) return [name, printArguments(node, scope)]
    return [`(yield* ${name}${named(unit, 'twin')}`, printArguments(node, scope), ')']
  }
  if (callee.type !== 'MemberExpression' || callee.computed || callee.optional || node.optional) return undefined
  if (callee.property.type === 'PrivateIdentifier') {
    const kind = privateKind(unit, callee.property.name)
    if (kind !== 'method' && kind !== 'leaf') return undefined
    const method: Rope = [unit.print(callee.object, scope), `.#${callee.property.name}`]
    if (kind === 'leaf') return [method, printArguments(node, scope)]
    return ['(yield* ', method, named(unit, 'twin'), printArguments(node, scope), ')']
  }
  const object = bare(callee.object)
  if (object.type === 'Identifier' && !names.declared.has(object.name) && object.name === 'Math') {
    if (mayAskArguments(node, scope)) return undefined
    const { name } = callee.property
    const drawn: Rope = [`Math.${name}`, printArguments(node, scope)]
    return name === 'random' ? [`(${named(unit, 'e')}.changes++, `, drawn, ')'] : drawn
  }
  return undefined
}

/** Printed nodes with commas between. */
export function list(nodes: readonly Node[], scope: Scope): Rope {
  return join(
    nodes.map((each) => scope.unit.print(each, scope)),
    ', ',
  )
}
