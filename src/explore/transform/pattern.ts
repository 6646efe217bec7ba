/**
 * Destructuring, in twins: taken apart into single steps where a step could touch shared memory.
 *
 * `[a, b] = xs` runs an iterator, which may be a generator of the author's or a shared view; `{ [k]: v } = words`
 * reads an element; `[words[0], words[1]] = pair` writes two. Patterns that do none of this stay as they are.
 */

import { assignElement, isElement } from './access.ts'
import { assignAccessor, isAccessor } from './accessor.ts'
import { printName } from './asking.ts'
import { bare, isElementKey, isFunction, type Node } from './estree.ts'
import { type Around, guardOf } from './guard.ts'
import { mayBeAccessor } from './names.ts'
import type { Rope } from './rope.ts'
import { freshName, hold, named, operand, type Scope, site, temporary } from './scope.ts'
import { assignSuper, isSuper } from './super-member.ts'

/** Could evaluating this pattern do more than read named properties and bind names? */
export function needsLowering(pattern: Node, scope: Scope): boolean {
  switch (pattern.type) {
    case 'Identifier':
      return false
    case 'AssignmentPattern':
      return needsLowering(pattern.left, scope)
    case 'ObjectPattern':
      return pattern.properties.some(
        (each: Node) =>
          each.type === 'RestElement' ||
          isElementKey(each) ||
          mayBeAccessor(scope.unit.names, each.key.name) ||
          needsLowering(each.value, scope),
      )
    case 'MemberExpression':
      return isElement(pattern) || isSuper(pattern) || isAccessor(pattern, scope)
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
    case 'TSSatisfiesExpression':
      return needsLowering(bare(pattern), scope)
  }
  return true
}

/** Where the steps go: each binds or assigns one target, or is there for its effect. */
interface Steps {
  /** Targets are names that are declared here: to bind one throws nothing. */
  readonly declares: boolean
  /** `around`: what the whole step has to stand in, where names mean what they do in the scope. */
  bind(target: Node, value: Rope, scope: Scope, around: Around): void
  effect(step: Rope): void
}

const alone: Around = (step) => step

/** The declarators of `const <pattern> = <value>`, without the keyword. */
export function lowerDeclarator(pattern: Node, value: Rope, scope: Scope): Rope {
  const declarators: Rope[] = []
  let before: Rope[] = []
  const declare = (name: string, text: Rope): void => {
    if (declarators.length > 0) declarators.push(', ')
    declarators.push(`${name} = (`, before, text, ')')
    before = []
  }
  const steps: Steps = {
    declares: true,
    bind: (target, text, _, around) => declare(target.name, around(text)),
    effect: (step) => void before.push(step, ', '),
  }
  take(pattern, value, scope, steps)
  if (before.length > 0 || declarators.length === 0) declare(freshName(scope.unit), '0')
  return declarators
}

/** `(<pattern> = <value>)` as an expression whose value is the value. */
export function lowerAssignment(pattern: Node, value: Rope, scope: Scope): Rope {
  const source = hold(value, scope)
  const parts: Rope[] = ['(', source.before]
  const steps: Steps = {
    declares: false,
    bind: (target, text, inner, around) => void parts.push(around(assignTo(target, text, inner)), ', '),
    effect: (step) => void parts.push(step, ', '),
  }
  take(pattern, source.ref, scope, steps)
  parts.push(`${source.ref})`)
  return parts
}

/** Assigns printed text to a simple target. */
export function assignTo(target: Node, value: Rope, scope: Scope): Rope {
  const node = bare(target)
  const assignment = { ...target, left: node, operator: '=' } as Node
  if (isElement(node) && scope.mode === 'twin') return assignElement(assignment, scope, () => value)
  if (isSuper(node) && scope.mode === 'twin') return assignSuper(assignment, scope, () => value)
  if (isAccessor(node, scope) && scope.mode === 'twin') return assignAccessor(assignment, scope, () => value)
  return [scope.unit.print(target, scope), ' = ', value]
}

function take(pattern: Node, value: Rope, scope: Scope, steps: Steps): void {
  if (pattern.type === 'AssignmentPattern') {
    const given = hold(value, scope)
    const fallback = printNamed(pattern.right, bare(pattern.left).name, scope)
    const chosen = ['(', given.before, `${given.ref} === undefined ? `, fallback, ` : ${given.ref})`]
    take(pattern.left, chosen, scope, steps)
  } else if (pattern.type === 'ArrayPattern') takeArray(pattern, value, scope, steps)
  else if (pattern.type === 'ObjectPattern') takeObject(pattern, value, scope, steps)
  else if (pattern.type === 'TSParameterProperty') take(pattern.parameter, value, scope, steps)
  else takeTarget(pattern, value, scope, steps)
}

/**
 * A single target. What an element's object and index are is settled before the value is fetched, as the language says.
 */
function takeTarget(target: Node, value: Rope, scope: Scope, steps: Steps): void {
  const node = bare(target)
  if (node.type !== 'MemberExpression' || node.object.type === 'Super') {
    steps.bind(target, value, scope, alone)
    return
  }
  const object = operand(node.object, scope)
  if (object.before) steps.effect([object.before, '0'])
  const index = node.computed ? operand(node.property, scope) : undefined
  if (index?.before) steps.effect([index.before, '0'])
  const generated = (ref: string): Node => ({ type: 'Generated', start: node.start, end: node.end, rope: ref })
  const settled = { ...node, object: generated(object.ref), property: index ? generated(index.ref) : node.property }
  steps.bind(settled, value, scope, alone)
}

/** A name, perhaps with a literal as its default. */
const isQuietTarget = ({ type, left, right }: Node): boolean =>
  type === 'Identifier' || (type === 'AssignmentPattern' && left.type === 'Identifier' && right.type === 'Literal')

function takeArray(pattern: Node, value: Rope, outer: Scope, steps: Steps): void {
  const n = named(outer.unit, 'n')
  const at = site(outer.unit, pattern, 'iterate')
  const iterator = temporary(outer)
  const next = stepped(outer, `${n}.take(${iterator})`)
  const { scope, guard } = guardOf(pattern, iterator, outer)
  const inside: Steps = {
    declares: steps.declares,
    bind: (target, text, inner, around) => steps.bind(target, text, inner, (step) => guard(around(step))),
    effect: (step) => steps.effect(guard(step)),
  }
  steps.effect([`${iterator} = `, stepped(outer, [`${n}.open(${at}, `, value, ')'])])
  for (const element of pattern.elements as (Node | null)[]) {
    if (element === null) {
      steps.effect(stepped(outer, `${n}.skip(${iterator})`))
      continue
    }
    const rest = element.type === 'RestElement'
    const target = rest ? element.argument : element
    const step = rest ? stepped(outer, `${n}.rest(${iterator})`) : next
    // What throws in a step of the iterator itself is no reason to close it.
    take(target, step, scope, steps.declares && isQuietTarget(target) ? steps : inside)
  }
  steps.effect([`${n}.closed(${iterator}) || `, stepped(outer, `${n}.close(${iterator})`)])
}

/** A step that may touch shared memory: as part of the twin, or refused where there is none. */
function stepped(scope: Scope, step: Rope): Rope {
  if (scope.mode === 'twin') return ['(yield* ', step, ')']
  return [`${named(scope.unit, 'n')}.stepped(${JSON.stringify(scope.where)}, `, step, ')']
}

function takeObject(pattern: Node, value: Rope, scope: Scope, steps: Steps): void {
  const { unit } = scope
  const source = hold(value, scope)
  steps.effect([source.before, `${named(unit, 'n')}.object(${source.ref})`])
  const generated: Node = { type: 'Generated', start: pattern.start, end: pattern.end, rope: source.ref }
  const taken: string[] = []
  const hasRest = pattern.properties.some((each: Node) => each.type === 'RestElement')
  for (const property of pattern.properties as Node[]) {
    if (property.type === 'RestElement') {
      const at = site(unit, property, 'read')
      const rest = stepped(scope, `${named(unit, 'n')}.others(${at}, ${source.ref}, [${taken.join(', ')}])`)
      take(property.argument, rest, scope, steps)
      continue
    }
    const { key } = property
    if (!property.computed && key.type === 'Identifier') {
      taken.push(`'${key.name}'`)
      const member: Node = { ...property, type: 'MemberExpression', object: generated, property: key, optional: false }
      take(property.value, unit.print(member, scope), scope, steps)
      continue
    }
    let name = key
    if (property.computed) {
      const held = hold(printName(key, scope), scope)
      steps.effect([held.before, '0'])
      name = { type: 'Generated', start: key.start, end: key.end, rope: held.ref }
    }
    if (hasRest) taken.push(property.computed ? (name.rope as string) : key.raw)
    const element: Node = { ...property, type: 'MemberExpression', object: generated, property: name, computed: true }
    take(property.value, unit.print({ ...element, optional: false } as Node, scope), scope, steps)
  }
}

/** Prints an expression that gets its name from what it is assigned to, if it is an anonymous function. */
export function printNamed(node: Node, name: string | undefined, scope: Scope): Rope {
  const inner = bare(node)
  const anonymous = (isFunction(inner) || inner.type === 'ClassExpression') && !inner.id
  return scope.unit.print(
    anonymous && name !== undefined ? ({ ...inner, givenName: name, original: inner.original ?? inner } as Node) : node,
    scope,
  )
}

/** What is exported by default without a name of its own: a class that is declared so is evaluated as an expression. */
export function printDefaultValue(node: Node, scope: Scope): Rope {
  const value = node.type === 'ClassDeclaration' ? ({ ...node, type: 'ClassExpression', original: node } as Node) : node
  return printNamed(value, 'default', scope)
}
