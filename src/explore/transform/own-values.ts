/**
 * What is known of the variables at the top of a module: what they hold, and whether a function may change that.
 */

import { memberShape, nameOfMember, type Shape, shapeOf, UNKNOWN } from './constants.ts'
import { bare, childrenOf, isFunction, type Node, walk } from './estree.ts'
import { DEFAULT, type Declared, importedName } from './tops.ts'
import { isHarmless } from './uses.ts'
import type { Mention, Variable } from './variables.ts'

/**
 * What a namespace has of each thread's own, by the names of the exports: the file and the name of such a variable, or
 * the place of another namespace in the list.
 */
export type Space = Readonly<Record<string, readonly [file: string, name: string] | number>>

/** What is known of an export of another module. */
export interface Foreign {
  /** Where it is declared. */
  readonly file: string
  /** Its name there; `*`: a namespace. */
  readonly name: string
  /** Each thread has its own. */
  readonly own: boolean
  readonly shape: Shape
  /** Of a namespace with such in it: that, and the others that it leads to. */
  readonly spaces?: readonly Space[]
}

/** Behind the name of an export: functions of other modules store to a member of it. */
export const STORED = ' ='
/** Behind the name of a class or a function: other modules store to a member that goes by a name of its own. */
export const STATIC = ' .'

/** What the analysis may ask of the modules around. */
export interface Around {
  /** What an import stands for; `*`: whether any export is each thread's own. Undefined: nobody instruments it. */
  foreign?(source: string, name: string): Foreign | undefined
  /**
   * The names of exports that functions of other modules may change; with STORED behind if they do in any case; and
   * STATIC.
   */
  touched?(): Iterable<string>
  /** Whether a module that this one leads to awaits at its top what each thread has for itself. */
  awaits?(): boolean
}

/** How far the analysis has come. */
export interface Reading {
  readonly program: Node
  readonly top: ReadonlyMap<string, Variable>
  readonly declared: ReadonlyMap<string, Declared>
  readonly shapes: Map<string, Shape>
  readonly around: Around
  readonly own: Set<string>
  readonly imports: Map<string, Foreign>
  readonly statements: Set<Node>
  readonly early: ReadonlySet<Node>
  /** What a CommonJS file exports, and what that is made of. */
  readonly given: Set<string>
}

export const isHeld = ({ kind }: Shape): boolean => kind === 'fixed' || kind === 'function'

/** What is known of the value of a name at the top. */
export function shapeAt(reading: Reading, name: string): Shape {
  const known = reading.shapes.get(name)
  if (known !== undefined) return known
  // One that is made of itself.
  reading.shapes.set(name, UNKNOWN)
  const shape = freshShape(reading, name)
  reading.shapes.set(name, shape)
  return shape
}

function freshShape(reading: Reading, name: string): Shape {
  const declared = reading.declared.get(name)
  if (declared === undefined) return UNKNOWN
  const { kind, node, statement } = declared
  if (kind === 'function') return { kind: 'function', asksThis: true }
  if (kind === 'class') return { kind: 'function', asksThis: true }
  const look = (other: string): Shape | undefined => (reading.top.has(other) ? shapeAt(reading, other) : undefined)
  if (kind === 'import') {
    return reading.around.foreign?.(statement.source.value, importedName(node))?.shape ?? UNKNOWN
  }
  if (name === DEFAULT)
    return /^(Function|Class)/.test(node.type) ? { kind: 'function', asksThis: true } : shapeOf(node, look)
  // Assigned to later on, if only at the top.
  const assigned = reading.top.get(name)?.mentions.filter((each) => each.assigned !== 'no') ?? []
  if (!node.init) return UNKNOWN
  if (assigned.some(({ inside }) => inside.at(-1) !== node)) return UNKNOWN
  const whole = shapeOf(node.init, look)
  return node.id.type === 'Identifier' ? whole : partOf(node.id, name, whole)
}

/** What a pattern gives that name. */
function partOf(pattern: Node, name: string, whole: Shape): Shape {
  if (pattern.type !== 'ObjectPattern') return UNKNOWN
  for (const each of pattern.properties as Node[]) {
    const { value } = each
    if (value?.type !== 'Identifier' || value.name !== name) continue
    return memberShape(whole, nameOfMember({ ...each, property: each.key } as Node))
  }
  return UNKNOWN
}

/** Whether some function may change the variable, or something in what it holds. */
export function mayChange(reading: Reading, name: string, variable: Variable | undefined): boolean {
  const { kind, node } = reading.declared.get(name)!
  if (kind === 'class' && hasState(node, reading)) return true
  const shape = shapeAt(reading, name)
  const isAlways = isConstant(reading, name)
  const changes = (each: Mention): boolean => !(isAlways && each.assigned !== 'no') && !isHarmless(each, shape)
  return variable?.mentions.some((each) => isLater(reading, each) && changes(each)) ?? false
}

/** Whether to assign to it throws. */
export function isConstant({ declared }: Reading, name: string): boolean {
  const { statement, kind, node } = declared.get(name)!
  const declaration = statement.declaration ?? statement
  return kind === 'variable' && declaration.kind === 'const' && (declaration.declarations ?? []).includes(node)
}

/** Whether what a mention stands in runs when the modules are there: in a function that somebody may call then. */
export function isLater({ early }: Reading, { fn, inside }: Mention): boolean {
  return fn !== undefined && !inside.some((each) => early.has(each))
}

/** Whether a class holds something that may change: a static field of an object, or one that a method assigns to. */
function hasState(node: Node, reading: Reading): boolean {
  const look = (other: string): Shape | undefined => (reading.top.has(other) ? shapeAt(reading, other) : undefined)
  return (node.body.body as Node[]).some((member) => {
    if (member.type === 'StaticBlock') return true
    if (!member.static) return false
    if (member.type === 'PropertyDefinition') {
      if (!member.value) return true
      return !isHeld(shapeOf(member.value, look))
    }
    return member.value != null && changesThis(member.value)
  })
}

/** Whether a static method assigns to a member of its class. */
function changesThis(node: Node): boolean {
  let found = false
  walk(node, ({ type, left, argument }) => {
    const target =
      type === 'AssignmentExpression' ? bare(left) : type === 'UpdateExpression' ? bare(argument) : undefined
    if (target?.type === 'MemberExpression' && bare(target.object).type === 'ThisExpression') found = true
    return !found
  })
  return found
}

/**
 * Whether evaluating this reads or changes what is own: names it, or calls a function that does. What a function does
 * that is only made there comes later, unless it is handed to somebody who may call it.
 */
export function touchesOwn(reading: Reading, node: Node, isCalled = false, seen: Set<string> = new Set()): boolean {
  if (node.type === 'Identifier') return namesOwn(reading, node.name, isCalled, seen)
  if (isFunction(node) && !isCalled) return false
  const calls = isCalled || /^(Call|New|TaggedTemplate)Expression$/.test(node.type)
  return childrenOf(node).some((each) => touchesOwn(reading, each, calls, seen))
}

function namesOwn(reading: Reading, name: string, isCalled: boolean, seen: Set<string>): boolean {
  const declared = reading.declared.get(name)
  if (declared === undefined) return false
  if (reading.own.has(name) || reading.imports.has(name)) return true
  const { kind, node, statement } = declared
  // A function of a module that has something of its own may change that.
  if (kind === 'import') return reading.around.foreign?.(statement.source.value, '*')?.own === true
  if (seen.has(name)) return false
  // What it holds is called, or asked for a member that calls something.
  if (kind !== 'function' && !isCalled && !hasAccessor(node)) return false
  seen.add(name)
  return childrenOf(node).some((each) => touchesOwn(reading, each, true, seen))
}

function hasAccessor(node: Node): boolean {
  let found = false
  walk(node, ({ kind }) => {
    if (kind === 'get' || kind === 'set') found = true
    return !found
  })
  return found
}
