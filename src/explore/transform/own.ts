/**
 * Which variables at the top of a module each thread has for itself.
 *
 * A thread is what a worker is: it evaluates the modules anew. Most of what stands at their tops is the same for all
 * the same: functions, primitives that nobody assigns to, objects that no function can change. One copy serves all
 * threads there. Of everything else each thread has its own, made by the statements that make it for everybody.
 */

import { nameOfMember, type Shape } from './constants.ts'
import { boundNames, childrenOf, isFunction, type Node } from './estree.ts'
import { exportsAnew, giveAway, isForAll } from './for-all.ts'
import {
  type Around,
  type Foreign,
  isConstant,
  isHeld,
  isLater,
  mayChange,
  type Reading,
  STATIC,
  STORED,
  shapeAt,
  touchesOwn,
} from './own-values.ts'
import { staticsIn, stores } from './statics.ts'
import { isAwaited } from './top-awaits.ts'
import { DEFAULT, declaredIn, earlyIn, exportsOf, importedName } from './tops.ts'
import { isHarmless, storesMember } from './uses.ts'
import type { Mention, Variable } from './variables.ts'

export interface Own {
  /** The module's own variables that each thread has for itself. */
  readonly names: ReadonlySet<string>
  /** Imports of such variables, by their name here. */
  readonly imports: ReadonlyMap<string, Foreign>
  /** Offsets of the places that name one of either. */
  readonly mentions: ReadonlySet<number>
  /** Statements at the top that make them. */
  readonly statements: ReadonlySet<Node>
  /** Constants among them that are made of nothing own: if they are primitives, they are the same for all. */
  readonly constants: ReadonlySet<string>
  /** What is known of an export, by the name that importers use. */
  readonly exports: ReadonlyMap<string, { readonly name: string; readonly own: boolean; readonly shape: Shape }>
  /** Of those statements the ones that await what a thread can wait for. */
  readonly awaited: ReadonlySet<Node>
  /** Whether there are such here, or in a module that this one leads to. */
  readonly awaits: boolean
  /** The names of static members of classes and functions here. */
  readonly statics: ReadonlyMap<string, ReadonlySet<string>>
  /** Exports of others that functions here may change. `stores`: they store to a member of it, whatever it is. */
  readonly touches: readonly { readonly source: string; readonly name: string; readonly stores: boolean }[]
}

/**
 * Modules that register what they hold with a test runner, or explore by themselves: evaluated again they would again.
 */
const RUNNERS =
  /^(vitest|node:test|mocha|jest|@jest\/globals|bun:test|uvu|ava|tap|(sk-storage|every-order)(\/explore)?|.*\/src\/explore\/index\.(ts|js))$/

/** No variable is. */
export const NONE: Own = {
  names: new Set(),
  imports: new Map(),
  mentions: new Set(),
  statements: new Set(),
  constants: new Set(),
  exports: new Map(),
  awaited: new Set(),
  awaits: false,
  statics: new Map(),
  touches: [],
}

/** Reads which of a module's variables each thread has for itself. */
export function ownIn(program: Node, top: ReadonlyMap<string, Variable>, around: Around): Own {
  const statements = program.body as Node[]
  const isRunner = statements.some(({ type, source }) => type === 'ImportDeclaration' && RUNNERS.test(source.value))
  const reading: Reading = {
    program,
    top,
    declared: declaredIn(statements),
    shapes: new Map(),
    around,
    own: new Set(),
    imports: new Map(),
    statements: new Set(),
    early: earlyIn(statements, top),
    given: new Set(),
  }
  for (const statement of statements) if (exportsAnew(reading, statement)) giveAway(reading, statement)
  for (const [name, { kind, statement, node }] of reading.declared) {
    if (kind !== 'import') continue
    const found = around.foreign?.(statement.source.value, importedName(node))
    if (found?.own) reading.imports.set(name, found)
  }
  const exported = exportsOf(statements)
  const statics = staticsIn(reading.declared, top)
  if (!isRunner) settle(reading, exported, statics)
  const awaited = new Set([...reading.statements].filter((each) => isAwaited(reading, each)))
  return {
    names: reading.own,
    imports: reading.imports,
    mentions: mentionsOf(reading),
    statements: reading.statements,
    constants: constantsOf(reading),
    exports: new Map(
      [...exported].map(([as, name]) => [as, { name, own: reading.own.has(name), shape: shapeAt(reading, name) }]),
    ),
    awaited,
    awaits: awaited.size > 0 || (around.awaits?.() ?? false),
    statics,
    touches: touchesOf(reading),
  }
}

/** Begins with what functions may change, and adds what that is made of and made by, until nothing is added. */
function settle(reading: Reading, exported: ReadonlyMap<string, string>, statics: Own['statics']): void {
  const { declared, own, around, top } = reading
  const [touched, stored] = [new Set<string>(), new Set<string>()]
  for (const each of around.touched?.() ?? []) {
    const name = exported.get(each)
    if (name !== undefined) touched.add(name)
    const member = each.endsWith(STORED) ? exported.get(each.slice(0, -STORED.length)) : undefined
    if (member !== undefined) stored.add(member)
    if (each.endsWith(STATIC)) stored.add(each.slice(0, -STATIC.length))
  }
  for (const [name, names] of statics) if (stores(reading.program, names)) stored.add(name)
  for (const [name, { kind }] of declared) {
    if (kind === 'import' || (name === DEFAULT && kind !== 'class') || isForAll(reading, name)) continue
    const isChanged = stored.has(name) || (touched.has(name) && !isHeld(shapeAt(reading, name)))
    if (isChanged || mayChange(reading, name, top.get(name))) own.add(name)
  }
  if (stored.has(DEFAULT) || (touched.has(DEFAULT) && !isHeld(shapeAt(reading, DEFAULT)))) own.add(DEFAULT)
  for (let before = -1; before !== own.size + reading.statements.size; ) {
    before = own.size + reading.statements.size
    for (const statement of reading.program.body as Node[]) includeIfNeeded(reading, statement)
  }
}

/** The names that a statement declares at the top. */
const namesOf = ({ declared }: Reading, statement: Node): string[] =>
  [...declared].filter(([, each]) => each.statement === statement && each.kind !== 'import').map(([name]) => name)

/** Takes a statement in if it makes what is own, or does something with it. */
function includeIfNeeded(reading: Reading, statement: Node): void {
  const { own, statements } = reading
  if (statement.directive || statement.type === 'ImportDeclaration' || statement.type === 'ExportAllDeclaration') return
  const names = namesOf(reading, statement)
  const node = statement.declaration ?? statement
  const isFunctions = node.type === 'FunctionDeclaration'
  for (const name of names) {
    const { node: part, kind } = reading.declared.get(name)!
    if (own.has(name) || isFunctions || reading.given.has(name)) continue
    // What is made from it is own as well, unless it is nothing that could change.
    const made = kind === 'variable' ? (name === DEFAULT ? part : part.init) : part.superClass
    const { kind: its } = shapeAt(reading, name)
    const isNothing = its === 'fixed' || (kind === 'variable' && its === 'function')
    if (made && touchesOwn(reading, made) && (!isNothing || callsOwn(reading, made))) own.add(name)
    else if (assignsOwn(reading, part)) own.add(name)
  }
  // One pattern makes all its names.
  for (const name of names) {
    const { node: part, kind } = reading.declared.get(name)!
    if (kind !== 'variable' || name === DEFAULT || !own.has(name)) continue
    for (const other of boundNames(part.id)) own.add(other)
  }
  const makes = names.some((name) => own.has(name))
  const isEffect =
    node.type !== 'FunctionDeclaration' &&
    node.type !== 'ClassDeclaration' &&
    node.type !== 'VariableDeclaration' &&
    statement.type !== 'ExportDefaultDeclaration' &&
    statement.type !== 'ExportNamedDeclaration'
  // What only waits is waited for again, so that all behind it comes as late as in Node.
  const waits = isEffect && own.size + statements.size > 0 && isAwaited(reading, statement)
  if (!makes && !waits && !(isEffect && touchesOwn(reading, node) && !exportsAnew(reading, node))) return
  statements.add(statement)
  ownParts(reading, node)
}

/** Whether evaluating this calls what may change what is own, whatever it gives. */
function callsOwn(reading: Reading, node: Node): boolean {
  if (isFunction(node)) return false
  const { callee, tag } = node
  const freezes = callee?.object?.name === 'Object' && callee.property?.name === 'freeze'
  if ((callee || tag || node.type === 'MemberExpression') && !freezes && touchesOwn(reading, node)) return true
  return childrenOf(node).some((each) => callsOwn(reading, each))
}

/**
 * Whether evaluating this assigns to what is own, as a class does whose private fields were compiled: the maps for them
 * are made among its computed names.
 */
function assignsOwn({ own, top, declared }: Reading, { start, end }: Node): boolean {
  const assigns = ({ node: at, fn, assigned }: Mention): boolean =>
    fn === undefined && assigned !== 'no' && start <= at.start && at.end <= end
  return [...own].some(
    (name) => declared.get(name)?.node.start !== start && top.get(name)?.mentions.some((each) => assigns(each)),
  )
}

/** What goes into the making of what is own, and could be changed through it, is own, too. */
function ownParts(reading: Reading, node: Node): void {
  // Nobody else calls these, and so nobody has looked at what they change.
  const called = [...reading.early].filter((fn) =>
    reading.top.get(fn.id.name)?.mentions.some(({ node: at }) => node.start <= at.start && at.end <= node.end),
  )
  for (const [name, variable] of reading.top) {
    const declared = reading.declared.get(name)
    if (reading.own.has(name) || declared === undefined || declared.kind === 'import') continue
    if (isForAll(reading, name)) continue
    const shape = shapeAt(reading, name)
    const within = ({ node: at, inside }: Mention): boolean =>
      (node.start <= at.start && at.end <= node.end) || inside.some((each) => called.includes(each))
    const isDeclaring = (each: Mention): boolean => each.inside.at(-1) === declared.node
    if (
      variable.mentions.some(
        (each) =>
          within(each) && !isDeclaring(each) && isMadeOf(reading, each, node, called) && !isHarmless(each, shape),
      )
    )
      reading.own.add(name)
  }
}

/** Whether the mention stands in what makes something own, of several declarators the one that does. */
function isMadeOf(reading: Reading, { node: at, inside }: Mention, node: Node, called: readonly Node[]): boolean {
  if (node.type !== 'VariableDeclaration' || inside.some((each) => called.includes(each))) return true
  return (node.declarations as Node[]).some(
    (each) => each.start <= at.start && at.end <= each.end && boundNames(each.id).some((name) => reading.own.has(name)),
  )
}

function constantsOf(reading: Reading): Set<string> {
  const { own, declared, top } = reading
  const isMadeOnce = (name: string): boolean => {
    const { kind, node } = declared.get(name)!
    const mentions = top.get(name)?.mentions ?? []
    const isAssigned = mentions.some(({ assigned, inside }) => assigned !== 'no' && inside.at(-1) !== node)
    return (
      kind === 'variable' &&
      node.id?.type === 'Identifier' &&
      node.init &&
      !isAssigned &&
      !touchesOwn(reading, node.init)
    )
  }
  return new Set([...own].filter(isMadeOnce))
}

/** The places that name what is own. */
function mentionsOf(reading: Reading): Set<number> {
  const { own, imports, top, declared: declaredAs } = reading
  const offsets = new Set<number>()
  for (const name of [...own, ...imports.keys()]) {
    const isAlways = isConstant(reading, name)
    // What throws does so by itself.
    const throws = ({ assigned, inside }: Mention): boolean =>
      isAlways && assigned !== 'no' && inside.at(-1) !== declaredAs.get(name)!.node
    for (const each of top.get(name)?.mentions ?? []) if (!throws(each)) offsets.add(each.node.start)
  }
  // One without a value is named nowhere but in its declaration.
  for (const name of own) {
    const declared = declaredAs.get(name)
    if (declared?.kind === 'variable' && declared.node.id?.type === 'Identifier') offsets.add(declared.node.id.start)
  }
  return offsets
}

/** Exports of others that functions here may change, or hand on. */
function touchesOf(reading: Reading): Own['touches'] {
  const touches: Own['touches'][number][] = []
  for (const [name, { kind, statement, node }] of reading.declared) {
    if (kind !== 'import') continue
    const shape = shapeAt(reading, name)
    const isMade = ({ node: at }: Mention): boolean =>
      [...reading.statements].some(({ start, end }) => start <= at.start && at.end <= end)
    const mentions = reading.top.get(name)?.mentions ?? []
    for (const each of mentions) {
      if (!isLater(reading, each) && !isMade(each)) continue
      if (isHarmless(each, shape)) continue
      const asked = importedName(node)
      const member = asked === '*' ? each.inside.at(-2) : undefined
      const named = member?.type === 'MemberExpression' ? nameOfMember(member) : undefined
      const stores = storesMember(each, asked === '*')
      touches.push({ source: statement.source.value, name: named ?? asked, stores })
    }
  }
  return touches
}
