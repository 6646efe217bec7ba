/**
 * Constructors and fields: their twins are methods of the class, and `new` in a twin runs them.
 *
 * An object is made *bare* first: the plain constructor returns at once, and fields are there without their values.
 * Then one twin gives the fields their values, and another runs the author's constructor. Both get a frame, which
 * stands in for what only a constructor has: `this` before `super(...)`, `new.target`, `arguments`.
 */

import { bodyScope, printBlock } from './body.ts'
import type { Node } from './estree.ts'
import { printTwinBody } from './function.ts'
import { hasSimpleParameters, placeholders, takeParameters } from './parameters.ts'
import { printNamed } from './pattern.ts'
import type { Rope } from './rope.ts'
import { declareTemps, freshName, named, type Scope } from './scope.ts'

/** What the making of a class's objects needs. */
export interface Making {
  /** Its constructor, if it has a twin. */
  readonly constructorMember: Node | undefined
  /** The fields with a value, if one of them may touch shared memory. */
  readonly fields: readonly Node[]
  /** Static fields and blocks, if the class is made in a twin and one of them may touch shared memory. */
  readonly statics: readonly Node[]
  /** Where the names of those with a computed name are kept. */
  readonly keys: ReadonlyMap<Node, string>
}

/** What of a class has to be followed when an object of it is made. */
export function makingOf(node: Node, scope: Scope): Making {
  const { leaves } = scope.unit
  const members = node.body.body as Node[]
  const fields = members.filter((each) => isField(each) && each.value)
  const own = members.find(({ kind, value }) => kind === 'constructor' && value.body)
  const followed = fields.some(({ value }) => !leaves.isQuiet(value))
  const twin = own && (followed || !leaves.functions.has(own.value))
  const given = followed && (twin || !own) ? fields : []
  const all = members.filter(
    ({ type, static: isStatic, declare, value }) =>
      type === 'StaticBlock' || (type === 'PropertyDefinition' && isStatic && !declare && value),
  )
  const touching = all.some(({ type, value }) => type === 'StaticBlock' || !leaves.isQuiet(value))
  const statics = scope.mode === 'twin' && touching ? all : []
  const computed = [...given, ...statics].filter((each) => each.computed)
  const keys = new Map(computed.map((each) => [each, `${named(scope.unit, 'k')}[${scope.unit.keys++}]`]))
  return { constructorMember: twin ? own : undefined, fields: given, statics, keys }
}

const isField = ({ type, static: isStatic, declare }: Node): boolean =>
  type === 'PropertyDefinition' && !isStatic && !declare

/**
 * What the class says of itself, in its first static block, the members that it gains, and the key of the twin of its
 * static part.
 */
export function printMaking(
  node: Node,
  making: Making,
  scope: Scope,
): { link: Rope; members: Rope; statics: string | undefined } {
  const { unit } = scope
  const all = node.body.body as Node[]
  const derived = Boolean(node.superClass)
  const own = all.some(({ kind, value }) => kind === 'constructor' && value.body)
  const installs =
    derived && all.some((each) => isField(each) || (each.key?.type === 'PrivateIdentifier' && !each.static))
  const members: Rope[] = []
  const slotOf = (text: Rope): string => {
    const slot = `${named(unit, 'k')}[${unit.keys++}]`
    members.push(` *[${slot}.key]`, text)
    return `${slot}.key`
  }
  const name: string = node.id?.name || 'a class'
  const constructorKey = making.constructorMember
    ? slotOf(printConstructorTwin(making.constructorMember, name, derived, scope))
    : 'undefined'
  const fieldsKey = making.fields.length > 0 ? slotOf(printFieldsTwin(making, name, scope)) : 'undefined'
  const parts = `{ derived: ${derived}, own: ${own}, installs: ${installs}, body: ${constructorKey}, fields: ${fieldsKey} }`
  const statics = making.statics.length > 0 ? `${named(unit, 'k')}[${unit.keys++}].key` : undefined
  if (statics !== undefined) members.push(` static *[${statics}]`, printStaticsTwin(making, name, scope))
  return { link: ` ${named(unit, 'n')}.made(this, ${parts});`, members, statics }
}

function printConstructorTwin(member: Node, name: string, derived: boolean, outer: Scope): Rope {
  const { unit } = outer
  const frame = named(unit, 'frame')
  const where = `the constructor of ${name}`
  const own = { args: `${frame}.args`, target: `${frame}.target`, frame }
  const ofParent = derived ? { self: `${named(unit, 'n')}.self(${frame})`, parent: `${frame}.parent` } : {}
  const scope: Scope = { ...bodyScope(outer, 'twin', where, false), ...own, ...ofParent }
  const first: Node = { type: 'Identifier', name: frame, generated: true, start: member.start, end: member.start }
  return printTwinBody({ ...member.value, params: [first, ...member.value.params] } as Node, scope)
}

function printFieldsTwin({ fields, keys }: Making, name: string, outer: Scope): Rope {
  const scope: Scope = { ...bodyScope(outer, 'twin', `a field of ${name}`, false), target: 'void 0' }
  const steps = fields.map((field) => printField(field, keys.get(field), scope))
  return [`() {${declareTemps(scope)}`, steps, ' }']
}

/** Static fields get their values, and static blocks run, when the class is there. */
function printStaticsTwin({ statics, keys }: Making, name: string, outer: Scope): Rope {
  const scope: Scope = { ...bodyScope(outer, 'twin', `the static part of ${name}`, false), target: 'void 0' }
  const steps = statics.map((each) => {
    if (each.type !== 'StaticBlock') return printField(each, keys.get(each), scope)
    const start = outer.unit.code.indexOf('{', each.start)
    return [' ', printBlock({ ...each, type: 'BlockStatement', start } as Node, scope)]
  })
  return [`() {${declareTemps(scope)}`, steps, ' }']
}

/** A field gets its value. */
function printField(field: Node, slot: string | undefined, scope: Scope): Rope {
  const { unit } = scope
  const text = unit.code.slice(field.key.start, field.key.end)
  const value = printNamed(field.value, field.computed ? undefined : text, scope)
  if (field.key.type === 'PrivateIdentifier') return [` this.${text} = (`, value, ');']
  return [` ${named(unit, 'n')}.field(this, ${keyOf(field, slot, unit.code)}, `, value, ');']
}

/** The key of a public field, as an expression. A computed one was evaluated when the class was. */
function keyOf(field: Node, slot: string | undefined, code: string): string {
  if (slot !== undefined) return `${slot}.name`
  const text = code.slice(field.key.start, field.key.end)
  return field.key.type === 'Identifier' ? JSON.stringify(text) : text
}

/** The parameters of a plain constructor that may be called bare, and what it begins with. */
export function bareConstructor(
  fn: Node,
  derived: boolean,
  scope: Scope,
  flag: 'bare' | 'hollow',
): { parameters: Rope | undefined; first: Rope } {
  const { unit } = scope
  const bare = ` if (${named(unit, 'e')}.${flag}) ${derived ? '{ super(); return; }' : 'return;'}`
  if (hasSimpleParameters(fn)) return { parameters: undefined, first: bare }
  const list = named(unit, 'list')
  const given = [...placeholders(fn, scope), `...${freshName(unit)}`].join(', ')
  return { parameters: `(${given})`, first: [bare, ` const ${list} = [${given}]; `, takeParameters(fn, list, scope)] }
}

/** `super(...)` in the twin of a constructor. */
export function printSuperInTwin(at: string, values: Rope, scope: Scope): Rope {
  return [`(yield* ${named(scope.unit, 'n')}.superCall(${scope.frame}, ${at}, [`, values, ']))']
}
