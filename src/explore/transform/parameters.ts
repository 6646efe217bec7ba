/**
 * Parameters of functions: as they stand, or bound inside the body, where a default or a pattern may touch shared
 * memory.
 */

import { placed } from './copy.ts'
import { boundNames, childrenOf, isFunction, type Node, parametersOf, walk } from './estree.ts'
import { lowerDeclarator, needsLowering } from './pattern.ts'
import { join, type Rope } from './rope.ts'
import { freshName, type Scope } from './scope.ts'

/** Parameters that may be evaluated twice without a difference: names, rest, and literals as defaults. */
export function hasSimpleParameters(fn: Node): boolean {
  return parametersOf(fn).every(
    (each) =>
      each.type === 'Identifier' ||
      (each.type === 'RestElement' && each.argument.type === 'Identifier') ||
      (each.type === 'AssignmentPattern' && each.left.type === 'Identifier' && isConstant(each.right)),
  )
}

function isConstant(node: Node): boolean {
  if (node.type === 'Literal') return true
  if (node.type === 'UnaryExpression') return node.argument.type === 'Literal'
  if (node.type === 'ObjectExpression') return node.properties.length === 0
  return node.type === 'ArrayExpression' && node.elements.length === 0
}

/**
 * Names for a function that binds elsewhere what it is given: as many as its `length` says that it has, which are those
 * before the first rest or default.
 */
export function placeholders(fn: Node, { unit }: Scope): string[] {
  const all = parametersOf(fn)
  const at = all.findIndex(({ type }) => type === 'RestElement' || type === 'AssignmentPattern')
  return (at < 0 ? all : all.slice(0, at)).map(() => freshName(unit))
}

/** A list of parameters as it stands, `(a, b = 1)`. */
export function printParameters(fn: Node, scope: Scope): Rope {
  const printed = parametersOf(fn).map((each) => scope.unit.print(each, scope))
  return ['(', join(printed, ', '), ')']
}

/** The arguments that hand an arrow function's parameters on: `a, b, ...rest`. */
export function forwarded(fn: Node): string {
  return parametersOf(fn)
    .map((each) => (each.type === 'RestElement' ? `...${each.argument.name}` : (each.left ?? each).name))
    .join(', ')
}

/**
 * The parameters of checked text, as a list and as what the body begins with: from the first pattern on that may touch
 * shared memory they are bound there.
 */
export function checkedParameters(fn: Node, scope: Scope): { parameters: Rope; first: Rope } {
  const all = parametersOf(fn)
  const at = all.findIndex((each) => each.type !== 'TSParameterProperty' && needsLowering(stripRest(each), scope))
  const plain = { ...scope, temps: null }
  const kept = (at < 0 ? all : all.slice(0, at)).map((each) => scope.unit.print(each, plain))
  if (at < 0) return { parameters: ['(', join(kept, ', '), ')'], first: '' }
  const taken: Node[] = all.slice(at)
  const names = taken.map(() => freshName(scope.unit))
  const vars = variablesOf(fn.body)
  expectApart(fn, scope)
  const list = taken.map(({ type }, k) => {
    if (type === 'RestElement') return `...${names[k]}`
    // For the function's length.
    return type === 'AssignmentPattern' ? `${names[k]} = void 0` : names[k]
  })
  const first = taken.map((each, k) => bindParameter(each, names[k], vars, scope))
  return { parameters: ['(', join([...kept, ...list], ', '), ')'], first }
}

/** What a rest parameter binds; any other parameter itself. */
export const stripRest = (node: Node): Node => (node.type === 'RestElement' ? node.argument : node)

/** Binds parameters inside the body, where a default or a pattern may touch shared memory. */
export function takeParameters(fn: Node, list: string, scope: Scope): Rope {
  const vars = variablesOf(fn.body)
  expectApart(fn, scope)
  return parametersOf(fn).map((each, at) =>
    bindParameter(each, each.type === 'RestElement' ? `${list}.slice(${at})` : `${list}[${at}]`, vars, scope),
  )
}

/** A `var` or a function of the same name in the body means the parameter; `let` would clash with it. */
function bindParameter(parameter: Node, value: string, vars: ReadonlySet<string>, scope: Scope): Rope {
  const keyword = boundNames(parameter).some((name) => vars.has(name)) ? 'var' : 'let'
  return [`${keyword} `, lowerDeclarator(stripRest(parameter), value, scope), '; ']
}

/**
 * Parameters that are bound inside the body may not mean something else there: what a default names, or a function
 * among them sees, is never what the body declares under that name.
 */
function expectApart(fn: Node, scope: Scope): void {
  const parameters = parametersOf(fn)
  const own = new Set(parameters.flatMap((each) => boundNames(each)))
  const declared = new Set([...variablesOf(fn.body), ...declaredIn(fn.body)])
  if (declared.size === 0) return
  const look = (node: Node, closure: boolean, hidden: readonly string[]): void => {
    if (node.type === 'Identifier') {
      if (declared.has(node.name) && (closure || !own.has(node.name)) && !hidden.includes(node.name))
        throw new SyntaxError(`${placed(node, scope)}: ${node.name} is one thing here and another in the body`)
      return
    }
    const inside = closure || isFunction(node) || node.type.startsWith('Class')
    const inner = isFunction(node) ? [...hidden, ...ownOf(node)] : hidden
    for (const child of childrenOf(node)) {
      const isKey = (child === node.property || (child === node.key && child !== node.value)) && !node.computed
      if (!isKey && child.type !== 'TSTypeAnnotation') look(child, inside, inner)
    }
  }
  for (const each of parameters) look(each, false, [])
}

/** The names that a function declares. */
const ownOf = ({ params, body }: Node): string[] => [
  ...params.flatMap((each: Node) => boundNames(each)),
  ...variablesOf(body),
  ...declaredIn(body),
]

/** The names that a function body declares for itself alone. */
function declaredIn(body: Node): string[] {
  if (body.type !== 'BlockStatement') return []
  return body.body.flatMap((each: Node) => {
    if (each.type === 'VariableDeclaration') return each.declarations.flatMap(({ id }: Node) => boundNames(id))
    return each.type === 'ClassDeclaration' && each.id ? [each.id.name] : []
  })
}

/** The names that a function body declares by `var` or as functions. */
function variablesOf(body: Node): ReadonlySet<string> {
  const names = new Set<string>()
  if (body.type === 'BlockStatement')
    for (const each of body.body as Node[]) if (each.type === 'FunctionDeclaration') names.add(each.id.name)
  walk(body, (node) => {
    if (isFunction(node)) return false
    if (node.type === 'VariableDeclaration' && node.kind === 'var') {
      for (const each of node.declarations) for (const name of boundNames(each.id)) names.add(name)
    }
    return undefined
  })
  return names
}
