/**
 * The printer: one case per kind of node that isn't copied as it stands.
 *
 * What has no case here is copied from the source, its children printed in their places. Types vanish on the
 * way; statements that ended without a semicolon get one, since generated text likes to begin with a bracket.
 */

import { RANGE_READ } from './runtime.ts'
import { assignElement, isAccessor, isElement, readAccessor, readElement, updateElement } from './transform-access.ts'
import { printCall, printChain, printCheckedCall, printNew, printTagged, see } from './transform-call.ts'
import { printClass, printObjectMember, seeIterated } from './transform-class.ts'
import { bare, childrenOf, isFunction, type Node } from './transform-estree.ts'
import { printBlock, printFunctionDeclaration, printFunctionExpression, printTwin } from './transform-function.ts'
import { lowerAssignment, needsLowering, printNamed } from './transform-pattern.ts'
import { placeOf, type Rope } from './transform-rope.ts'
import { ask, hold, named, privateTwin, type Scope, site } from './transform-scope.ts'
import { printCatch, printDeclaration, printForOf } from './transform-statement.ts'

/** Statements that end where a semicolon may have been left out. */
const endsInSemicolon = new Set([
  'ExpressionStatement',
  'ReturnStatement',
  'ThrowStatement',
  'BreakStatement',
  'ContinueStatement',
  'DebuggerStatement',
])

/** Prints a node: the function every other printer comes back to. */
export function print(node: Node, scope: Scope): Rope {
  const printed =
    (scope.mode === 'twin' ? printInTwin(node, scope) : undefined) ??
    (scope.mode === 'checked' ? printInChecked(node, scope) : undefined) ??
    printAnywhere(node, scope) ??
    copy(node, scope)
  if (node.type === 'VariableDeclaration') return node.inHead ? printed : [printed, ';']
  return endsInSemicolon.has(node.type) && scope.unit.code[node.end - 1] !== ';' ? [printed, ';'] : printed
}

/** Copies the source text of a node, printing its children in their places. */
export function copy(node: Node, scope: Scope): Rope {
  const parts: Rope[] = []
  let at = node.start
  for (const child of childrenOf(node)) {
    if (child.start < at) continue
    parts.push({ from: at, to: child.start }, print(child, scope))
    at = child.end
  }
  parts.push({ from: at, to: node.end })
  return parts
}

/** Nodes printed the same way in all modes. */
function printAnywhere(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  switch (node.type) {
    case 'Generated':
      return node.rope
    case 'Identifier':
      if (node.name === 'arguments') return scope.args === 'arguments' ? copyName(node) : scope.args
      return copyName(node)
    case 'ThisExpression':
      return scope.self
    case 'MetaProperty':
      return node.meta.name === 'new' ? scope.target : undefined
    case 'MemberExpression':
      return printMember(node, scope)
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return printFunctionDeclaration(node, scope)
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return printFunctionExpression(node, scope)
    case 'ClassDeclaration':
    case 'ClassExpression':
      return printClass(node, scope)
    case 'ObjectExpression':
      return withGetters(node, scope, scope.mode === 'twin' ? printObject(node, scope) : copy(node, scope))
    case 'Property':
      return scope.mode === 'plain' && !isFunction(bare(node.value)) && !node.shorthand
        ? undefined
        : printProperty(node, scope)
    case 'BlockStatement':
      return printBlock(node, scope)
    case 'VariableDeclaration':
      return node.declare ? '' : printDeclaration(node, scope)
    case 'AssignmentPattern':
      return [print(node.left, scope), ' = ', printNamed(node.right, node.left.name, scope)]
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      return copy(withHead(node), scope)
    case 'AssignmentExpression':
      if (node.operator === '=' && bare(node.left).type === 'Identifier') {
        return [print(node.left, scope), ' = ', printNamed(node.right, bare(node.left).name, scope)]
      }
      return undefined
    case 'ArrayPattern':
    case 'ObjectPattern': {
      const end = node.typeAnnotation ? node.typeAnnotation.start : node.end
      return copy({ ...node, end, typeAnnotation: null, decorators: [] } as Node, scope)
    }
    case 'RestElement':
      return ['...', print(node.argument, scope)]
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSInstantiationExpression':
      return print(node.expression, scope)
    case 'TSTypeAssertion':
      return print(node.expression, scope)
    case 'CallExpression':
      return printRequire(node, scope)
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
      return ''
    case 'TSTypeAnnotation':
    case 'TSTypeParameterInstantiation':
    case 'TSTypeParameterDeclaration':
      return ''
    case 'TSParameterProperty':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
    case 'TSImportEqualsDeclaration':
    case 'TSExportAssignment':
      if (node.declare) return ''
      throw new SyntaxError(`${placed(node, scope)}: ${node.type} is not erasable TypeScript`)
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return printModuleLink(node, scope)
    case 'ImportExpression':
      if (node.source.type !== 'Literal') return undefined
      return [`import(${JSON.stringify(unit.specifier(node.source.value))})`]
    case 'ExportDefaultDeclaration':
      if (node.declaration.type === 'TSInterfaceDeclaration') return ''
      if (isFunction(node.declaration) && node.declaration.type !== 'ArrowFunctionExpression' && node.declaration.id) {
        return ['export default ', print(node.declaration, scope)]
      }
      if (/^(Class|TSDeclare)/.test(node.declaration.type)) return undefined
      return ['export default ', printNamed(node.declaration, 'default', scope), ';']
  }
  return undefined
}

/** `file:line:column` of a node. */
function placed(node: Node, { unit }: Scope): string {
  const { line, column } = placeOf(unit.lines, node.start)
  return `${unit.file}:${line + 1}:${column + 1}`
}

/** `require('./x.js')`, if imports are rewritten. */
function printRequire(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const [source] = node.arguments as Node[]
  const known =
    node.callee.type === 'Identifier' && node.callee.name === 'require' && !unit.names.declared.has('require')
  if (!known || typeof source?.value !== 'string') return undefined
  return `require(${JSON.stringify(unit.specifier(source.value))})`
}

function copyName(node: Node): Rope {
  return { from: node.start, to: node.start + node.name.length }
}

/** A declaration in the head of a loop has no semicolon of its own. */
function withHead(node: Node): Node {
  const field = node.type === 'ForStatement' ? 'init' : 'left'
  return node[field]?.type === 'VariableDeclaration'
    ? ({ ...node, [field]: { ...node[field], inHead: true } } as Node)
    : node
}

function printMember(node: Node, scope: Scope): Rope | undefined {
  if (node.object.type === 'Super' && scope.parent !== 'super') {
    const key = node.computed ? print(node.property, scope) : `'${node.property.name}'`
    return [`${scope.parent}(`, key, ')']
  }
  if (node.computed) return undefined
  const { unit } = scope
  const { object, property } = node
  if (unit.url !== undefined && object.type === 'MetaProperty' && property.name === 'url')
    return JSON.stringify(unit.url)
  if (object.type === 'Generated') return [object.rope, `.${property.name}`]
  return [print(object, scope), { from: object.end, to: node.end }]
}

function printProperty(node: Node, scope: Scope): Rope | undefined {
  // In a pattern the value is a target, in an object an expression; only the latter has methods and names.
  if (/Pattern$/.test(node.value.type)) {
    if (node.shorthand) return print(node.value, scope)
    return undefined
  }
  return printObjectMember(node, scope)
}

/** Imports and exports, without those of types. */
function printModuleLink(node: Node, scope: Scope): Rope {
  const { code } = scope.unit
  if (node.importKind === 'type' || node.exportKind === 'type') return ''
  if (node.declaration) {
    const printed = print(node.declaration, scope)
    return printed === '' ? '' : ['export ', printed]
  }
  const source = node.source ? JSON.stringify(scope.unit.specifier(node.source.value)) : ''
  const from = node.source ? ` from ${source}` : ''
  const whole = (): Rope => {
    const end = code[node.end - 1] === ';' ? '' : ';'
    if (!node.source) return [{ from: node.start, to: node.end }, end]
    return [{ from: node.start, to: node.source.start }, source, { from: node.source.end, to: node.end }, end]
  }
  if (!node.specifiers || (node.type === 'ImportDeclaration' && node.specifiers.length === 0)) return whole()
  const kept = node.specifiers.filter((each: Node) => each.importKind !== 'type' && each.exportKind !== 'type')
  if (kept.length === 0) return node.source ? `import ${source};` : 'export {};'
  if (kept.length === node.specifiers.length) return whole()
  const text = (each: Node): string => code.slice(each.start, each.end)
  const braces = kept.filter((each: Node) => each.type === 'ImportSpecifier' || each.type === 'ExportSpecifier')
  const others = kept.filter((each: Node) => !braces.includes(each)).map(text)
  if (braces.length > 0) others.push(`{ ${braces.map(text).join(', ')} }`)
  return `${node.type === 'ImportDeclaration' ? 'import' : 'export'} ${others.join(', ')}${from};`
}

/** Nodes that a twin prints in a way of its own. */
function printInTwin(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  const n = named(unit, 'n')
  switch (node.type) {
    case 'MemberExpression':
      if (isElement(node)) return readElement(node, scope)
      if (node.property.type === 'PrivateIdentifier' && privateTwin(unit, node.property.name)) {
        const object = hold(print(node.object, scope), scope)
        const method = `${object.ref}.#${node.property.name}`
        return ['(', object.before, `${n}.pair(${method}, ${method}${named(unit, 'twin')}))`]
      }
      return isAccessor(node, scope) ? readAccessor(node, scope) : undefined
    case 'AssignmentExpression': {
      const left = bare(node.left)
      if (isElement(left)) return assignElement(node, scope, () => print(node.right, scope))
      if (/Pattern$/.test(left.type)) {
        if (needsLowering(left, scope)) return lowerAssignment(left, print(node.right, scope), scope)
        return ['(', print(left, scope), ' = ', print(node.right, scope), ')']
      }
      if (left.type === 'MemberExpression' && left.object.type !== 'Super') {
        // Printed as a target: an accessor on the left is a setter, not a getter.
        return [target(left, scope), ` ${node.operator} `, print(node.right, scope)]
      }
      return undefined
    }
    case 'UpdateExpression': {
      const argument = bare(node.argument)
      if (isElement(argument)) return updateElement(node, scope)
      if (argument.type !== 'MemberExpression') return undefined
      return node.prefix ? [node.operator, target(argument, scope)] : [target(argument, scope), node.operator]
    }
    case 'UnaryExpression': {
      const argument = bare(node.argument)
      if (node.operator !== 'delete') return undefined
      if (argument.type === 'ChainExpression') {
        throw new SyntaxError(`${placed(node, scope)}: delete of an optional chain is not supported in explored code`)
      }
      if (argument.type !== 'MemberExpression') return undefined
      return ['delete ', target(argument, scope)]
    }
    case 'CallExpression':
      return printCall(node, scope)
    case 'ChainExpression':
      return printChain(node, scope)
    case 'NewExpression':
      return printNew(node, scope)
    case 'TaggedTemplateExpression':
      return printTagged(node, scope)
    case 'SpreadElement': {
      const value = hold(print(node.argument, scope), scope)
      const at = site(unit, node, 'spread')
      return [
        '...(',
        value.before,
        `${n}.spreads(${value.ref}) ? ${value.ref} : yield* ${n}.spread(${at}, ${value.ref}))`,
      ]
    }
    case 'YieldExpression':
      return printYield(node, scope)
    case 'ForOfStatement':
      return printForOf(node, '', scope)
    case 'LabeledStatement': {
      let inner = node
      let labels = ''
      while (inner.type === 'LabeledStatement') {
        labels += `${inner.label.name}: `
        inner = inner.body
      }
      return inner.type === 'ForOfStatement' ? printForOf(inner, labels, scope) : undefined
    }
    case 'CatchClause':
      return printCatch(node, scope)
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return undefined
  }
  return undefined
}

/** A member as the target of an assignment or of `delete`. */
function target(node: Node, scope: Scope): Rope {
  if (node.object.type === 'Super') return print(node, scope)
  if (!node.computed && node.object.type === 'Generated') return printMember(node, scope)!
  const property = node.computed ? ['[', print(node.property, scope), ']'] : { from: node.object.end, to: node.end }
  return [print(node.object, scope), property]
}

function printObject(node: Node, scope: Scope): Rope {
  const parts: Rope[] = []
  let at = node.start
  for (const property of node.properties as Node[]) {
    parts.push({ from: at, to: property.start })
    if (property.type === 'SpreadElement') {
      const value = hold(print(property.argument, scope), scope)
      const view = `${named(scope.unit, 'n')}.shared(${value.ref})`
      const read = ask(scope, RANGE_READ, site(scope.unit, property, 'spread'), value.ref, '0', `${value.ref}.length`)
      parts.push('...(', value.before, `${view} && (${read}), ${value.ref})`)
    } else parts.push(print(property, scope))
    at = property.end
  }
  parts.push({ from: at, to: node.end })
  return parts
}

/** Links the getters of an object literal to their twins. */
function withGetters(node: Node, scope: Scope, object: Rope): Rope {
  const getters = node.properties.filter((each: Node) => hasGetterTwin(each, scope))
  if (getters.length === 0) return object
  const twins = getters.map((each: Node) => [
    { from: each.key.start, to: each.key.end },
    ': function*',
    printTwin(each.value, scope, false),
    ', ',
  ])
  return [`${named(scope.unit, 'n')}.getters(`, object, ', { ', twins, '})']
}

function hasGetterTwin(property: Node, scope: Scope): boolean {
  if (property.type !== 'Property' || property.kind !== 'get' || property.computed) return false
  const { start, end } = property.value as Node
  return !/\bsuper\b/.test(scope.unit.code.slice(start, end))
}

function printYield(node: Node, scope: Scope): Rope {
  const n = named(scope.unit, 'n')
  const value = node.argument ? print(node.argument, scope) : 'undefined'
  if (node.delegate) return [`(yield* ${n}.delegate(${site(scope.unit, node, 'iterate')}, `, value, '))']
  return [`(yield new ${n}.Yielded(`, value, '))']
}

/** Nodes that checked text prints in a way of its own: every native access to elements is looked at. */
function printInChecked(node: Node, scope: Scope): Rope | undefined {
  switch (node.type) {
    case 'MemberExpression':
      if (!isElement(node)) return undefined
      return [
        see(scope, site(scope.unit, node, 'access'), print(node.object, scope)),
        node.optional ? '?.' : '',
        '[',
        print(node.property, scope),
        ']',
      ]
    case 'CallExpression':
      return printCheckedCall(node, scope)
    case 'ChainExpression':
      return scope.temps ? printChain(node, scope) : undefined
    case 'NewExpression':
      return printNew(node, scope)
    case 'ForOfStatement':
      if (node.await) return undefined
      return copy(
        {
          ...withHead(node),
          right: {
            type: 'Generated',
            start: node.right.start,
            end: node.right.end,
            rope: seeIterated(node.right, scope),
          },
        } as Node,
        scope,
      )
    case 'SpreadElement':
      return ['...', seeIterated(node.argument, scope)]
    case 'YieldExpression':
      return node.delegate ? ['yield* ', seeIterated(node.argument, scope)] : undefined
    case 'VariableDeclarator':
    case 'AssignmentExpression': {
      const [left, right] = node.type === 'AssignmentExpression' ? [node.left, node.right] : [node.id, node.init]
      if (!right || left.type !== 'ArrayPattern') return undefined
      return [print(left, scope), ' = ', seeIterated(right, scope)]
    }
  }
  return undefined
}
