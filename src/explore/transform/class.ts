/**
 * Classes: methods and accessors get twins beside them; how objects are made stands in constructor.ts.
 *
 * A twin has to stand in the class, where private names and `super` mean what they mean to the author.
 * It stands under a symbol of its own, and a static block links the two before anything else in the class runs.
 */

import { seePrototype } from './access.ts'
import { asks, printName } from './asking.ts'
import { bodyScope, printBlock } from './body.ts'
import { see } from './call.ts'
import { NeedsCompiler } from './compiled.ts'
import { bareConstructor, type Making, makingOf, printMaking } from './constructor.ts'
import { placed } from './copy.ts'
import { bare, isFunction, type Node, parametersOf } from './estree.ts'
import { countChange, driverOf, printTwin, refuseAsync } from './function.ts'
import { handsItself } from './hands-itself.ts'
import { printBegun } from './instance.ts'
import { checkedParameters, hasSimpleParameters, placeholders } from './parameters.ts'
import { printNamed } from './pattern.ts'
import { printAsking } from './private-names.ts'
import { countCall } from './recursion.ts'
import { begins, join, type Rope } from './rope.ts'
import { isOwn, named, printPlace, type Scope, site, temporary } from './scope.ts'

/** A class declaration or expression. */
export function printClass(node: Node, scope: Scope): Rope {
  const { unit } = scope
  if (node.declare) return ''
  if (node.decorators?.length || node.body.body.some((each: Node) => each.decorators?.length)) {
    throw new NeedsCompiler(`${placed(node, scope)}: decorators need a compiler`)
  }
  const name: string = node.id?.name ?? ''
  const making = makingOf(node, scope)
  const links: Rope[] = []
  const members: Rope[] = []
  const heritage = node.superClass ? [' extends (', unit.print(node.superClass, scope), ')'] : ''
  unit.privates.push(privatesOf(node, scope))
  let at = node.body.start + 1
  for (const member of node.body.body as Node[]) {
    members.push({ from: at, to: member.start }, printMember(member, name || 'a class', scope, links, node, making))
    at = member.end
  }
  const { link, members: gained, statics } = printMaking(node, making, scope)
  members.push({ from: at, to: node.body.end - 1 }, gained, ' }')
  unit.privates.pop()
  const head: Rope = ['class ', name, heritage]
  // Without a constructor it hands on what it is handed.
  const own = (node.body.body as Node[]).some(({ kind, value }) => kind === 'constructor' && value.body)
  const mark = node.superClass && !own ? 'heir' : 'leaf'
  const text: Rope = [
    head,
    ` { static { ${named(unit, 'n')}.${mark}(this);`,
    printBegun(node, unit),
    link,
    links,
    printFields(node, scope),
    printAsking(node, scope),
    handsItself(node) ? '' : ` ${named(unit, 'n')}.keepToItself(this);`,
    ' }',
    members,
  ]
  // Where it stands it may get no name by itself, as what a record is given.
  const given: string | undefined = node.id ? undefined : node.givenName
  const value: Rope =
    given === undefined ? text : ['({ ', JSON.stringify(given), ': ', text, ` })[${JSON.stringify(given)}]`]
  if (statics === undefined) return value
  const run = `yield* ${named(unit, 'n')}.statics(`
  if (node.type === 'ClassDeclaration') return [text, ` ${run}${name}, ${statics});`]
  return [`(${run}`, value, `, ${statics}))`]
}

/** A reader of the private fields, for who looks at what setup returned. */
function printFields(node: Node, scope: Scope): Rope {
  const fields = (node.body.body as Node[]).flatMap(({ type, key, static: isStatic, declare }) =>
    type === 'PropertyDefinition' && key.type === 'PrivateIdentifier' && !isStatic && !declare ? [`#${key.name}`] : [],
  )
  // Private methods hold nothing, and yet only objects that the class made have them.
  const known = fields[0] ?? privateMethodOf(node)
  if (known === undefined) return ''
  const read = `o => ${known} in o ? { ${fields.map((name) => `'${name}': o.${name}`).join(', ')} } : undefined`
  const write = `(o, v) => { ${fields.map((name) => `o.${name} = v['${name}'];`).join(' ')} }`
  return ` ${named(scope.unit, 'n')}.keepFields(this, ${read}, ${write});`
}

/** Whether only code of the class can give an object all that its constructor does. */
const hasPrivates = (node: Node): boolean =>
  (node.body.body as Node[]).some(({ key, static: isStatic }) => key?.type === 'PrivateIdentifier' && !isStatic)

/** A private method or accessor of its objects. */
function privateMethodOf(node: Node): string | undefined {
  const found = (node.body.body as Node[]).find(
    ({ type, key, static: isStatic }) => type === 'MethodDefinition' && key.type === 'PrivateIdentifier' && !isStatic,
  )
  return found && `#${found.key.name}`
}

/** What stands under each private name. */
function privatesOf(node: Node, scope: Scope): Map<string, string> {
  const privates = new Map<string, string>()
  for (const { type, key, kind, value } of node.body.body as Node[]) {
    if (key?.type !== 'PrivateIdentifier') continue
    const what =
      type !== 'MethodDefinition' ? '' : kind === 'method' && scope.unit.leaves.functions.has(value) ? 'leaf' : kind
    privates.set(key.name, [privates.get(key.name), what].filter(Boolean).join(' '))
  }
  return privates
}

function printMember(member: Node, className: string, scope: Scope, links: Rope[], owner: Node, making: Making): Rope {
  const { unit } = scope
  switch (member.type) {
    case 'MethodDefinition':
      return member.value.body ? printMethod(member, className, scope, links, owner, making) : ''
    case 'PropertyDefinition': {
      if (member.declare) return ''
      const key = printKey(member, scope, making.keys.get(member))
      const inner = { ...bodyScope(scope, 'checked', `a field of ${className}`, false), temps: null }
      const name = member.computed ? undefined : unit.code.slice(member.key.start, member.key.end)
      if (making.statics.includes(member)) return ['static ', key, ';']
      const isPut = making.fields.includes(member)
      const followed = isPut || (member.value && !member.static && hasPrivates(owner))
      const given = member.value ? printNamed(member.value, member.computed ? undefined : name, inner) : ''
      const whole = followed
        ? ['(', begins(member.value), `0, ${named(unit, 'e')}.${isPut ? 'bare' : 'hollow'} ? void 0 : (`, given, '))']
        : given
      return [member.static ? 'static ' : '', key, member.value ? ' = ' : '', whole, ';']
    }
    case 'StaticBlock': {
      if (making.statics.includes(member)) return ''
      const inner = bodyScope(scope, 'checked', `a static block of ${className}`, false)
      const block = { ...member, start: unit.code.indexOf('{', member.start) } as Node
      return ['static ', printBlock(block, inner, '')]
    }
    case 'AccessorProperty':
      throw new NeedsCompiler(`${placed(member, scope)}: accessor fields need a compiler`)
  }
  return ''
}

function printKey(member: Node, scope: Scope, slot?: string): Rope {
  const { unit } = scope
  if (slot !== undefined) return [`[${slot}.name = `, printName(member.key, scope), ']']
  if (member.computed) return ['[', asks(scope) ? printName(member.key, scope) : unit.print(member.key, scope), ']']
  return { from: member.key.start, to: member.key.end }
}

function printMethod(member: Node, className: string, scope: Scope, links: Rope[], owner: Node, making: Making): Rope {
  const { unit } = scope
  const fn = member.value as Node
  const isStatic = member.static ? 'static ' : ''
  const text = unit.code.slice(member.key.start, member.key.end)
  const where = member.kind === 'constructor' ? `the constructor of ${className}` : `${className}.${text}`
  const kind = member.kind === 'get' || member.kind === 'set' ? `${member.kind} ` : fn.async ? 'async ' : ''
  const star = fn.generator ? '*' : ''

  if (member.kind === 'constructor') {
    const bare = member === making.constructorMember ? 'bare' : hasPrivates(owner) ? 'hollow' : undefined
    return [begins(member), isStatic, printKey(member, scope), printChecked(fn, scope, where, owner, bare)]
  }
  const accessor = member.kind === 'get' || member.kind === 'set'
  if (unit.leaves.functions.has(fn) && !(accessor && member.key.type === 'PrivateIdentifier')) {
    const inner = bodyScope(scope, 'plain', where, false)
    const parameters = printParameterList(fn, inner)
    const body = printBlock(fn.body, inner, countChange(fn, scope))
    const plain: Rope = [begins(member), isStatic, kind, printKey(member, scope), parameters, ' ', body]
    if (!member.computed && member.key.type !== 'PrivateIdentifier' && member.kind === 'method') {
      links.push(` ${named(unit, 'n')}.leaf(${isStatic ? 'this' : 'this.prototype'}${propertyOf(member, text)});`)
    }
    return plain
  }

  const twin = printTwin({ ...fn, givenName: where, original: fn } as Node, scope, false)
  if (member.key.type === 'PrivateIdentifier') {
    if (accessor) {
      const plain = printChecked(fn, scope, `the ${member.kind}ter ${where}`, owner)
      return [begins(member), isStatic, kind, text, plain, ` ${isStatic}*${text}${named(unit, member.kind)}`, twin]
    }
    const twinName = `${text}${named(unit, 'twin')}`
    const drive = `${named(unit, 'n')}.${driverOf(fn)}(this.${twinName}(...arguments))`
    return [
      begins(member),
      isStatic,
      kind,
      star,
      text,
      printPlainMethod(fn, scope, where, drive),
      ` ${isStatic}*${twinName}`,
      twin,
    ]
  }
  const slot = `${named(unit, 'k')}[${unit.keys++}]`
  let key = printKey(member, scope)
  let keyRef = member.computed ? '' : member.key.type === 'Identifier' ? JSON.stringify(text) : text
  if (member.computed) {
    keyRef = scope.temps ? temporary(scope) : `${slot}.name`
    key = [`[${keyRef} = `, printName(member.key, scope), ']']
  }
  const target = isStatic ? 'this' : 'this.prototype'
  links.push(` ${named(unit, 'n')}.method(${slot}, ${target}, ${keyRef}, '${member.kind}');`)
  const what = `the ${member.kind}ter ${where} touches shared memory, and can't be interrupted there`
  const reason = accessor ? `, ${JSON.stringify(what)}` : ''
  const drive = `${named(unit, 'n')}.${driverOf(fn)}(${named(unit, 'n')}.methodTwin(${slot}, this).apply(this, arguments)${reason})`
  const plain = printPlainMethod(fn, scope, where, drive)
  return [begins(member), isStatic, kind, star, key, plain, ` ${isStatic}*[${slot}.key]`, twin]
}

const propertyOf = (member: Node, text: string): string => (member.key.type === 'Identifier' ? `.${text}` : `[${text}]`)

function printParameterList(fn: Node, scope: Scope): Rope {
  const inner = { ...scope, temps: null }
  const printed = parametersOf(fn).map((each) => scope.unit.print(each, inner))
  return ['(', join(printed, ', '), ')']
}

/** `(a) { if (running) return drive(...); ... }`, or checked text where the parameters can't be evaluated twice. */
export function printPlainMethod(fn: Node, scope: Scope, where: string, drive: string): Rope {
  if (fn.async && scope.mode === 'twin')
    return `(${placeholders(fn, scope).join(', ')}) { return ${fn.generator ? 'yield* ' : ''}${drive}; }`
  if (fn.async) return printChecked(fn, scope, `the async method ${where}`)
  if (!hasSimpleParameters(fn) || fn.generator) return printChecked(fn, scope, where)
  const { unit } = scope
  if (scope.mode === 'twin') return [printParameterList(fn, scope), ` { return ${drive}; }`]
  const inner = bodyScope(scope, 'plain', where, false)
  const first = ` if (${named(unit, 'e')}.running) return ${drive};${countCall(fn, scope)}`
  return [printParameterList(fn, inner), ' ', printBlock(fn.body, inner, first)]
}

/** Checked text. */
export function printChecked(fn: Node, scope: Scope, where: string, owner?: Node, bare?: 'bare' | 'hollow'): Rope {
  const inner: Scope = { ...bodyScope(scope, 'checked', where, false), owner: owner?.id?.name ?? '' }
  const { parameters, first: bound } = checkedParameters(fn, inner)
  const first: Rope = fn.async ? [refuseAsync(scope), bound] : bound
  if (bare !== undefined) {
    const may = bareConstructor(fn, Boolean(owner?.superClass), inner, bare)
    const counted = bare === 'hollow' ? countCall(fn, scope) : ''
    return [may.parameters ?? parameters, ' ', printBlock(fn.body, inner, [may.first, counted])]
  }
  return [parameters, ' ', printBlock(fn.body, inner, [countCall(fn, scope), ' ', first])]
}

/** A method of an object literal, without its `key:` if it becomes a plain property. */
export function printObjectMember(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const key = printKey(node, scope)
  const fn = node.value as Node
  if (node.method) return printObjectMethod(node, key, fn, scope)
  if (node.shorthand) {
    const value = unit.print(node.value, scope)
    return typeof value === 'string' || isOwn(node.value, scope) ? [key, ': ', value] : value
  }
  const name = node.computed ? undefined : (node.key.name ?? String(node.key.value))
  const value = isFunction(bare(node.value)) ? printNamed(node.value, name, scope) : unit.print(node.value, scope)
  return [key, ': ', name === '__proto__' && scope.mode !== 'plain' ? seePrototype(node, value, scope) : value]
}

/** A method stays a method (no `prototype`, not a constructor): it is made in an object of its own and taken out. */
function printObjectMethod(node: Node, key: Rope, fn: Node, scope: Scope): Rope {
  const { unit } = scope
  const text = unit.code.slice(node.key.start, node.key.end)
  const n = named(unit, 'n')
  const own = node.computed ? 'method' : node.key.type === 'Identifier' ? text : `[${text}]`
  const take = node.computed || node.key.type === 'Identifier' ? `.${own}` : `[${text}]`
  if (unit.leaves.functions.has(fn)) {
    const inner = bodyScope(scope, 'plain', text, false)
    const body = printBlock(fn.body, inner, countChange(fn, scope))
    const plain: Rope = [begins(node), own, printParameterList(fn, inner), ' ', body]
    return [key, `: ${n}.leaf(({ `, plain, ` })${take})`]
  }
  const twin = printTwin({ ...fn, givenName: text, original: fn } as Node, scope, false)
  const w = named(unit, 'w')
  const plain = printPlainMethod(fn, scope, text, `${n}.${driverOf(fn)}(${w}.apply(this, arguments))`)
  const star = `${fn.async ? 'async ' : ''}${fn.generator ? '*' : ''}`
  return [
    key,
    `: ${n}.fn(function*`,
    twin,
    `, ${w} => ({ `,
    begins(node),
    `${star}${own}`,
    plain,
    ` })${take}${printPlace(unit)})`,
  ]
}

/** Checked text's look at a value that is about to be iterated natively. */
export function seeIterated(node: Node, scope: Scope): Rope {
  return see(scope, site(scope.unit, node, 'iterate'), scope.unit.print(node, scope))
}
