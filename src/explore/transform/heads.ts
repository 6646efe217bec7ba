/**
 * Heads of loops: what the engine is told there of what may differ from one turn to the next.
 *
 * A turn that only looked, and after which nothing private is other than before, will do the same again until a word
 * that it read changes: so it may wait. Told are the variables that the loop assigns to and reads before it assigns to
 * them again. A *counter* is apart: a variable that is stepped by a constant and only compared with a bound. Of it the
 * engine is told how many turns are left.
 *
 * A loop of which a variable that would be told moves on in every turn never does the same again: its head is not told.
 */

import { bare, childrenOf, isFunction, type Node } from './estree.ts'
import type { Loop, Mention, Variable } from './variables.ts'

/** What the engine is told at a head. */
export interface Head {
  /** Names of variables whose values are compared. */
  readonly values: readonly string[]
  /** An expression for how many turns its counters leave, if it has any. */
  readonly left: string | undefined
}

/** What is told at the heads of a module's loops, by the offset where each begins. */
export function headsOf(loops: readonly Loop[], code: string): ReadonlyMap<number, Head> {
  const heads = new Map<number, Head>()
  for (const loop of loops) {
    const head = headOf(loop, code)
    if (head !== undefined) heads.set(loop.node.start, head)
  }
  return heads
}

/** Undefined if no turn can be like the one before. */
function headOf(loop: Loop, code: string): Head | undefined {
  // Of a turn that waits for a promise, parts belong to other tasks.
  if (awaits(loop.node)) return undefined
  const values: string[] = []
  const left: string[] = []
  for (const variable of loop.assigned) {
    if (isDead(loop, variable)) continue
    const turns = turnsLeft(loop, variable, code)
    if (turns !== undefined) left.push(turns)
    else if (movesOn(loop, variable)) return undefined
    else values.push(variable.name)
  }
  return { values, left: left.length > 1 ? `Math.min(${left.join(', ')})` : left[0] }
}

const awaits = (node: Node): boolean =>
  node.type === 'AwaitExpression' ||
  node.await === true ||
  childrenOf(node).some((each) => !isFunction(each) && awaits(each))

const mentionsIn = (loop: Loop, { mentions }: Variable) => mentions.filter(({ loops }) => loops.includes(loop))

/** Whether every turn assigns to the variable before anybody reads it, also after the loop. */
function isDead(loop: Loop, variable: Variable): boolean {
  const inside = mentionsIn(loop, variable)
  if (variable.mentions.some(({ fn }) => fn !== variable.at.fn)) return false
  const elsewhere = variable.mentions.some((each) => !inside.includes(each) && each.assigned !== 'anew')
  // An exception may show its value to a handler outside.
  if (elsewhere && inside.some((each) => each.inside.some(({ type }) => type === 'TryStatement'))) return false
  const { node } = loop
  const parts = node.type === 'DoWhileStatement' ? [node.body, node.test] : [node.test, node.body, node.update]
  for (const part of parts) {
    if (!part) continue
    const use = firstUse(part, variable.name, elsewhere)
    if (use !== 'none') return use === 'anew'
    if (part === node.test && elsewhere && !(part.type === 'Literal' && part.value)) return false
  }
  return false
}

/** Nodes some of whose parts may not be evaluated. The first of their fields always is. */
const SOMETIMES: Readonly<Record<string, string>> = {
  IfStatement: 'test',
  ConditionalExpression: 'test',
  LogicalExpression: 'left',
  SwitchStatement: 'discriminant',
  WhileStatement: 'test',
  ForOfStatement: 'right',
  ForInStatement: 'right',
  ForStatement: 'init',
  DoWhileStatement: '',
  TryStatement: '',
  ChainExpression: '',
  LabeledStatement: '',
}
const LEAVES = /^(Break|Continue|Return|Throw)Statement$/

/** What happens first to a name: it is assigned anew in any case, or it is read, or may be. */
function firstUse(node: Node, name: string, elsewhere: boolean): 'none' | 'anew' | 'read' {
  if (node.type === 'Identifier') return node.name === name ? 'read' : 'none'
  if (node.type === 'AssignmentExpression' && bare(node.left).type === 'Identifier' && bare(node.left).name === name) {
    if (node.operator !== '=') return 'read'
    const before = firstUse(node.right, name, elsewhere)
    return before === 'none' ? 'anew' : before
  }
  if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.name === name) {
    const before = node.init ? firstUse(node.init, name, elsewhere) : 'none'
    return before === 'none' && node.init ? 'anew' : before
  }
  if (isFunction(node) || LEAVES.test(node.type)) return isNamed(node, name) || LEAVES.test(node.type) ? 'read' : 'none'
  const always = SOMETIMES[node.type]
  if (always === undefined) {
    for (const child of childrenOf(node)) {
      const use = firstUse(child, name, elsewhere)
      if (use !== 'none') return use
    }
    return 'none'
  }
  if (always !== '' && node[always]) {
    const use = firstUse(node[always], name, elsewhere)
    if (use !== 'none') return use
  }
  const rest = childrenOf(node).filter((child) => child !== node[always])
  return rest.some((child) => isNamed(child, name) || (elsewhere && leaves(child))) ? 'read' : 'none'
}

function isNamed(node: Node, name: string): boolean {
  return (node.type === 'Identifier' && node.name === name) || childrenOf(node).some((child) => isNamed(child, name))
}

function leaves(node: Node): boolean {
  return LEAVES.test(node.type) || (!isFunction(node) && childrenOf(node).some(leaves))
}

const COMPARES = /^(<|<=|>|>=|===|!==|==|!=)$/

/**
 * How many turns a counter leaves, as an expression; undefined if the variable is none: it is stepped by a constant
 * once in the loop, compared once with what the loop does not change, to decide where to go, and nothing else reads it.
 */
function turnsLeft(loop: Loop, variable: Variable, code: string): string | undefined {
  const inside = mentionsIn(loop, variable)
  const outside = variable.mentions.filter((each) => !inside.includes(each))
  if (variable.mentions.some(({ fn }) => fn !== variable.at.fn)) return undefined
  if (outside.some(({ assigned }) => assigned !== 'anew')) return undefined
  if (inside.some(({ loops }) => loops.at(-1) !== loop)) return undefined
  const [stepped, ...more] = inside.filter(({ assigned }) => assigned !== 'no')
  if (stepped === undefined || more.length > 0) return undefined
  const step = stepOf(stepped)
  if (step === undefined) return undefined
  const compared = inside.filter((each) => each !== stepped)
  let bound: string | undefined
  if (compared.length === 1) bound = boundOf(compared[0], compared[0].node, loop, code)
  else if (compared.length === 0) bound = boundOf(stepped, step.by, loop, code)
  if (compared.length === 1 && !isForItself(stepped, step.by)) return undefined
  return bound === undefined ? undefined : `Math.abs((${bound}) - ${variable.name}) / ${step.size}`
}

/** What evaluates all of its parts, in any case. */
const ALWAYS = new Set([
  ...['BlockStatement', 'ExpressionStatement', 'VariableDeclaration', 'VariableDeclarator', 'ParenthesizedExpression'],
  ...['SequenceExpression', 'BinaryExpression', 'UnaryExpression', 'MemberExpression', 'CallExpression'],
])

/** Whether every turn that another one follows steps the variable by a constant, and nothing else is assigned to it. */
function movesOn(loop: Loop, variable: Variable): boolean {
  if (variable.mentions.some(({ fn }) => fn !== variable.at.fn)) return false
  const [stepped, ...more] = mentionsIn(loop, variable).filter(({ assigned }) => assigned !== 'no')
  if (stepped === undefined || more.length > 0 || stepped.loops.at(-1) !== loop) return false
  const step = stepOf(stepped)
  if (step === undefined || !Number.isInteger(step.size)) return false
  const { node } = loop
  const { inside } = stepped
  const within = inside.slice(inside.indexOf(node) + 1, inside.indexOf(step.by))
  if (!within.every(({ type }) => ALWAYS.has(type))) return false
  const first = within[0] ?? step.by
  return first !== node.body || !continues(node.body)
}

/** Whether a turn may end before it has come to the end of its body. */
const continues = (node: Node): boolean =>
  node.type === 'ContinueStatement' || (!isFunction(node) && childrenOf(node).some(continues))

/** The update that a mention is the target of, and by how much it steps. */
function stepOf({ inside }: Mention): { by: Node; size: number } | undefined {
  const by = inside.findLast(({ type }) => type === 'UpdateExpression' || type === 'AssignmentExpression')
  if (by === undefined) return undefined
  if (by.type === 'UpdateExpression') return { by, size: 1 }
  const { operator, right } = by
  const counts = (operator === '+=' || operator === '-=') && right.type === 'Literal' && typeof right.value === 'number'
  return counts && right.value > 0 ? { by, size: right.value } : undefined
}

/** Whether nobody uses the value of the expression. */
function isForItself({ inside }: Mention, by: Node): boolean {
  const around = inside[inside.indexOf(by) - 1]
  if (around.type === 'ForStatement') return around.update === by
  return around.type === 'ExpressionStatement'
}

/** What a counter is compared with, where that only decides which way to go. `node` is the counter, or its update. */
function boundOf({ inside }: Mention, node: Node, loop: Loop, code: string): string | undefined {
  let at = inside.indexOf(node) - 1
  let bound = '0'
  while (inside[at].type === 'ParenthesizedExpression') at--
  const around = inside[at]
  if (around.type === 'BinaryExpression') {
    if (!COMPARES.test(around.operator)) return undefined
    const other = bare(around.left.start <= node.start && node.end <= around.left.end ? around.right : around.left)
    if (!isFixed(other, loop)) return undefined
    bound = code.slice(other.start, other.end)
    at--
  } else if (node.type !== 'UpdateExpression') return undefined
  for (; at >= 0; at--) {
    const { type } = inside[at]
    if (type === 'LogicalExpression' || type === 'ParenthesizedExpression') continue
    if (type === 'UnaryExpression' && inside[at].operator === '!') continue
    const decides = type === 'IfStatement' || type === 'ConditionalExpression' || inside[at] === loop.node
    return decides && inside[at].test === inside[at + 1] ? bound : undefined
  }
  return undefined
}

/** Whether the loop can't change it: a number, or a name that is assigned to nowhere but where it is declared. */
function isFixed(node: Node, loop: Loop): boolean {
  if (node.type === 'Literal') return typeof node.value === 'number'
  if (node.type !== 'Identifier') return false
  for (let at: Loop['at'] | undefined = loop.at; at !== undefined; at = at.outer) {
    const variable = at.variables.get(node.name)
    if (variable === undefined) continue
    const given = variable.mentions.filter(({ assigned }) => assigned !== 'no')
    return given.every(({ inside, loops }) => inside.at(-1)?.type === 'VariableDeclarator' && !loops.includes(loop))
  }
  return false
}
