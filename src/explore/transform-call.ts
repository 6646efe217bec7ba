/**
 * Calls, in twins: `yield*` into the callee's twin if it has one, a look at natives otherwise.
 *
 * What can be settled now is settled now: `Atomics.*`, leaf functions, functions of the same module, tagged
 * loads. Everything else is asked of the callee at run time, so aliases, callbacks and methods need no analysis.
 */

import * as kinds from './runtime.ts'
import { accessorRead, isAccessor, isElement, readHeld } from './transform-access.ts'
import { bare, type Node } from './transform-estree.ts'
import { isStable } from './transform-names.ts'
import { join, type Rope } from './transform-rope.ts'
import {
  ask,
  directly,
  hold,
  named,
  type Operand,
  operand,
  privateTwin,
  type Scope,
  site,
  temporary,
} from './transform-scope.ts'
import { isInlineLoad } from './transform-tags.ts'

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
const quietNew = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'SharedArrayBuffer', 'ArrayBuffer'])

/** The name of the function of `Atomics` that a callee certainly is. */
function atomicName(callee: Node, scope: Scope): string | undefined {
  const { names } = scope.unit
  if (callee.type === 'Identifier') return names.atomicFunctions.get(callee.name)
  if (callee.type !== 'MemberExpression' || callee.computed || callee.object.type !== 'Identifier') return undefined
  return names.atomics.has(callee.object.name) ? callee.property.name : undefined
}

/** The arguments as operands, evaluated in order. */
function operands(nodes: readonly Node[], scope: Scope): Operand[] {
  return nodes.map((each) => operand(each, scope))
}

const refs = (held: readonly Operand[]): string => held.map((each) => each.ref).join(', ')
const befores = (held: readonly Operand[]): Rope => held.map((each) => each.before)

/** The arguments printed in place, for a callee that needs no question. */
function printArguments(node: Node, scope: Scope): Rope {
  return ['(', list(node.arguments, scope), ')']
}

function atomicCall(node: Node, name: string, scope: Scope): Rope | undefined {
  const known = atomicKinds[name]
  const given = node.arguments as Node[]
  if (!known || given.some((each) => each.type === 'SpreadElement')) return undefined
  const held = operands(given, scope)
  const at = site(scope.unit, node, `Atomics.${name}`)
  const told = held.slice(0, 2 + known.told).map((each) => each.ref)
  while (told.length < 2) told.push('undefined')
  const perform =
    name === 'wait' || name === 'notify'
      ? `${named(scope.unit, 'n')}.${name}(${refs(held)})`
      : `Atomics.${name}(${refs(held)})`
  return ['(', befores(held), `${ask(scope, known.kind, at, ...told)}, ${perform})`]
}

/** `@explore deref` and `hint` at the place of the call: one operation, no generator. */
function inlineLoad(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const { name } = node.callee
  const local = unit.names.functions.get(name)
  const from = unit.names.imports.get(name)
  const imported = from && unit.imported(from.source, from.imported)
  const tag = local ? unit.tags.get(local) : imported?.tag
  const parameters = local
    ? local.params.map((each: Node) => each.name as string | undefined)
    : (imported?.parameters ?? [])
  if (!tag || !isInlineLoad(tag, parameters)) return undefined
  const given = node.arguments as Node[]
  if (given.some((each) => each.type === 'SpreadElement')) return undefined
  const held = operands(given, scope)
  const view = held[parameters.indexOf(tag.view!)]?.ref
  const index = held[parameters.indexOf(tag.index!)]?.ref
  if (view === undefined || index === undefined) return undefined
  const kind = tag.kind === 'deref' ? kinds.DEREF : kinds.HINT
  return ['(', befores(held), `${ask(scope, kind, site(unit, node, name), view, index)}, ${view}[${index}])`]
}

/** A call whose callee is settled at transform time; undefined if it has to be asked. */
function settledCall(node: Node, callee: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const { names } = unit
  const atomic = atomicName(callee, scope)
  if (atomic !== undefined) return atomicCall(node, atomic, scope)
  if (callee.type === 'Identifier') {
    const { name } = callee
    const declared = names.declared.get(name)
    if (declared === undefined) {
      return quietGlobals.has(name) || name === 'require' ? [name, printArguments(node, scope)] : undefined
    }
    if (declared !== 1 || !isStable(names, name)) return undefined
    const load = inlineLoad(node, scope)
    if (load) return load
    const from = names.imports.get(name)
    if (from) {
      return unit.imported(from.source, from.imported)?.leaf ? [name, printArguments(node, scope)] : undefined
    }
    const known = names.functions.get(name)
    if (!known || known.async || unit.tags.has(known)) return undefined
    if (unit.leaves.functions.has(known)) return [name, printArguments(node, scope)]
    return [`(yield* ${name}${named(unit, 'twin')}`, printArguments(node, scope), ')']
  }
  if (callee.type !== 'MemberExpression' || callee.computed || callee.optional || node.optional) return undefined
  if (callee.property.type === 'PrivateIdentifier') {
    if (!privateTwin(unit, callee.property.name)) return undefined
    const twin = `.#${callee.property.name}${named(unit, 'twin')}`
    return ['(yield* ', unit.print(callee.object, scope), twin, printArguments(node, scope), ')']
  }
  const object = bare(callee.object)
  if (object.type === 'Identifier' && !names.declared.has(object.name) && object.name === 'Math') {
    return [`Math.${callee.property.name}`, printArguments(node, scope)]
  }
  return undefined
}

/** `f(a, b)`, `o.m(a, b)` in a twin. */
export function printCall(node: Node, scope: Scope): Rope {
  const callee = bare(node.callee)
  const settled = settledCall(node, callee, scope)
  if (settled) return settled
  const value = callee.type === 'ChainExpression' ? callee.expression : callee
  return reference(value, scope, (fn, self) => dynamicCall(node, fn, self, scope))
}

/** The same in checked text: the callee is looked at first, by a function, since there may be no place for temporaries. */
export function printCheckedCall(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const callee = bare(node.callee)
  if (callee.type === 'Super' || callee.type === 'ChainExpression' || node.optional) return undefined
  const where = JSON.stringify(scope.where)
  const values = list(node.arguments, scope)
  if (callee.type !== 'MemberExpression') {
    if (node.arguments.length === 0) return undefined
    return [
      `${named(unit, 'n')}.invoke(${callSite(node, scope)}, ${where}, `,
      unit.print(callee, scope),
      ', [',
      values,
      '])',
    ]
  }
  if (callee.object.type === 'Super' || callee.property.type === 'PrivateIdentifier') return undefined
  const key = callee.computed ? unit.print(callee.property, scope) : `'${callee.property.name}'`
  const object = unit.print(callee.object, scope)
  return [
    `${named(unit, 'n')}.invokeMethod(${callSite(node, scope)}, ${where}, `,
    object,
    ', ',
    key,
    ', [',
    values,
    '])',
  ]
}

/** `a?.b[i]?.(c)` and every chain of members and calls around an optional one. */
export function printChain(node: Node, scope: Scope): Rope {
  return link(node.expression, scope, (value) => value)
}

/** Is there an optional link in this chain, at this node or before it? */
function isOptional(node: Node): boolean {
  for (let at = node; ; ) {
    if (at.optional === true && at.type !== 'Identifier') return true
    if (at.type === 'MemberExpression') at = at.object
    else if (at.type === 'CallExpression') at = at.callee
    else if (at.type === 'TSNonNullExpression') at = at.expression
    else return false
  }
}

/** Prints a link of a chain and hands its value on; what hangs behind `?.` is skipped when it is null. */
function link(node: Node, scope: Scope, rest: (value: Rope) => Rope): Rope {
  if (!isOptional(node)) return rest(scope.unit.print(node, scope))
  if (node.type === 'TSNonNullExpression') return link(node.expression, scope, rest)
  if (node.type === 'MemberExpression') return reference(node, scope, rest)
  return reference(node.callee, scope, (fn, self) => {
    if (!node.optional) return rest(dynamicCall(node, fn, self, scope))
    const held = hold(fn, scope)
    return ['(', held.before, `${held.ref} == null ? void 0 : `, rest(dynamicCall(node, held.ref, self, scope)), ')']
  })
}

/** Prints a callee or a member, and hands on its value and the object it was taken from. */
function reference(node: Node, scope: Scope, rest: (value: Rope, self: string) => Rope): Rope {
  if (node.type === 'TSNonNullExpression') return reference(node.expression, scope, rest)
  if (node.type !== 'MemberExpression') return link(node, scope, (value) => rest(value, 'undefined'))
  if (node.object.type === 'Super') return rest(scope.unit.print(node, scope), scope.self)
  const ref = directly(node.object, scope)
  if (ref !== undefined) return member(node, { before: '', ref }, scope, rest)
  return link(node.object, scope, (value) => member(node, hold(value, scope), scope, rest))
}

function member(node: Node, object: Operand, scope: Scope, rest: (value: Rope, self: string) => Rope): Rope {
  const value = rest(memberOf(node, object.ref, scope), object.ref)
  return ['(', object.before, node.optional ? `${object.ref} == null ? void 0 : ` : '', value, ')']
}

/** The value of a member of an object that is held. */
function memberOf(node: Node, object: string, scope: Scope): Rope {
  if (isElement(node)) {
    if (scope.mode !== 'twin') {
      const at = site(scope.unit, node, 'read')
      return [see(scope, at, object), '[', scope.unit.print(node.property, scope), ']']
    }
    const index = operand(node.property, scope)
    return ['(', index.before, readHeld(node, { before: '', ref: object }, index, scope), ')']
  }
  if (scope.mode === 'twin' && isAccessor(node, scope)) return `(${accessorRead(node, object, scope)})`
  const { name } = node.property
  if (node.property.type !== 'PrivateIdentifier') return `${object}.${name}`
  if (scope.mode !== 'twin' || !privateTwin(scope.unit, name)) return `${object}.#${name}`
  return `${named(scope.unit, 'n')}.pair(${object}.#${name}, ${object}.#${name}${named(scope.unit, 'twin')})`
}

/** In checked text: the object itself, after refusing it if it is shared and a thread runs. */
export function see(scope: Scope, at: string, object: Rope): Rope {
  return [`${named(scope.unit, 'n')}.see(${at}, `, object, `, ${JSON.stringify(scope.where)})`]
}

/** Printed nodes with commas between. */
function list(nodes: readonly Node[], scope: Scope): Rope {
  return join(
    nodes.map((each) => scope.unit.print(each, scope)),
    ', ',
  )
}

/** The site of a call, named after the text of its callee. */
function callSite(node: Node, scope: Scope): string {
  const { code } = scope.unit
  const text = code.slice(node.callee.start, node.callee.end).replace(/\s+/g, ' ')
  return site(scope.unit, node, text.length > 60 ? `${text.slice(0, 59)}…` : text)
}

/** A call whose callee has been evaluated. */
function dynamicCall(node: Node, callee: Rope, self: string, scope: Scope): Rope {
  const { unit } = scope
  const n = named(unit, 'n')
  const given = node.arguments as Node[]
  if (scope.mode !== 'twin') {
    const where = JSON.stringify(scope.where)
    return [`${n}.apply(${callSite(node, scope)}, ${where}, `, callee, `, ${self}, [`, list(given, scope), '])']
  }
  const fn = hold(callee, scope)
  const twin = temporary(scope)
  const isTwin = `typeof (${twin} = ${fn.ref}?.[${named(unit, 'T')}]) === 'function'`
  if (given.some((each) => each.type === 'SpreadElement')) {
    const values = hold(['[', list(given, scope), ']'], scope)
    const at = callSite(node, scope)
    const call = `${isTwin} ? (${n}.site = ${at}, yield* ${twin}.apply(${self}, ${values.ref}))`
    return ['(', fn.before, values.before, `${call} : yield* ${n}.call(${at}, ${fn.ref}, ${self}, ${values.ref}))`]
  }
  const held = operands(given, scope)
  const at = callSite(node, scope)
  const values = refs(held)
  const after = held.length > 0 ? `, ${values}` : ''
  const method = self !== 'undefined'
  const ofTwin = method ? `${twin}.call(${self}${after})` : `${twin}(${values})`
  const direct = method ? `${fn.ref}.call(${self}${after})` : `${fn.ref}(${values})`
  const quiet =
    held.length <= 3 ? `${n}.quiet(${fn.ref}, ${self}${after})` : `${n}.quietAll(${fn.ref}, ${self}, [${values}])`
  return [
    '(',
    fn.before,
    befores(held),
    `${isTwin} ? (${n}.site = ${at}, yield* ${ofTwin}) : ${twin} === null || ${quiet} ? ${direct} : `,
    `yield* ${n}.call(${at}, ${fn.ref}, ${self}, [${values}]))`,
  ]
}

/** `new F(a, b)` */
export function printNew(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const given = node.arguments as Node[]
  const callee = bare(node.callee)
  const n = named(unit, 'n')
  const global = callee.type === 'Identifier' && !unit.names.declared.has(callee.name)
  if (given.length === 0 || (global && quietNew.has(callee.name))) {
    return ['new (', unit.print(callee, scope), ')(', list(given, scope), ')']
  }
  const at = site(unit, node, `new ${unit.code.slice(callee.start, callee.end).slice(0, 60)}`)
  if (scope.mode !== 'twin') {
    return [
      `${n}.construct(${at}, ${JSON.stringify(scope.where)}, `,
      unit.print(callee, scope),
      ', [',
      list(given, scope),
      '])',
    ]
  }
  const fn = hold(unit.print(callee, scope), scope)
  if (given.length > 3 || given.some((each) => each.type === 'SpreadElement')) {
    return ['(', fn.before, `yield* ${n}.make(${at}, ${fn.ref}, [`, list(given, scope), ']))']
  }
  const held = operands(given, scope)
  const all = refs(held)
  const make = `${n}.quietNew(${fn.ref}, ${all}) ? new ${fn.ref}(${all}) : yield* ${n}.make(${at}, ${fn.ref}, [${all}])`
  return ['(', fn.before, befores(held), `${make})`]
}

/** ``tag`a${x}b` `` */
export function printTagged(node: Node, scope: Scope): Rope {
  const { unit } = scope
  // A template without values gives the tag its strings object, the same one at each evaluation.
  const strings: Rope[] = []
  node.quasi.quasis.forEach((quasi: Node, at: number) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: generated text
    if (at > 0) strings.push('${0}')
    strings.push(quasiText(quasi, unit.code))
  })
  const template: Node = {
    type: 'Generated',
    start: node.quasi.start,
    end: node.quasi.end,
    rope: [`${named(unit, 'n')}.strings\``, strings, '`'],
  }
  const call: Node = {
    ...node,
    type: 'CallExpression',
    callee: node.tag,
    arguments: [template, ...node.quasi.expressions],
    optional: false,
  }
  const tag = bare(node.tag)
  return reference(tag, scope, (fn, self) => dynamicCall(call, fn, self, scope))
}

function quasiText(quasi: Node, code: string): string {
  const text = code.slice(quasi.start, quasi.end)
  return text.replace(/^[`}]/, '').replace(/(\$\{|`)$/, '')
}
