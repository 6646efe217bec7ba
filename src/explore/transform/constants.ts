/**
 * What a value at the top of a module is, as far as its text shows: whether anything in it could ever change.
 */

import { bare, boundNames, isFunction, type Node } from './estree.ts'

/** What is known of a value. */
export type Shape =
  /** Nothing in it ever changes: a primitive, a function of the language, a pattern without a place of its own. */
  | { readonly kind: 'fixed' }
  | { readonly kind: 'function'; readonly asksThis: boolean }
  /** An object that stands in the text, with what its properties hold; `others`: those of computed names. */
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, Shape>>; readonly others?: Shape | undefined }
  /** An array, a Map or a Set that stands in the text, all of whose elements are that. */
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'unknown' }

export const FIXED: Shape = { kind: 'fixed' }
export const UNKNOWN: Shape = { kind: 'unknown' }

/** Globals all of whose members stay what they are, and give primitives when they are called. */
const NAMESPACES = new Set(['Math', 'Number', 'Atomics', 'Symbol', 'String', 'BigInt', 'Reflect', 'Date'])
const CASTS = new Set(['Number', 'String', 'Boolean', 'BigInt', 'Symbol', 'parseInt', 'parseFloat', 'isNaN'])
const ARRAYS = /^(Big)?(Int|Uint|Float)\d+(Clamped)?Array$/
/** What is made with these has nothing that its methods change. */
const LASTING = new Set(['TextEncoder', 'TextDecoder'])
const LISTS = new Set(['Set', 'Map'])
const OBJECT = new Set(['Object'])
const REQUIRE = new Set(['require'])

/** Looks a name up: what is known of it, or undefined for one that is not declared at the top. */
export type Lookup = (name: string) => Shape | undefined

/** What is known of an expression's value. */
export function shapeOf(node: Node, look: Lookup): Shape {
  const it = bare(node)
  switch (it.type) {
    case 'Literal':
      return it.regex && /[gy]/.test(it.regex.flags) ? UNKNOWN : FIXED
    case 'TemplateLiteral':
    case 'BinaryExpression':
    case 'UpdateExpression':
    case 'UnaryExpression':
      return FIXED
    case 'MetaProperty':
      return UNKNOWN
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return { kind: 'function', asksThis: asksThis(it) }
    case 'ObjectExpression':
      return objectShape(it, look)
    case 'ArrayExpression':
      return {
        kind: 'list',
        of: it.elements.map((each: Node | null) => elementShape(each, look)).reduce(joined, FIXED),
      }
    case 'Identifier':
      return it.name === 'undefined' || isGlobal(it, NAMESPACES, look) ? FIXED : (look(it.name) ?? UNKNOWN)
    case 'MemberExpression':
      return memberOf(it, look)
    case 'CallExpression':
      return callShape(it, look)
    case 'NewExpression':
      return newShape(it, look)
    case 'ConditionalExpression':
      return joined(shapeOf(it.consequent, look), shapeOf(it.alternate, look))
    case 'LogicalExpression':
      return joined(shapeOf(it.left, look), shapeOf(it.right, look))
  }
  return UNKNOWN
}

/** What is known of a value that is one or the other. */
function joined(a: Shape, b: Shape): Shape {
  if (a.kind === 'fixed') return b.kind === 'object' || b.kind === 'list' ? UNKNOWN : b
  if (b.kind === 'fixed') return joined(b, a)
  if (a.kind === 'function' && b.kind === 'function') return { kind: 'function', asksThis: a.asksThis || b.asksThis }
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', of: joined(a.of, b.of) }
  return UNKNOWN
}

function elementShape(node: Node | null, look: Lookup): Shape {
  if (node === null) return FIXED
  if (node.type !== 'SpreadElement') return shapeOf(node, look)
  const spread = shapeOf(node.argument, look)
  return spread.kind === 'list' ? spread.of : UNKNOWN
}

function objectShape(node: Node, look: Lookup): Shape {
  const members: Record<string, Shape> = Object.create(null)
  let others: Shape | undefined
  for (const each of node.properties as Node[]) {
    if (each.type === 'SpreadElement') {
      const spread = shapeOf(each.argument, look)
      if (spread.kind !== 'object' || spread.others !== undefined) return UNKNOWN
      Object.assign(members, spread.members)
      continue
    }
    const name = each.computed ? literalName(each.key) : (each.key.name ?? String(each.key.value))
    if (name === '__proto__' || each.kind === 'get' || each.kind === 'set') return UNKNOWN
    const value = shapeOf(each.value, look)
    if (name === undefined) others = others === undefined ? value : joined(others, value)
    else members[name] = value
  }
  return { kind: 'object', members, others }
}

const literalName = (key: Node): string | undefined =>
  key.type === 'Literal' && key.regex == null ? String(key.value) : undefined

/** What a property of that name holds; no name: any of them. */
export function memberShape(shape: Shape, name: string | undefined): Shape {
  if (shape.kind === 'fixed') return FIXED
  if (shape.kind === 'list')
    return name === undefined || /^\d+$/.test(name) ? shape.of : name === 'length' || name === 'size' ? FIXED : UNKNOWN
  if (shape.kind === 'function') return name === 'name' || name === 'length' ? FIXED : UNKNOWN
  if (shape.kind !== 'object') return UNKNOWN
  const { members, others = FIXED } = shape
  if (name === undefined) return Object.values(members).reduce(joined, others)
  if (!Object.hasOwn(members, name)) return shape.others ?? UNKNOWN
  return shape.others === undefined ? members[name] : joined(members[name], others)
}

/** The name of the member that an expression asks for, where the text shows it. */
export const nameOfMember = ({ computed, property }: Node): string | undefined =>
  computed ? literalName(property) : property.name

function memberOf(node: Node, look: Lookup): Shape {
  const object = bare(node.object)
  if (isGlobal(object, NAMESPACES, look)) return FIXED
  return memberShape(shapeOf(object, look), nameOfMember(node))
}

const isGlobal = (node: Node, names: ReadonlySet<string>, look: Lookup): boolean =>
  node.type === 'Identifier' && names.has(node.name) && look(node.name) === undefined

function callShape(node: Node, look: Lookup): Shape {
  const callee = bare(node.callee)
  // Of what CommonJS exports there is one for all.
  if (isGlobal(callee, CASTS, look) || isGlobal(callee, REQUIRE, look)) return FIXED
  if (callee.type !== 'MemberExpression' || callee.computed) return UNKNOWN
  const object = bare(callee.object)
  const { name } = callee.property
  if (isGlobal(object, NAMESPACES, look)) return object.name === 'Reflect' ? UNKNOWN : FIXED
  const [first, second] = node.arguments as Node[]
  if (object.type === 'Identifier' && look(object.name) === undefined && (name === 'from' || name === 'of')) {
    if (ARRAYS.test(object.name)) return { kind: 'list', of: FIXED }
    if (object.name === 'Array') return { kind: 'list', of: name === 'from' ? givenBy(second, look) : UNKNOWN }
  }
  if (!isGlobal(object, OBJECT, look)) return ofList(shapeOf(object, look), name, first, look)
  if (name === 'keys' || name === 'getOwnPropertyNames') return { kind: 'list', of: FIXED }
  if (name !== 'freeze' || first === undefined) return UNKNOWN
  const frozen = shapeOf(first, look)
  return isFlat(frozen) ? FIXED : frozen
}

/** What a function that stands in the text gives. */
function givenBy(fn: Node | undefined, look: Lookup): Shape {
  if (fn?.type !== 'ArrowFunctionExpression' || fn.body.type === 'BlockStatement') return UNKNOWN
  const own = new Set((fn.params as Node[]).flatMap((each) => boundNames(each)))
  return shapeOf(fn.body, (name) => (own.has(name) ? UNKNOWN : look(name)))
}

/** What a method of an array gives. */
function ofList(list: Shape, name: string, first: Node | undefined, look: Lookup): Shape {
  if (list.kind !== 'list') return UNKNOWN
  if (name === 'map') return { kind: 'list', of: givenBy(first, look) }
  return name === 'filter' || name === 'slice' || name === 'sort' || name === 'reverse' ? list : UNKNOWN
}

function newShape(node: Node, look: Lookup): Shape {
  const callee = bare(node.callee)
  if (isGlobal(callee, LASTING, look)) return FIXED
  if (!isGlobal(callee, LISTS, look)) return UNKNOWN
  const [first] = node.arguments as Node[]
  if (first === undefined) return { kind: 'list', of: FIXED }
  const of = shapeOf(first, look)
  if (of.kind !== 'list') return UNKNOWN
  // The entries of a Map are themselves nobody's.
  return callee.name === 'Set' ? of : { kind: 'list', of: of.of.kind === 'list' ? of.of.of : UNKNOWN }
}

/** Whether nothing below the object itself could change. */
export function isFlat(shape: Shape): boolean {
  if (shape.kind === 'fixed') return true
  if (shape.kind === 'list') return isHeld(shape.of)
  return shape.kind === 'object' && [...Object.values(shape.members), shape.others ?? FIXED].every(isHeld)
}

const isHeld = (shape: Shape): boolean => shape.kind === 'fixed' || shape.kind === 'function'

function asksThis(fn: Node): boolean {
  if (fn.type === 'ArrowFunctionExpression') return false
  const look = (node: Node): boolean => {
    if (node.type === 'ThisExpression' || node.type === 'Super') return true
    return Object.values(node).some((value) => (Array.isArray(value) ? value.some(isNode(look)) : isNode(look)(value)))
  }
  return look(fn.body) || (fn.params as Node[]).some(look)
}

const isNode =
  (look: (node: Node) => boolean) =>
  (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    !isFunctionOfItsOwn(value as Node) &&
    look(value as Node)

const isFunctionOfItsOwn = (node: Node): boolean => isFunction(node) && node.type !== 'ArrowFunctionExpression'
