/**
 * How a thread gets its own of what stands at the top of a module: a generator that evaluates those statements again,
 * storing into the thread's record what they declare, and the record that stands for the module itself.
 */

import { bodyScope } from './body.ts'
import { boundNames, isFunction, type Node, walk } from './estree.ts'
import { printDefaultValue } from './pattern.ts'
import { join, type Rope } from './rope.ts'
import {
  declareTemps,
  foreignFiles,
  foreignSpaces,
  named,
  outermost,
  ownName,
  type Scope,
  site,
  type Unit,
} from './scope.ts'
import { awaits } from './top-awaits.ts'
import { DEFAULT } from './tops.ts'

/** Whether threads have something of this module, or of those it imports, for themselves. */
export const hasOwn = ({ own }: Unit): boolean => own.names.size > 0 || own.imports.size > 0

/** The name that stands for what is exported by default. */
export const defaultName = (unit: Unit): string => named(unit, 'default')

/** What the head of the module binds: how its text comes to the record of the thread that runs. */
export function printRecords(unit: Unit, format: 'module' | 'commonjs'): string {
  if (!hasOwn(unit)) return ''
  const where = format === 'module' ? 'import.meta.url' : 'require'
  const classes = ownClassesIn(unit)
  const accessors = [...unit.own.names].map((name) => {
    const here = name === DEFAULT ? defaultName(unit) : name
    const value = named(unit, 'v')
    const error = named(unit, 'x')
    const get = classes.has(name)
      ? `try { return ${here} } catch (${error}) { return ${named(unit, 'o')}.begun(${JSON.stringify(name)}, ${error}) }`
      : `return ${here}`
    return `get ${JSON.stringify(name)}() { ${get} }, set ${JSON.stringify(name)}(${value}) { ${here} = ${value} }`
  })
  const files = JSON.stringify(foreignFiles(unit))
  const making = unit.own.statements.size > 0 ? named(unit, 'making') : 'undefined'
  const told = [where, JSON.stringify(unit.file), files, `{ ${accessors.join(', ')} }`, making]
  const spaces = foreignSpaces(unit)
  if (unit.own.awaited.size > 0 || spaces.length > 0) told.push(String(unit.own.awaited.size > 0))
  if (spaces.length > 0) told.push(JSON.stringify(spaces))
  return ` const ${named(unit, 'o')} = ${named(unit, 'n')}.own(${told.join(', ')});`
}

/** The classes that are declared at the top, and that each thread has for itself: by name. */
function ownClassesIn({ own }: Unit): Map<string, Node> {
  const classes = new Map<string, Node>()
  for (const statement of own.statements) {
    const node = statement.declaration ?? statement
    if (node.type === 'ClassDeclaration' && node.id) classes.set(node.id.name, node)
  }
  return classes
}

/** What the class begins with: its static members name it before it has been declared. */
export function printBegun(node: Node, unit: Unit): string {
  const name: string | undefined = node.id?.name
  if (name === undefined || ownClassesIn(unit).get(name) !== (node.original ?? node)) return ''
  return ` ${named(unit, 'o')}.begins(${JSON.stringify(name)}, this);`
}

/** The generator, as text behind the module's own. */
export function printInstance(program: Node, unit: Unit): Rope {
  if (unit.own.statements.size === 0) return ''
  const outer = outermost(unit)
  const scope: Scope = { ...bodyScope(outer, 'twin', outer.where, false), making: true, async: true }
  const printed: Rope[] = []
  const made = (program.body as Node[]).filter((statement) => unit.own.statements.has(statement))
  // Functions are there before all else.
  const isFirst = (statement: Node): boolean => (statement.declaration ?? statement).type === 'FunctionDeclaration'
  for (const statement of [...made.filter(isFirst), ...made.filter((each) => !isFirst(each))])
    printed.push(' ', printMade(statement, scope))
  const done = unit.own.awaited.size > 0 ? `\n${named(unit, 'o')}.evaluated();` : ''
  return { again: [`${done}\nfunction* ${named(unit, 'making')}() {${declareTemps(scope)}`, printed, ' }'] }
}

/** Whether a function names what threads have for themselves, functions in it aside. */
export function namesOwn(fn: Node, { own }: Unit): boolean {
  if (own.mentions.size === 0) return false
  let found = false
  const look = (part: Node): void =>
    walk(part, (node) => {
      if (isFunction(node)) return false
      if (node.type === 'Identifier' && own.mentions.has(node.start)) found = true
      return !found
    })
  for (const part of [...fn.params, fn.body]) look(part)
  return found
}

/** What a twin begins with that names such: the thread has its own from there on. */
export const makesOwn = (fn: Node, unit: Unit): string => {
  if (!namesOwn(fn, unit)) return ''
  const o = named(unit, 'o')
  return ` ${o}.ready() || (yield* ${o}.make());`
}

/** A statement at the top, as one that stores into the record. */
function printMade(statement: Node, scope: Scope): Rope {
  const { unit } = scope
  const node = statement.declaration ?? statement
  const isDefault = statement.type === 'ExportDefaultDeclaration' && unit.own.names.has(DEFAULT)
  if ((isDefault || node.type === 'VariableDeclaration') && awaits(node)) {
    const declared = isDefault ? [DEFAULT] : (node.declarations as Node[]).flatMap(({ id }) => boundNames(id))
    const names = JSON.stringify(declared.filter((name) => unit.own.names.has(name)))
    const asked = `${named(unit, 'o')}.awaits(${names}, ${site(unit, node, 'await')})`
    return unit.own.awaited.has(statement)
      ? [`if (${asked}) { `, printValue(statement, node, scope), ' }']
      : `${asked};`
  }
  return printValue(statement, node, scope)
}

/** What gives its names their values. */
function printValue(statement: Node, node: Node, scope: Scope): Rope {
  const { unit } = scope
  const isDefault = statement.type === 'ExportDefaultDeclaration' && unit.own.names.has(DEFAULT)
  if (isDefault) return [`${ownName(DEFAULT, unit)} = `, printDefaultValue(node, scope), ';']
  if (/^(Function|Class)Declaration$/.test(node.type)) {
    const expression = { ...node, type: node.type.replace('Declaration', 'Expression'), original: node } as Node
    return [`${ownName(node.id.name, unit)} = `, unit.print(expression, scope), ';']
  }
  return unit.print(node, scope)
}

/** `var a = 1, b` at the top: as assignments, where the thread has its own of it. Undefined: as it stands. */
export function printMadeVariables(node: Node, scope: Scope): Rope | undefined {
  const { own } = scope.unit
  if (!scope.making) return undefined
  const isOwn = ({ id }: Node): boolean =>
    boundNames(id).some((name) => own.names.has(name)) && namesItsOwn(id, scope.unit)
  const made = (node.declarations as Node[]).filter(isOwn)
  if (made.length === 0) return undefined
  const parts = made.map((each): Rope => {
    if (!each.init) return `${ownName(each.id.name, scope.unit)} = undefined`
    const { name } = each.id
    const before =
      own.constants.has(name) && !awaits(each.init)
        ? `${named(scope.unit, 'o')}.keeps(${JSON.stringify(name)}) || `
        : ''
    const assignment = { ...each, type: 'AssignmentExpression', operator: '=', left: each.id, right: each.init }
    return [before, '(', scope.unit.print(assignment as unknown as Node, scope), ')']
  })
  return ['(', join(parts, ', '), ')']
}

/** `for (var a of b)` at the top: its head assigns, where the thread has its own of `a`. */
export function assigningHead(node: Node, { making, unit }: Scope): Node {
  const { left } = node
  if (!making || left.type !== 'VariableDeclaration' || left.kind !== 'var') return node
  const { id } = left.declarations[0] as Node
  return boundNames(id).some((name) => unit.own.names.has(name)) ? { ...node, left: id } : node
}

/** Whether what a pattern names is the thread's own, not a variable of a block that has the same name. */
function namesItsOwn(pattern: Node, { own }: Unit): boolean {
  let found = false
  walk(pattern, (node) => {
    if (node.type === 'Identifier' && own.mentions.has(node.start)) found = true
    return !found
  })
  return found
}
