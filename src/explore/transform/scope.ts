/**
 * What the printers share: the module being transformed, and the function body being printed.
 *
 * A function body is printed in one of three modes. `plain`: the author's text, which runs outside threads and
 * hands over to the twin at its first line when a thread calls it. `checked`: the author's text where that is
 * impossible (async functions, and what a native may call: constructors, accessors, initializers), with a look at every
 * place that could touch shared memory. `twin`: the generator that asks the engine before each visible operation.
 */

import type { Site, Standing } from '../runtime/site.ts'
import type { Origin } from './compiled.ts'
import type { Node } from './estree.ts'
import type { Head } from './heads.ts'
import type { Leaves } from './leaf.ts'
import { isStable, type Names } from './names.ts'
import type { Origins } from './origins.ts'
import type { Own } from './own.ts'
import type { Space } from './own-values.ts'
import { placeOf, type Rope } from './rope.ts'
import { functionAt, type Named } from './standing.ts'
import type { Tag } from './tags.ts'

/** What is known of a function imported from another instrumented module. */
export interface Imported {
  /** Its tag, if it has one. */
  readonly tag?: Tag
  /** Names of its parameters, which the tag's expressions use. */
  readonly parameters?: readonly string[]
  /** It does nothing visible and calls nothing that does, so that it can be called as it is. */
  readonly leaf?: boolean
}

/** The module being transformed. */
export interface Unit {
  readonly code: string
  readonly file: string
  /** Begins every generated name; occurs nowhere in the source. */
  readonly prefix: string
  readonly names: Names
  readonly leaves: Leaves
  readonly tags: ReadonlyMap<Node, Tag>
  /** What is told at the heads of loops, by the offset where each begins. */
  readonly heads: ReadonlyMap<number, Head>
  /** Offsets of the assignments to what is no variable of the function they stand in. */
  readonly outward: ReadonlySet<number>
  imported(source: string, name: string): Imported | undefined
  /** Which variables at the top each thread has for itself. */
  readonly own: Own
  /** In TypeScript, the names that are used as values; imports of others are of types. */
  readonly values: ReadonlySet<string> | undefined
  /** The text this one was compiled from, if it was. */
  readonly origin: Origin | undefined
  /** Where the lines of the author's text begin. */
  readonly lines: readonly number[]
  readonly sites: Site[]
  /** Where each of them stands. */
  readonly standing: Standing[]
  /** The functions of the text, by where they begin. */
  readonly functions: readonly Named[]
  /** What generated lines stand for, by line from 0 on. */
  readonly origins: Origins
  /** Number of keys under which methods keep their twins while a class is made. */
  keys: number
  /** Number of generated names so far that are not temporaries. */
  fresh: number
  /** The classes being printed, innermost last: what their private names stand for. */
  readonly privates: Map<string, string>[]
  /** Whether what stands at that offset is no strict code. */
  isSloppy(offset: number): boolean
  /** What an import specifier becomes in the output. */
  specifier(source: string, dynamic?: boolean): string
  /** Whether calls in progress are to be seen, with their variables. */
  readonly locals: boolean
  /** What the plain form of a function says of the author's text of it; undefined: nothing. */
  readonly mark: ((text: string) => string) | undefined
  print(node: Node, scope: Scope): Rope
}

/** What a private name stands for: 'method', 'leaf' (a method that needs no twin), 'get', 'set', 'get set'; or ''. */
export function privateKind(unit: Unit, name: string): string {
  for (let at = unit.privates.length - 1; at >= 0; at--) {
    const found = unit.privates[at].get(name)
    if (found !== undefined) return found
  }
  return ''
}

/** Does this private name belong to a method that has a twin? */
export const privateTwin = (unit: Unit, name: string): boolean => privateKind(unit, name) === 'method'

/** The function body being printed. */
export interface Scope {
  readonly unit: Unit
  readonly mode: 'plain' | 'checked' | 'twin'
  /** What stands here, for the message of a refusal: `the constructor of Queue`. */
  readonly where: string
  /** Temporaries to declare at the top; null where there is no place for them. */
  readonly temps: string[] | null
  /** How `this`, `arguments`, `new.target` and `super` are written here. */
  readonly self: string
  readonly args: string
  readonly target: string
  readonly parent: string
  /** In the twin of a constructor: what stands in for what only a constructor has. */
  readonly frame?: string
  /** In a member of a class: its name, '' for one without. */
  readonly owner?: string
  /** Inside the twin of a generator: the author's `yield` is wrapped. */
  readonly generator: boolean
  /** Inside an array pattern, whose iterator has to be closed. */
  readonly guarded?: boolean
  /** Inside the twin of an async function or generator: `await` is wrapped. */
  readonly async?: boolean
  /** Outside of functions, where a thread makes its own of what stands at the top of the module. */
  readonly making?: boolean
}

/** A scope for plain text outside of any function. */
export function outermost(unit: Unit): Scope {
  return {
    unit,
    mode: 'plain',
    where: 'the top of the module',
    temps: null,
    self: 'this',
    args: 'arguments',
    target: 'new.target',
    parent: 'super',
    generator: false,
  }
}

/** The generated name with that ending. */
export function named(unit: Unit, ending: string | number): string {
  return unit.prefix + ending
}

/** A name nothing else has. */
export function freshName(unit: Unit): string {
  return named(unit, `x${unit.fresh++}`)
}

/** A temporary of the function body. */
export function temporary(scope: Scope): string {
  const name = named(scope.unit, scope.temps!.length + 1)
  scope.temps!.push(name)
  return name
}

/** `let $_1, $_2;` for what was used. */
export function declareTemps(scope: Scope): string {
  return scope.temps && scope.temps.length > 0 ? ` let ${scope.temps.join(', ')};` : ''
}

/** Line and column, both from 0, of an offset: in the text that the author wrote. */
export function authorsPlace({ origin, lines }: Unit, offset: number): { line: number; column: number } {
  return placeOf(lines, origin === undefined ? offset : origin.offset(offset))
}

/** Prints what needs temporaries where there may be no place for them: in a function of its own, then. */
export function withTemps(scope: Scope, printed: (scope: Scope) => Rope): Rope {
  if (scope.temps) return printed(scope)
  const inner = { ...scope, temps: [] }
  const text = printed(inner)
  return [`(() => {${declareTemps(inner)} return (`, text, '); })()']
}

/**
 * Notes a site and returns the expression for its number. `visible`: what stands there is an operation that others can
 * see, if its memory is shared.
 */
export function site(unit: Unit, node: Node, operation: string, visible = false): string {
  const { line, column } = authorsPlace(unit, node.start)
  const text = (unit.origin?.source(node) ?? unit.code.slice(node.start, node.end)).replace(/\s+/g, ' ')
  const source = text.length > 100 ? `${text.slice(0, 99)}…` : text
  const last = unit.sites.length - 1
  const here = { file: unit.file, line: line + 1, column: column + 1, source }
  unit.sites.push({ ...here, ...unit.origins.get(line), operation })
  unit.standing.push([functionAt(unit.functions, node.start), visible ? 1 : 0])
  return `${named(unit, 'b')} + ${last + 1}`
}

/** `$_e.op(...) || (yield)`: asks the engine before the operation that follows. */
export function ask(scope: Scope, kind: number, at: string, ...rest: string[]): string {
  return `${named(scope.unit, 'e')}.op(${[kind, at, ...rest].join(', ')}) || (yield)`
}

/** `$_e.did(...)`: the operation that was asked for, and word that it has been performed. */
export function did(scope: Scope, operation: string): string {
  return `${named(scope.unit, 'e')}.did(${operation})`
}

/** Whether an identifier names a variable that each thread has for itself, in text that threads may run. */
export const isOwn = (node: Node, { mode, unit }: Scope): boolean =>
  mode !== 'plain' && node.generated !== true && unit.own.mentions.has(node.start)

/** The modules that it imports such variables from. */
export const foreignFiles = ({ own }: Unit): string[] => [
  ...new Set([...own.imports.values()].flatMap(({ file, spaces = [] }) => [file, ...filesIn(spaces)])),
]

const filesIn = (spaces: readonly Space[]): string[] =>
  spaces.flatMap((each) => Object.values(each).flatMap((target) => (typeof target === 'number' ? [] : [target[0]])))

/** The namespaces that it imports with such in them, and those that these lead to: files and namespaces by number. */
export function foreignSpaces(unit: Unit): Record<string, [file: number, name: string] | number>[] {
  const files = foreignFiles(unit)
  const all: Record<string, [number, string] | number>[] = []
  for (const { spaces = [] } of unit.own.imports.values()) {
    const first = all.length
    for (const each of spaces) {
      const entries = Object.entries(each).map(([as, target]): [string, [number, string] | number] => [
        as,
        typeof target === 'number' ? first + target : [files.indexOf(target[0]), target[1]],
      ])
      all.push(Object.fromEntries(entries))
    }
  }
  return all
}

/** Where in those the namespace stands that is imported by that name. */
function spaceAt(name: string, { own }: Unit): number {
  let at = 0
  for (const [as, { spaces = [] }] of own.imports) {
    if (as === name) break
    at += spaces.length
  }
  return at
}

/** The argument by which a twin keeps where its module was loaded from: threads that begin with it wait for modules. */
export const printPlace = ({ own }: Unit): string => (own.awaits ? ', import.meta.url' : '')

/** What a variable of that name at the top of the module is in the thread that runs. */
export function ownName(name: string, unit: Unit): string {
  const foreign = unit.own.imports.get(name)
  if (foreign === undefined)
    return `${named(unit, 'o')}()${/^\w/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`
  if (foreign.name === '*') return `${named(unit, 'o')}.space(${spaceAt(name, unit)}, ${name})`
  const at = foreignFiles(unit).indexOf(foreign.file)
  return `${named(unit, 'o')}.of(${at})[${JSON.stringify(foreign.name)}]`
}

/** An operand that may be named more than once: `before` evaluates it (and ends in a comma), `ref` names it. */
export interface Operand {
  readonly before: Rope
  readonly ref: string
}

/** The text of a literal, `this`, or a name that never changes: it may stand anywhere, any number of times. */
export function directly(node: Node, scope: Scope): string | undefined {
  if (node.type === 'Literal' && (typeof node.value === 'number' || typeof node.value === 'string')) return node.raw
  if (node.type === 'ThisExpression') return scope.self
  if (node.type === 'Identifier' && isStable(scope.unit.names, node.name) && !isOwn(node, scope)) return node.name
  return undefined
}

/** Makes an operand of a node, without a temporary where that is possible. */
export function operand(node: Node, scope: Scope): Operand {
  const ref = directly(node, scope)
  return ref === undefined ? hold(scope.unit.print(node, scope), scope) : { before: '', ref }
}

/** Makes an operand of printed text. */
export function hold(text: Rope, scope: Scope): Operand {
  const ref = temporary(scope)
  return { before: [`${ref} = (`, text, '), '], ref }
}
