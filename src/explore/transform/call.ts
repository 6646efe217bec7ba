/**
 * Calls, in twins: `yield*` into the callee's twin if it has one, a look at natives otherwise.
 *
 * What can be settled now is settled now: `Atomics.*`, leaf functions, functions of the same module, tagged
 * loads. Everything else is asked of the callee at run time, so aliases, callbacks and methods need no analysis.
 */

import { expectNoCallee, isElement, readHeld } from './access.ts'
import { accessorRead, isAccessor } from './accessor.ts'
import { asks } from './asking.ts'
import { printSuperInTwin } from './constructor.ts'
import { placed } from './copy.ts'
import { bare, type Node } from './estree.ts'
import { isSimple } from './may-ask.ts'
import { isRevocable } from './names.ts'
import type { Rope } from './rope.ts'
import {
  directly,
  hold,
  named,
  type Operand,
  operand,
  privateTwin,
  type Scope,
  site,
  temporary,
  withTemps,
} from './scope.ts'
import { befores, list, operands, refs, settledCall, tagOf } from './settled-call.ts'

const quietNew = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'SharedArrayBuffer', 'ArrayBuffer'])

/** `f(a, b)`, `o.m(a, b)` in a twin. */
export function printCall(node: Node, scope: Scope): Rope {
  const callee = bare(node.callee)
  if (callee.type === 'Identifier' && callee.name === 'eval' && !scope.unit.names.declared.has('eval')) {
    throw new SyntaxError(`${placed(node, scope)}: what eval compiles can't be followed`)
  }
  if (callee.type === 'Super')
    return printSuperInTwin(site(scope.unit, node, 'super'), list(node.arguments, scope), scope)
  const settled = printRevocable(node, scope) ?? settledCall(node, callee, scope)
  if (settled) return settled
  const value = callee.type === 'ChainExpression' ? callee.expression : callee
  return reference(value, scope, (fn, self) => dynamicCall(node, fn, self, scope))
}

/**
 * The same in checked text: the callee is looked at first, by a function, since there may be no place for temporaries.
 */
export function printCheckedCall(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const n = named(unit, 'n')
  const callee = bare(node.callee)
  const revocable = printRevocable(node, scope)
  if (revocable !== undefined) return revocable
  if (node.optional || (callee.type === 'Identifier' && callee.name === 'require')) return undefined
  const at = callSite(node, scope)
  const where = JSON.stringify(scope.where)
  const values = list(node.arguments, scope)
  if (callee.type === 'Super') return printSuperCall(node, `${at}, ${where}`, scope)
  if (callee.type === 'ChainExpression') {
    return withTemps(scope, (inner) =>
      reference(callee.expression, inner, (fn, self) => dynamicCall(node, fn, self, inner)),
    )
  }
  if (callee.type !== 'MemberExpression') {
    return [`${n}.invoke(${at}, ${where}, `, unit.print(callee, scope), ', [', values, '])']
  }
  const key = callee.computed ? unit.print(callee.property, scope) : `'${callee.property.name}'`
  if (callee.object.type === 'Super') {
    return [`${n}.apply(${at}, ${where}, `, unit.print(callee, scope), `, ${scope.self}, [`, values, '])']
  }
  if (callee.property.type === 'PrivateIdentifier') {
    return withTemps(scope, (inner) => reference(callee, inner, (fn, self) => dynamicCall(node, fn, self, inner)))
  }
  const object = unit.print(callee.object, scope)
  return [`${n}.invokeMethod(${at}, ${where}, `, object, ', ', key, ', [', values, '])']
}

/**
 * `super(...)`: what a native parent is handed is looked at. Of a class without a name the parent is told by
 * `new.target`.
 */
function printSuperCall(node: Node, place: string, scope: Scope): Rope | undefined {
  if (node.arguments.length === 0) return undefined
  const owner = scope.owner || scope.target
  return [`super(...${named(scope.unit, 'n')}.toParent(${place}, ${owner}, [`, list(node.arguments, scope), ']))']
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
  // In parentheses a chain ends, and is still a member of what it was taken from.
  const inner = bare(node)
  if (inner.type === 'ChainExpression') return reference(inner.expression, scope, rest)
  if (inner !== node && inner.type === 'MemberExpression') return reference(inner, scope, rest)
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
  expectNoCallee(node, scope)
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

/** The site of a call, named after the text of its callee. */
function callSite(node: Node, scope: Scope): string {
  const { code } = scope.unit
  const text = code.slice(node.callee.start, node.callee.end).replace(/\s+/g, ' ')
  const { callee } = node
  const visible = callee.type === 'Identifier' && tagOf(callee.name, scope.unit) !== undefined
  return site(scope.unit, node, text.length > 60 ? `${text.slice(0, 59)}…` : text, visible)
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
  const quiet = asks(scope)
    ? `${n}.quietHere(${fn.ref}, ${self}, [${values}])`
    : held.length <= 3
      ? `${n}.quiet(${fn.ref}, ${self}${after})`
      : `${n}.quietAll(${fn.ref}, ${self}, [${values}])`
  return [
    '(',
    fn.before,
    befores(held),
    `${isTwin} ? (${n}.site = ${at}, yield* ${ofTwin}) : ${twin} === null || ${quiet} ? ${direct} : `,
    `yield* ${n}.call(${at}, ${fn.ref}, ${self}, [${values}]))`,
  ]
}

/** `new SharedArrayBuffer(n)`: remembered, since a thread may come to touch it without an event. */
export function printNewBuffer(node: Node, scope: Scope): Rope | undefined {
  const callee = bare(node.callee)
  if (callee.type !== 'Identifier' || callee.name !== 'SharedArrayBuffer') return undefined
  if (scope.unit.names.declared.has(callee.name)) return undefined
  return [`${named(scope.unit, 'n')}.noteBuffer(new SharedArrayBuffer(`, list(node.arguments, scope), '))']
}

/** `new Proxy(target, handler)`, in all modes: a twin that reads from it runs its traps. */
export function printNewProxy(node: Node, scope: Scope): Rope | undefined {
  const callee = bare(node.callee)
  if (callee.type !== 'Identifier' || callee.name !== 'Proxy' || scope.unit.names.declared.has('Proxy'))
    return undefined
  const at = site(scope.unit, node, 'proxy')
  return [`${named(scope.unit, 'n')}.makeProxy(Proxy, [`, list(node.arguments, scope), `], ${at})`]
}

/** `Proxy.revocable(target, handler)`, likewise. */
export function printRevocable(node: Node, scope: Scope): Rope | undefined {
  if (!isRevocable(node) || scope.unit.names.declared.has('Proxy')) return undefined
  const at = site(scope.unit, node, 'proxy')
  return [`${named(scope.unit, 'n')}.makeRevocable(Proxy, [`, list(node.arguments, scope), `], ${at})`]
}

/** `new F(a, b)` */
export function printNew(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const proxy = printNewProxy(node, scope)
  if (proxy !== undefined) return proxy
  const given = node.arguments as Node[]
  const callee = bare(node.callee)
  const n = named(unit, 'n')
  const global = callee.type === 'Identifier' && !unit.names.declared.has(callee.name)
  // The clock is asked where twins/chance-and-clocks.ts can answer.
  if (given.length === 0 && global && callee.name === 'Date') return 'new Date(Date.now())'
  if (global && (given.length === 0 || (quietNew.has(callee.name) && !(asks(scope) && !given.every(isSimple))))) {
    const made = printNewBuffer(node, scope)
    return made ?? ['new (', unit.print(callee, scope), ')(', list(given, scope), ')']
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
  if (asks(scope)) return ['(', fn.before, befores(held), `yield* ${n}.make(${at}, ${fn.ref}, [${all}]))`]
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
