/**
 * The `@explore` tag: which operation a call of a function is.
 *
 * Grammar, in full, in docs/explore-dialect.md:
 *
 *     @explore <kind> [<place>] [<option>=<expression> ...]
 *
 * Place and options are JavaScript expressions over the function's parameters, the names of its module and, for
 * `alloc`, `result`. They are compiled where the function stands: data for the engine, no code in the house.
 */

import { parseSync } from 'oxc-parser'
import * as kinds from '../runtime/kinds.ts'
import type { Node } from './estree.ts'

/** Kind of tag, to the kind of operation. */
export const tagKinds = {
  deref: kinds.DEREF,
  hint: kinds.HINT,
  'write-once': kinds.WRITE_ONCE,
  lock: kinds.LOCK,
  unlock: kinds.UNLOCK,
  trylock: kinds.TRYLOCK,
  await: kinds.AWAIT,
  pause: kinds.PAUSE,
  'read-enter': kinds.READ_ENTER,
  'read-exit': kinds.READ_EXIT,
  'grace-period': kinds.GRACE,
  barrier: kinds.BARRIER,
  callback: kinds.CALLBACK,
  alloc: kinds.ALLOC,
  free: kinds.FREE,
  arena: kinds.ARENA,
} as const

type TagKind = keyof typeof tagKinds

/** Kinds whose implementation is explored instead when exploring raw. */
export const implementations: ReadonlySet<string> = new Set<TagKind>([
  'lock',
  'unlock',
  'trylock',
  'await',
  'read-enter',
  'read-exit',
  'grace-period',
  'barrier',
  'callback',
])

const placed = new Set<TagKind>([
  'deref',
  'hint',
  'write-once',
  'lock',
  'unlock',
  'trylock',
  'await',
  'alloc',
  'free',
  'arena',
])
const options = ['class', 'until', 'size', 'kind', 'to', 'value', 'returns', 'body']

/** Options that a kind can't do without. */
const required: Partial<Record<TagKind, string>> = { await: 'until', alloc: 'size', arena: 'to', 'write-once': 'value' }

/** A tag, parsed. Expressions are source texts. */
export interface Tag {
  readonly kind: TagKind
  readonly view?: string
  readonly index?: string
  /** What a callback runs: a call expression, taken apart. */
  readonly call?: { callee: string; self: string | undefined; arguments: string }
  readonly options: Readonly<Record<string, string>>
  /** Does the body run, unseen, after the operation? An allocator's body always runs, and is seen. */
  readonly body: 'run' | 'skip'
}

/** Reads the tag out of a JSDoc comment's text. Undefined if it has none; throws what is wrong with it. */
export function parseTag(comment: string, raw: boolean): Tag | undefined {
  const found = /(?:^|[\s*])@explore[ \t]+([a-z-]+)([^\n]*)/.exec(comment)
  if (!found) return undefined
  const kind = found[1] as TagKind
  if (!(kind in tagKinds)) {
    throw new SyntaxError(`@explore ${kind}: no such kind; there are ${Object.keys(tagKinds).join(', ')}`)
  }
  if (raw && implementations.has(kind)) return undefined

  const given: Record<string, string> = {}
  const [place = '', ...rest] = found[2].trim().split(new RegExp(`(?:^|\\s+)(${options.join('|')})=(?![=>])`))
  for (let at = 0; at < rest.length; at += 2) {
    expression(rest[at + 1], kind)
    given[rest[at]] = rest[at + 1].trim()
  }
  const body = given.body
  if (body !== undefined && body !== 'run' && body !== 'skip') {
    throw new SyntaxError(`@explore ${kind}: body is ${body}; it may be run or skip`)
  }
  const needed = required[kind]
  if (needed !== undefined && given[needed] === undefined) {
    throw new SyntaxError(`@explore ${kind}: ${needed}=... is missing`)
  }
  const tag = { kind, options: given, body: body ?? 'skip' } as const
  if (place === '') {
    if (placed.has(kind)) throw new SyntaxError(`@explore ${kind}: the place is missing, as in words[at]`)
    if (kind === 'callback')
      throw new SyntaxError('@explore callback: the call is missing, as in callbacks[kind](head)')
    return tag
  }
  const node = expression(place, kind)
  const text = (part: Node): string => place.slice(part.start - 1, part.end - 1)
  if (kind === 'callback') {
    if (node.type !== 'CallExpression') throw new SyntaxError(`@explore callback: ${place} is not a call`)
    const callee = node.callee as Node
    const inner = node.arguments as Node[]
    const last = inner[inner.length - 1]
    return {
      ...tag,
      call: {
        callee: text(callee),
        self: callee.type === 'MemberExpression' ? text(callee.object) : undefined,
        arguments: last ? place.slice(inner[0].start - 1, last.end - 1) : '',
      },
    }
  }
  if (node.type !== 'MemberExpression' || !node.computed) {
    throw new SyntaxError(`@explore ${kind}: ${place} is not a place such as words[at]`)
  }
  return { ...tag, view: text(node.object), index: text(node.property) }
}

/** Parses an expression of a tag; its offsets are one too high, for the bracket put around it. */
function expression(text: string, kind: string): Node {
  const { program, errors } = parseSync('tag.js', `(${text.trim()})`, { preserveParens: false })
  const statement = (program as unknown as Node).body[0] as Node | undefined
  if (errors.length > 0 || statement?.type !== 'ExpressionStatement') {
    throw new SyntaxError(`@explore ${kind}: ${text.trim()} is not an expression`)
  }
  return statement.expression
}

/**
 * Can the tag be inlined at a call, with the arguments in place of the parameters? Only marked loads and stores, and
 * only then.
 */
export function isInlineAccess(tag: Tag, parameters: readonly string[]): boolean {
  if (
    tag.kind === 'write-once' ? !parameters.includes(tag.options.value) : tag.kind !== 'deref' && tag.kind !== 'hint'
  ) {
    return false
  }
  return parameters.includes(tag.view!) && parameters.includes(tag.index!)
}
