/**
 * The functions of a source: where each stands, and what it mentions.
 */

import { parseSync } from 'oxc-parser'
import type { FunctionPlace } from '../source-file.ts'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

/**
 * Every function, outer ones first. One without a name of its own has the name of what it stands in: it is that one's
 * work.
 */
export function functionsOf(text: string, file: string): FunctionPlace[] {
  const found: FunctionPlace[] = []
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const { body } = parseSync(file, text).program
  const known = namesIn(body)
  const visit = (value: unknown, around: string): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, around)
    if (!isNode(value)) return
    const name = nameOf(value) ?? around
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(value.type)) {
      const mentions = new Set<string>()
      collect(value.body, known, mentions)
      found.push([name, lineOf(value.start), lineOf(value.end), [...mentions]])
    }
    for (const inner of Object.values(value)) visit(inner, name)
  }
  visit(body, '')
  return found
}

/** The functions of a text in C whose braces stand at the beginnings of lines: they mention none of ours. */
export function functionsOfC(text: string): FunctionPlace[] {
  const lines = text.split('\n')
  return lines.flatMap((line, k): FunctionPlace[] => {
    const [, name] = /^\w[\w *]*?(\w+)\([^;]*$/.exec(line) ?? []
    const end = lines.indexOf('}', k)
    return name === undefined || end < 0 ? [] : [[name, k + 1, end + 1, []]]
  })
}

/** What a function, or the value of a variable or property, is called. */
function nameOf({ type, id, key }: Node): string | undefined {
  if (!/Function|Declarator|Property|MethodDefinition/.test(type)) return undefined
  return ((id ?? key) as { name?: string } | null | undefined)?.name
}

/** What a module can call by name: what it imports, and what stands at its top. */
function namesIn(body: readonly unknown[]): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (id: unknown) => isNode(id) && typeof id.name === 'string' && names.add(id.name)
  for (const statement of body.filter(isNode)) {
    const declared = isNode(statement.declaration) ? statement.declaration : statement
    add(declared.id)
    for (const { local, id } of [...listOf(declared.specifiers), ...listOf(declared.declarations)]) {
      add(local)
      add(id)
    }
  }
  return names
}

const listOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : [])

/** Those of the names that stand in a piece of source, other than behind a dot or before a colon. */
function collect(value: unknown, known: ReadonlySet<string>, names: Set<string>): void {
  if (Array.isArray(value)) for (const each of value) collect(each, known, names)
  if (!isNode(value)) return
  if (value.type === 'Identifier' && known.has(value.name as string)) names.add(value.name as string)
  for (const [part, inner] of Object.entries(value)) {
    const isName = (part === 'property' || part === 'key') && value.computed !== true
    if (!isName) collect(inner, known, names)
  }
}
