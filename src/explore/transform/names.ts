/**
 * What a module's names mean, as far as the transform needs to know.
 *
 * No scope analysis: a name counts as known only when it is declared once in the whole file. That is true of
 * nearly every function and import in real code, and where it is not, the twin finds out at run time.
 */

import { bare, boundNames, childrenOf, isFunction, type Node } from './estree.ts'

export interface Names {
  /** How often each name is declared, anywhere in the file. */
  readonly declared: ReadonlyMap<string, number>
  /** The names that something assigns to after their declaration. */
  readonly assigned: ReadonlySet<string>
  /** The functions declared at the top of the module, by name. */
  readonly functions: ReadonlyMap<string, Node>
  /** The names of getters and setters defined in this file. */
  readonly accessors: ReadonlySet<string>
  /** The names of methods defined in this file. */
  readonly methods: ReadonlySet<string>
  /** Local name to what it was imported as. */
  readonly imports: ReadonlyMap<string, { source: string; imported: string }>
  /** Names that stand for the global `Atomics`. */
  readonly atomics: ReadonlySet<string>
  /** Names that stand for one function of it: `const { load } = Atomics`. */
  readonly atomicFunctions: ReadonlyMap<string, string>
}

/** What one walk over the program finds. */
interface Found {
  readonly declared: Map<string, number>
  readonly assigned: Set<string>
  readonly accessors: Set<string>
  readonly methods: Set<string>
  readonly imports: Map<string, { source: string; imported: string }>
}

/** Reads the names of a program. */
export function namesOf(program: Node): Names {
  const found: Found = {
    declared: new Map(),
    assigned: new Set(),
    accessors: new Set(),
    methods: new Set(),
    imports: new Map(),
  }
  const visit = (node: Node): void => {
    note(node, found)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(program)

  const functions = new Map<string, Node>()
  for (const statement of program.body) {
    const declaration = statement.declaration ?? statement
    if (declaration.type === 'FunctionDeclaration' && declaration.id && declaration.body) {
      functions.set(declaration.id.name, declaration)
    }
  }
  return { ...found, functions, ...aliasesOf(program, found.declared, found.assigned) }
}

function declare(name: string, { declared }: Found): void {
  declared.set(name, (declared.get(name) ?? 0) + 1)
}

function assign(target: Node, found: Found): void {
  const node = bare(target)
  if (node.type === 'Identifier') found.assigned.add(node.name)
  else if (node.type === 'AssignmentPattern') assign(node.left, found)
  else if (node.type === 'RestElement') assign(node.argument, found)
  else if (node.type === 'ArrayPattern') for (const element of node.elements) element && assign(element, found)
  else if (node.type === 'ObjectPattern') for (const each of node.properties) assign(each.value ?? each, found)
}

/** Stands for the accessors whose name is computed: where there are any, computed names are looked at. */
const COMPUTED = '[computed]'

/** Stands for proxies: where there are any, every member may be an accessor. */
const PROXIES = '[proxy]'

/** Stands for objects that say themselves what they stand for, or whose instance something is. */
const ASKED = '[asked]'

/** Names under which objects say so. */
const ANSWERS = new Set(['valueOf', 'toString', 'toPrimitive', 'toStringTag', 'hasInstance'])

/** The symbols by which natives ask for more. */
const SYMBOLS = new Set([
  ...ANSWERS,
  ...['isConcatSpreadable', 'match', 'matchAll', 'replace', 'search', 'split', 'species'],
])

/** May an object be asked by an operator, or by a native, for what it stands for? */
export function mayBeAsked({ accessors }: Names): boolean {
  return accessors.has(ASKED) || accessors.has(PROXIES)
}

/** May a member be an accessor, whatever its name? */
export const mayBeAnyAccessor = ({ accessors }: Names): boolean => accessors.size > (accessors.has(ASKED) ? 1 : 0)

/** Accessors of ports, and of workers and global objects of browsers, whatever stands in the file. */
const HANDLERS: ReadonlySet<string> = new Set([
  ...['onabort', 'onmessage', 'onmessageerror', 'onerror', 'onunhandledrejection', 'onrejectionhandled'],
])

/** May a member of this name be an accessor? */
export function mayBeAccessor({ accessors }: Names, name: string): boolean {
  return accessors.has(name) || accessors.has(PROXIES) || HANDLERS.has(name)
}

/** May anything be a proxy? */
export const mayBeProxy = ({ accessors }: Names): boolean => accessors.has(PROXIES)

/** `{ get: ..., set: ... }`, by which the property before it may be defined. */
function isDescriptor(node: Node | null): boolean {
  return (
    node?.type === 'ObjectExpression' &&
    node.properties.some(({ key, computed }: Node) => !computed && (key?.name === 'get' || key?.name === 'set'))
  )
}

/** `Proxy.revocable(...)` */
export function isRevocable(node: Node): boolean {
  const callee = bare(node.callee)
  return (
    callee.type === 'MemberExpression' && bare(callee.object).name === 'Proxy' && callee.property.name === 'revocable'
  )
}

/** The names that a node itself declares, assigns, imports or gives to a member. */
function note(node: Node, found: Found): void {
  if (isFunction(node)) {
    if (node.id) declare(node.id.name, found)
    for (const parameter of node.params) for (const name of boundNames(parameter)) declare(name, found)
  }
  switch (node.type) {
    case 'VariableDeclaration':
      for (const each of node.declarations) {
        for (const name of boundNames(each.id)) {
          declare(name, found)
          // A `let` without a value gets it later; treat that as an assignment.
          if (node.kind !== 'const' && !each.init) found.assigned.add(name)
        }
      }
      break
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'TSEnumDeclaration':
      if (node.id) declare(node.id.name, found)
      break
    case 'CatchClause':
      if (node.param) for (const name of boundNames(node.param)) declare(name, found)
      break
    case 'ImportDeclaration':
      for (const each of node.specifiers) {
        declare(each.local.name, found)
        const imported = each.imported?.name ?? each.imported?.value
        found.imports.set(each.local.name, {
          source: node.source.value,
          imported: imported ?? (each.type === 'ImportDefaultSpecifier' ? 'default' : '*'),
        })
      }
      break
    case 'AssignmentExpression':
      assign(node.left, found)
      if (ANSWERS.has(bare(node.left).property?.name)) found.accessors.add(ASKED)
      break
    case 'MemberExpression':
      if (bare(node.object).name === 'Symbol' && SYMBOLS.has(node.property.name)) found.accessors.add(ASKED)
      break
    case 'Literal':
      if (ANSWERS.has(node.value)) found.accessors.add(ASKED)
      break
    case 'UpdateExpression':
      assign(node.argument, found)
      break
    case 'ForOfStatement':
    case 'ForInStatement':
      if (node.left.type !== 'VariableDeclaration') assign(node.left, found)
      break
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      if (!node.computed) {
        const name = node.key.name ?? String(node.key.value)
        if (ANSWERS.has(name)) found.accessors.add(ASKED)
        if (node.kind === 'get' || node.kind === 'set') found.accessors.add(name)
        else if (node.kind === 'method' || node.method) found.methods.add(name)
        if (isDescriptor(node.value)) found.accessors.add(name)
      } else if (node.kind === 'get' || node.kind === 'set')
        found.accessors.add(node.key.type === 'Literal' ? String(node.key.value) : COMPUTED)
      break
    case 'NewExpression':
      if (bare(node.callee).name === 'Proxy') found.accessors.add(PROXIES)
      break
    case 'CallExpression':
      if (isRevocable(node)) found.accessors.add(PROXIES)
      for (const [at, argument] of node.arguments.entries()) {
        const before = node.arguments[at - 1]
        if (!isDescriptor(argument)) continue
        found.accessors.add(before?.type === 'Literal' ? String(before.value) : COMPUTED)
      }
      break
  }
}

/** The names under which a module keeps `Atomics`, or single functions of it, in constants of its own. */
function aliasesOf(program: Node, declared: ReadonlyMap<string, number>, assigned: ReadonlySet<string>) {
  const atomics = new Set<string>()
  const atomicFunctions = new Map<string, string>()
  if (declared.has('Atomics')) return { atomics, atomicFunctions }
  atomics.add('Atomics')
  const known = (name: string): boolean => declared.get(name) === 1 && !assigned.has(name)
  for (const statement of program.body) {
    const declaration = statement.declaration ?? statement
    if (declaration.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue
    for (const { id, init } of declaration.declarations) {
      if (!init) continue
      const value = bare(init)
      if (value.type === 'Identifier' && atomics.has(value.name)) {
        if (id.type === 'Identifier' && known(id.name)) atomics.add(id.name)
        if (id.type === 'ObjectPattern') {
          for (const { key, value: local, computed } of id.properties) {
            if (key && !computed && local.type === 'Identifier' && known(local.name)) {
              atomicFunctions.set(local.name, key.name)
            }
          }
        }
      } else if (value.type === 'MemberExpression' && !value.computed && id.type === 'Identifier' && known(id.name)) {
        if (value.object.type === 'Identifier' && atomics.has(value.object.name)) {
          atomicFunctions.set(id.name, value.property.name)
        }
      }
    }
  }
  return { atomics, atomicFunctions }
}

/** Is it certain that the name always has the value it was declared with? */
export function isStable(names: Names, name: string): boolean {
  return names.declared.has(name) && !names.assigned.has(name)
}

/** TypeScript's nodes that hold an expression and not a type. */
const expressions = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
])

/** The names that stand anywhere as a value. */
export function valuesOf(program: Node): ReadonlySet<string> {
  const values = new Set<string>()
  const visit = (node: Node): void => {
    if (node.type === 'ImportDeclaration') return
    if (node.type === 'Identifier') values.add(node.name)
    if (expressions.has(node.type)) visit(node.expression)
    else if (!node.type.startsWith('TS')) for (const child of childrenOf(node)) visit(child)
  }
  visit(program)
  return values
}
