/**
 * Where each variable of a module is declared, and every place that names it.
 *
 * Needed to tell what a turn of a loop changes (heads.ts): variables of its own function are compared from head to
 * head,
 * everything else that is assigned to counts as a change.
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
}

/** Reads the variables of a module. */
export function variablesIn(program: Node): Variables {
  const all: Loop[] = []
  const outward = new Set<number>()
  const inside: Node[] = []
  let loops: Loop[] = []

  const declaring = (outer: Declaring | undefined, fn: Node | undefined, names: Iterable<string>): Declaring => {
    const at: Declaring = { outer, fn, variables: new Map() }
    for (const name of names) at.variables.set(name, { name, at, mentions: [] })
    return at
  }
  const find = (at: Declaring, name: string): Variable | undefined => {
    for (let d: Declaring | undefined = at; d !== undefined; d = d.outer) {
      const variable = d.variables.get(name)
      if (variable !== undefined) return variable
    }
    return undefined
  }
  const mention = (node: Node, at: Declaring, assigned: Mention['assigned']) => {
    const variable = find(at, node.name)
    variable?.mentions.push({ node, inside: [...inside], loops, fn: at.fn, assigned })
    if (assigned === 'no') return
    if (variable === undefined || variable.at.fn !== at.fn) outward.add(inside.at(-1)!.start)
    else for (const loop of loops) if (isAround(variable.at, loop.at)) loop.assigned.add(variable)
  }
  /** What is assigned to. `by` is the assignment. */
  const target = (node: Node, at: Declaring, by: Node, assigned: 'anew' | 'changed') => {
    if (node.type === 'Identifier') mention(node, at, assigned)
    else if (node.type === 'AssignmentPattern') {
      target(node.left, at, by, assigned)
      visit(node.right, at)
    } else if (node.type === 'RestElement') target(node.argument, at, by, assigned)
    else if (node.type === 'ArrayPattern') for (const each of node.elements) each && target(each, at, by, assigned)
    else if (node.type === 'ObjectPattern') {
      for (const each of node.properties) {
        if (each.computed) visit(each.key, at)
        target(each.value ?? each, at, by, assigned)
      }
    } else {
      outward.add(by.start)
      visit(node, at)
    }
  }
  const children = (node: Node, at: Declaring) => {
    for (const child of childrenOf(node)) visit(child, at)
  }
  const body = (node: Node, at: Declaring) => {
    const before = loops
    loops = []
    visit(node, at)
    loops = before
  }
  const turns = (node: Node, at: Declaring) => {
    if (node.init) visit(node.init, at)
    const loop: Loop = { node, at, assigned: new Set() }
    all.push(loop)
    const before = loops
    loops = [...loops, loop]
    for (const each of node.type === 'DoWhileStatement' ? [node.body, node.test] : [node.test, node.body, node.update])
      if (each) visit(each, at)
    loops = before
  }
  const visit = (node: Node, at: Declaring): void => {
    inside.push(node)
    look(node, at)
    inside.pop()
  }
  const look = (node: Node, at: Declaring): void => {
    if (isFunction(node)) {
      const own = node.type === 'FunctionExpression' && node.id ? [node.id.name] : []
      const names = [...own, 'arguments', ...node.params.flatMap((each: Node) => boundNames(each))]
      if (node.body)
        names.push(...hoisted(node.body), ...(node.body.type === 'BlockStatement' ? declaredIn(node.body.body) : []))
      const inner = declaring(at, node, names)
      for (const each of node.params as Node[]) if (each.type !== 'Identifier') target(each, inner, node, 'anew')
      if (node.body) body(node.body, inner)
      return
    }
    switch (node.type) {
      case 'Identifier':
        mention(node, at, 'no')
        return
      case 'MemberExpression':
        visit(node.object, at)
        if (node.computed) visit(node.property, at)
        return
      case 'Property':
      case 'MethodDefinition':
        if (node.computed) visit(node.key, at)
        visit(node.value, at)
        return
      case 'PropertyDefinition':
        if (node.computed) visit(node.key, at)
        if (node.value) body(node.value, declaring(at, node, []))
        return
      case 'StaticBlock': {
        const inner = declaring(at, node, [...hoisted(node), ...declaredIn(node.body)])
        for (const each of node.body) body(each, inner)
        return
      }
      case 'BlockStatement':
        children(node, declaring(at, at.fn, declaredIn(node.body)))
        return
      case 'SwitchStatement':
        children(node, declaring(at, at.fn, declaredIn(node.cases.flatMap((each: Node) => each.consequent))))
        return
      case 'CatchClause':
        children(node, declaring(at, at.fn, node.param ? boundNames(node.param) : []))
        return
      case 'ForStatement':
        turns(node, declaring(at, at.fn, node.init ? declaredIn([node.init]) : []))
        return
      case 'WhileStatement':
      case 'DoWhileStatement':
        turns(node, at)
        return
      case 'ForOfStatement':
      case 'ForInStatement': {
        const inner = declaring(at, at.fn, declaredIn([node.left]))
        if (node.left.type === 'VariableDeclaration') target(node.left.declarations[0].id, inner, node, 'anew')
        else target(bare(node.left), inner, node, 'anew')
        visit(node.right, inner)
        visit(node.body, inner)
        return
      }
      case 'VariableDeclarator':
        if (node.init || node.id.type !== 'Identifier') {
          target(node.id, at, node, 'anew')
          if (node.init) visit(node.init, at)
        }
        return
      case 'AssignmentExpression':
        target(bare(node.left), at, node, node.operator === '=' ? 'anew' : 'changed')
        visit(node.right, at)
        return
      case 'UpdateExpression':
        target(bare(node.argument), at, node, 'changed')
        return
      case 'UnaryExpression':
        if (node.operator === 'delete') outward.add(node.start)
        break
      case 'LabeledStatement':
        visit(node.body, at)
        return
      case 'BreakStatement':
      case 'ContinueStatement':
        return
    }
    children(node, at)
  }
  children(program, declaring(undefined, undefined, [...hoisted(program), ...declaredIn(program.body)]))
  return { loops: all, outward }
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
function hoisted(root: Node): string[] {
  const names: string[] = []
  walk(root, (node) => {
    if (node !== root && isFunction(node)) return false
    if (node.type === 'VariableDeclaration' && node.kind === 'var')
      for (const each of node.declarations) names.push(...boundNames(each.id))
    return undefined
  })
  return names
}
