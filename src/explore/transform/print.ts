/**
 * The printer: one case per kind of node that isn't copied as it stands.
 *
 * What has no case here is copied from the source, its children printed in their places. Types vanish on the
 * way; statements that ended without a semicolon get one, since generated text likes to begin with a bracket.
 */

import { isElement } from './access.ts'
import { printBlock } from './body.ts'
import { printNewBuffer, printNewProxy, printRevocable } from './call.ts'
import { printInChecked } from './checked.ts'
import { printClass, printObjectMember } from './class.ts'
import { NeedsCompiler } from './compiled.ts'
import { copy, placed, withHead } from './copy.ts'
import { bare, isFunction, type Node } from './estree.ts'
import { printFunctionDeclaration, printFunctionExpression } from './function.ts'
import { assigningHead, defaultName, printMadeVariables } from './instance.ts'
import { printLiteral } from './literal.ts'
import { countedBody, printCountedLoop } from './loops.ts'
import { printModuleLink } from './module.ts'
import { printDefaultValue, printNamed } from './pattern.ts'
import { begins, type Rope } from './rope.ts'
import { isOwn, named, ownName, type Scope, site } from './scope.ts'
import { printCatch, printDeclaration, printNames } from './statement.ts'
import { DEFAULT } from './tops.ts'
import { printInTwin } from './twin.ts'

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
  const text =
    (scope.mode === 'twin' ? printInTwin(node, scope) : undefined) ??
    (scope.mode === 'checked' ? printInChecked(node, scope) : undefined) ??
    printAnywhere(node, scope) ??
    copy(node, scope)
  const printed: Rope = changesOutside(node, scope) ? [`(${named(scope.unit, 'e')}.changes++, `, text, ')'] : text
  const needsEnd = node.type === 'VariableDeclaration' ? !node.inHead : endsInSemicolon.has(node.type)
  const ended: Rope =
    needsEnd && (node.type === 'VariableDeclaration' || scope.unit.code[node.end - 1] !== ';')
      ? [printed, ';']
      : printed
  if (ended === '') return ''
  if (scope.mode === 'twin') return { again: ended }
  return node.type === 'Generated' ? ended : [begins(node), ended]
}

const CHANGES = new Set(['AssignmentExpression', 'UpdateExpression', 'UnaryExpression'])

/** Whether a twin changes something private there that is no variable of its own. Elements are told by themselves. */
function changesOutside(node: Node, scope: Scope): boolean {
  if (scope.mode !== 'twin' || !CHANGES.has(node.type) || !scope.unit.outward.has(node.start)) return false
  return node.type === 'UnaryExpression' || !isElement(bare(node.left ?? node.argument))
}

/** Nodes printed the same way in all modes. */
function printAnywhere(node: Node, scope: Scope): Rope | undefined {
  const { unit } = scope
  switch (node.type) {
    case 'Generated':
      return node.rope
    case 'Identifier':
      if (isOwn(node, scope)) return ownName(node.name, unit)
      if (node.name === 'arguments') return scope.args === 'arguments' ? copyName(node) : scope.args
      return copyName(node)
    case 'ThisExpression':
      return scope.self
    case 'MetaProperty':
      return node.meta.name === 'new' ? scope.target : undefined
    case 'CatchClause':
      return printCatch(node, scope)
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
      return printLiteral(node, scope)
    case 'Property':
      return scope.mode === 'plain' && !isFunction(bare(node.value)) && !node.shorthand
        ? undefined
        : printProperty(node, scope)
    case 'BlockStatement':
      return printBlock(node, scope)
    case 'VariableDeclaration':
      if (node.declare) return ''
      // A twin can't do it: in it, an async function is a generator.
      if (/using$/.test(node.kind)) throw new NeedsCompiler(`${placed(node, scope)}: ${node.kind} needs a compiler`)
      return printMadeVariables(node, scope) ?? printDeclaration(node, scope)
    case 'AssignmentPattern':
      return [print(node.left, scope), ' = ', printNamed(node.right, node.left.name, scope)]
    case 'ForInStatement':
      return printForIn(node, scope)
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
      return printCountedLoop(node, scope)
    case 'ForOfStatement':
      return copy({ ...withHead(node), body: countedBody(node, scope) } as Node, scope)
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
    case 'NewExpression':
      return printNewBuffer(node, scope) ?? printNewProxy(node, scope)
    case 'CallExpression':
      return printRevocable(node, scope)
    case 'ThrowStatement':
      return printThrow(node, scope)
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return printModuleLink(node, scope)
    case 'ImportExpression':
      if (node.source.type !== 'Literal') return undefined
      return [
        { from: node.start, to: node.source.start },
        JSON.stringify(unit.specifier(node.source.value, true)),
        { from: node.source.end, to: node.end },
      ]
    case 'ExportDefaultDeclaration':
      return printDefault(node.declaration, scope)
  }
  return printTypes(node, scope)
}

/** For-in whose head stays as it is. */
function printForIn(node: Node, scope: Scope): Rope {
  const { left } = assigningHead(node, scope)
  // What is assigned to stands in place of the whole declaration.
  const whole =
    left === node.left
      ? withHead(node)
      : ({ ...node, left: { ...node.left, type: 'Generated', rope: print(left, scope) } } as Node)
  if (scope.mode !== 'twin' || !scope.unit.outward.has(node.start)) return copy(whole, scope)
  return copy({ ...whole, right: { ...node.right, type: 'Generated', rope: printNames(node, scope) } }, scope)
}

/** `export default`, which names what has no name. */
function printDefault(exported: Node, scope: Scope): Rope | undefined {
  if (exported.type === 'TSInterfaceDeclaration') return ''
  if (isFunction(exported) && exported.type !== 'ArrowFunctionExpression' && exported.id) {
    return ['export default ', print(exported, scope)]
  }
  if (scope.unit.own.names.has(DEFAULT)) {
    const name = defaultName(scope.unit)
    return [`let ${name} = `, printDefaultValue(exported, scope), `; export { ${name} as default };`]
  }
  if (/^(Class|TSDeclare)/.test(exported.type)) return undefined
  return ['export default ', printNamed(exported, 'default', scope), ';']
}

/** What only TypeScript and JSX have: erased, or refused where it means something at run time. */
function printTypes(node: Node, scope: Scope): Rope | undefined {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSInstantiationExpression':
      return print(node.expression, scope)
    case 'TSTypeAssertion':
      return print(node.expression, scope)
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
    case 'JSXElement':
    case 'JSXFragment':
      if (node.declare) return ''
      throw new NeedsCompiler(`${placed(node, scope)}: ${node.type} needs a compiler`)
  }
  return undefined
}

/** A finding that a thread threw something stands where it did. */
function printThrow(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const end = unit.code[node.end - 1] === ';' ? ');' : ')'
  return [`throw ${named(unit, 'e')}.thrown(${site(unit, node, 'throw')}, (`, print(node.argument, scope), ')', end]
}

function copyName(node: Node): Rope {
  if (node.generated) return node.name
  return { from: node.start, to: node.start + node.name.length }
}

function printProperty(node: Node, scope: Scope): Rope | undefined {
  // In a pattern the value is a target, in an object an expression; only the latter has methods and names.
  if (/Pattern$/.test(node.value.type)) {
    if (node.shorthand && isOwn(bare(node.value).left ?? node.value, scope))
      return [`${node.key.name}: `, print(node.value, scope)]
    if (node.shorthand) return print(node.value, scope)
    return undefined
  }
  return printObjectMember(node, scope)
}

function printMember(node: Node, scope: Scope): Rope | undefined {
  if (node.object.type === 'Super' && scope.parent !== 'super') {
    const key = node.computed ? print(node.property, scope) : `'${node.property.name}'`
    return [`${scope.parent}(`, key, ')']
  }
  if (node.computed) return undefined
  const { object, property } = node
  if (object.type === 'Generated')
    return [object.rope, `.${property.type === 'PrivateIdentifier' ? '#' : ''}${property.name}`]
  return [print(object, scope), { from: object.end, to: node.end }]
}
