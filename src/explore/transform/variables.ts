/**
 * Where each variable of a module is declared, and every place that names it.
 *
 * Needed to tell what a turn of a loop changes (heads.ts): variables of its own function are compared from head to
 * head, everything else that is assigned to counts as a change.
 */

import { boundNames, childrenOf, isFunction, type Node, walk } from './estree.ts'

/** A stretch of text that declares names. `fn` is the function it stands in; undefined at the top of the module. */
export interface Declaring {
  readonly outer: Declaring | undefined
  readonly fn: Node | undefined
  readonly variables: Map<string, Variable>
}

export interface Variable {
  readonly name: string
  readonly at: Declaring
  readonly mentions: Mention[]
}

/** A place that names a variable. */
export interface Mention {
  readonly node: Node
  /** What it stands in, innermost last. */
  readonly inside: readonly Node[]
  /** The loops it stands in, of the function it stands in, innermost last. */
  readonly loops: readonly Loop[]
  readonly fn: Node | undefined
  /** Its value is replaced there, or replaced by one made of it. */
  readonly assigned: 'no' | 'anew' | 'changed'
}

/** A loop with a head that is come back to: `while`, `do`, `for`. */
export interface Loop {
  readonly node: Node
  /** Where its head is evaluated. */
  readonly at: Declaring
  /** The variables of its function that outlive a turn and are assigned to in it. */
  readonly assigned: Set<Variable>
}

export interface Variables {
  readonly loops: readonly Loop[]
  /** Offsets of the assignments (and updates) to what is no variable of the function they stand in. */
  readonly outward: ReadonlySet<number>
  /** Those at the top of the module, by name. */
  readonly top: ReadonlyMap<string, Variable>
  /** Where the text names what it does not declare: globals. */
  readonly free: readonly Mention[]
}

/** How far the reading of a module has come. */
interface Reading {
  readonly all: Loop[]
  readonly outward: Set<number>
  readonly free: Mention[]
  /** What the present node stands in, innermost last. */
  readonly inside: Node[]
  /** The loops that it stands in, of its own function. */
  loops: readonly Loop[]
}

/** Reads the variables of a module. */
export function variablesIn(program: Node): Variables {
  const reading: Reading = { all: [], outward: new Set(), free: [], inside: [], loops: [] }
  const at = declaring(undefined, undefined, [...hoisted(program), ...declaredIn(program.body)])
  visitChildren(reading, program, at)
  return { loops: reading.all, outward: reading.outward, top: at.variables, free: reading.free }
}

function declaring(outer: Declaring | undefined, fn: Node | undefined, names: Iterable<string>): Declaring {
  const at: Declaring = { outer, fn, variables: new Map() }
  for (const name of names) at.variables.set(name, { name, at, mentions: [] })
  return at
}

function find(at: Declaring, name: string): Variable | undefined {
  for (let d: Declaring | undefined = at; d !== undefined; d = d.outer) {
    const variable = d.variables.get(name)
    if (variable !== undefined) return variable
  }
  return undefined
}

function mention(reading: Reading, node: Node, at: Declaring, assigned: Mention['assigned']): void {
  const { inside, loops, outward, free } = reading
  const variable = find(at, node.name)
  const mentions = variable?.mentions ?? free
  mentions.push({ node, inside: [...inside], loops, fn: at.fn, assigned })
  if (assigned === 'no') return
  if (variable === undefined || variable.at.fn !== at.fn) outward.add(inside.at(-1)!.start)
  else for (const loop of loops) if (isAround(variable.at, loop.at)) loop.assigned.add(variable)
}

/** What is assigned to. `by` is the assignment. */
function target(reading: Reading, node: Node, at: Declaring, by: Node, assigned: 'anew' | 'changed'): void {
  const part = (each: Node) => target(reading, each, at, by, assigned)
  if (node.type === 'Identifier') mention(reading, node, at, assigned)
  else if (node.type === 'AssignmentPattern') {
    part(node.left)
    visit(reading, node.right, at)
  } else if (node.type === 'RestElement') part(node.argument)
  else if (node.type === 'ArrayPattern') for (const each of node.elements) each && part(each)
  else if (node.type === 'ObjectPattern') {
    for (const each of node.properties) {
      if (each.computed) visit(reading, each.key, at)
      part(each.value ?? each)
    }
  } else {
    reading.outward.add(by.start)
    visit(reading, node, at)
  }
}

/** Types name no variables. */
const isType = ({ type }: Node): boolean =>
  type.startsWith('TS') && !/^TS(\w+Expression|TypeAssertion|ParameterProperty|Enum|Module|ExportAssignment)/.test(type)

function visit(reading: Reading, node: Node, at: Declaring): void {
  if (isType(node)) return
  reading.inside.push(node)
  const look = isFunction(node) ? visitFunction : (LOOKS[node.type] ?? visitChildren)
  look(reading, node, at)
  reading.inside.pop()
}

/** Visits one part of a node, if it is there. */
function visitPart(reading: Reading, node: Node | null | undefined, at: Declaring): void {
  if (node) visit(reading, node, at)
}

function visitChildren(reading: Reading, node: Node, at: Declaring): void {
  for (const child of childrenOf(node)) visit(reading, child, at)
}

/** A body in which the loops around it are none. */
function visitBody(reading: Reading, node: Node, at: Declaring): void {
  const before = reading.loops
  reading.loops = []
  visit(reading, node, at)
  reading.loops = before
}

function visitFunction(reading: Reading, node: Node, at: Declaring): void {
  const own = node.type === 'FunctionExpression' && node.id ? [node.id.name] : []
  const names = [...own, 'arguments', ...node.params.flatMap((each: Node) => boundNames(each))]
  if (node.body)
    names.push(...hoisted(node.body), ...(node.body.type === 'BlockStatement' ? declaredIn(node.body.body) : []))
  const inner = declaring(at, node, names)
  for (const each of node.params as Node[]) if (each.type !== 'Identifier') target(reading, each, inner, node, 'anew')
  if (node.body) visitBody(reading, node.body, inner)
}

function visitTurns(reading: Reading, node: Node, at: Declaring): void {
  visitPart(reading, node.init, at)
  const loop: Loop = { node, at, assigned: new Set() }
  reading.all.push(loop)
  const before = reading.loops
  reading.loops = [...before, loop]
  const parts = node.type === 'DoWhileStatement' ? [node.body, node.test] : [node.test, node.body, node.update]
  for (const each of parts) visitPart(reading, each, at)
  reading.loops = before
}

function visitForIn(reading: Reading, node: Node, at: Declaring): void {
  const inner = declaring(at, at.fn, declaredIn([node.left]))
  if (node.left.type === 'VariableDeclaration') target(reading, node.left.declarations[0].id, inner, node, 'anew')
  else target(reading, bare(node.left), inner, node, 'anew')
  visit(reading, node.right, inner)
  visit(reading, node.body, inner)
}

function visitMember(reading: Reading, node: Node, at: Declaring): void {
  if (node.computed) visit(reading, node.key, at)
  visit(reading, node.value, at)
}

/** What a scope of its own is, and what names no variable; whatever else there is, its children are looked at. */
const LOOKS: Readonly<Record<string, (reading: Reading, node: Node, at: Declaring) => void>> = {
  Identifier: (reading, node, at) => mention(reading, node, at, 'no'),
  MemberExpression: (reading, node, at) => {
    visit(reading, node.object, at)
    if (node.computed) visit(reading, node.property, at)
  },
  Property: visitMember,
  MethodDefinition: visitMember,
  PropertyDefinition: (reading, node, at) => {
    if (node.computed) visit(reading, node.key, at)
    if (node.value) visitBody(reading, node.value, declaring(at, node, []))
  },
  StaticBlock: (reading, node, at) => {
    const inner = declaring(at, node, [...hoisted(node), ...declaredIn(node.body)])
    for (const each of node.body) visitBody(reading, each, inner)
  },
  BlockStatement: (reading, node, at) => visitChildren(reading, node, declaring(at, at.fn, declaredIn(node.body))),
  SwitchStatement: (reading, node, at) => {
    const statements = node.cases.flatMap((each: Node) => each.consequent)
    visitChildren(reading, node, declaring(at, at.fn, declaredIn(statements)))
  },
  CatchClause: (reading, node, at) =>
    visitChildren(reading, node, declaring(at, at.fn, node.param ? boundNames(node.param) : [])),
  ForStatement: (reading, node, at) =>
    visitTurns(reading, node, declaring(at, at.fn, node.init ? declaredIn([node.init]) : [])),
  WhileStatement: visitTurns,
  DoWhileStatement: visitTurns,
  ForOfStatement: visitForIn,
  ForInStatement: visitForIn,
  VariableDeclarator: (reading, node, at) => {
    if (!node.init && node.id.type === 'Identifier') return
    target(reading, node.id, at, node, 'anew')
    visitPart(reading, node.init, at)
  },
  AssignmentExpression: (reading, node, at) => {
    target(reading, bare(node.left), at, node, node.operator === '=' ? 'anew' : 'changed')
    visit(reading, node.right, at)
  },
  UpdateExpression: (reading, node, at) => target(reading, bare(node.argument), at, node, 'changed'),
  UnaryExpression: (reading, node, at) => {
    if (node.operator === 'delete') reading.outward.add(node.start)
    visitChildren(reading, node, at)
  },
  LabeledStatement: (reading, node, at) => visit(reading, node.body, at),
  BreakStatement: () => {},
  ContinueStatement: () => {},
  MetaProperty: () => {},
  ImportDeclaration: () => {},
  ExportAllDeclaration: () => {},
  ExportSpecifier: () => {},
}

const isAround = (outer: Declaring, inner: Declaring): boolean => {
  for (let d: Declaring | undefined = inner; d !== undefined; d = d.outer) if (d === outer) return true
  return false
}

function bare(node: Node): Node {
  return node.type === 'ParenthesizedExpression' || node.type.startsWith('TS') ? bare(node.expression) : node
}

/** The names that a list of statements declares for itself alone. */
function declaredIn(statements: readonly Node[]): string[] {
  return statements.flatMap((statement) => {
    const node = statement.declaration ?? statement
    if (node.type === 'VariableDeclaration')
      return node.kind === 'var' ? [] : node.declarations.flatMap((each: Node) => boundNames(each.id))
    if (node.type === 'ImportDeclaration') return node.specifiers.map((each: Node) => each.local.name as string)
    return (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id ? [node.id.name] : []
  })
}

/** The names that are declared by `var` in a function's body, or at the top of a module. */
export function hoisted(root: Node): string[] {
  const names: string[] = []
  walk(root, (node) => {
    if (node !== root && isFunction(node)) return false
    if (node.type === 'VariableDeclaration' && node.kind === 'var')
      for (const each of node.declarations) names.push(...boundNames(each.id))
    return undefined
  })
  return names
}
