/**
 * A file that can't be transformed: it runs as it stands, and a thread that enters one of its functions is refused, by
 * name and place. Its imports are rewritten like those of any other.
 */

import MagicString from 'magic-string'
import { parseSync } from 'oxc-parser'
import type { Site } from '../runtime/site.ts'
import { UNTOUCHED } from '../runtime/untouched.ts'
import { childrenOf, isFunction, type Node } from '../transform/estree.ts'
import { printPlace } from '../transform/import-meta.ts'
import { languageOf } from '../transform/language.ts'
import { lineStarts, placeOf } from '../transform/rope.ts'
import {
  afterHashbang,
  bindRuntime,
  fingerprintOf,
  type Transformed,
  type TransformOptions,
} from '../transform/transform.ts'
import { compile } from './compile.ts'

/** The file with a refusal at the door of each function. `reason` says what can't be followed in it. */
export function guard(text: string, file: string, options: TransformOptions, reason: string): Transformed {
  // Types are no JavaScript, whatever else the file holds.
  const typed = options.origin === undefined && languageOf(file) !== 'js'
  const { code, origin } = typed ? compile(text, file, options.format) : { code: text, origin: options.origin }
  const known = origin?.format ?? options.format
  const { program, module } = parseSync(file, code, { lang: 'js', astType: 'js', sourceType: known ?? 'unambiguous' })
  const format = known ?? (module.hasModuleSyntax ? 'module' : 'commonjs')
  const output = new MagicString(code)
  const author = origin?.text ?? code
  const lines = lineStarts(author)
  const sites: Site[] = []
  const door = (node: Node, name: string): string => {
    const { line, column } = placeOf(lines, origin?.offset(node.start) ?? node.start)
    sites.push({ file, line: line + 1, column: column + 1, operation: name, source: name })
    const told = JSON.stringify(`${name || 'a function'} stands in a file that can't be followed: ${reason}`)
    return `${UNTOUCHED}.e.running && ${UNTOUCHED}.e.refuse(${UNTOUCHED}.base + ${sites.length - 1}, ${told})`
  }
  for (const statement of program.body as unknown as Node[]) visit(statement, '', output, door)
  rewriteLinks(program as unknown as Node, output, options)
  const place = format === 'module' ? printPlace(code, file, options.url) : ''
  const directives = (program.body as unknown as Node[]).filter((each) => each.directive)
  const at = directives[directives.length - 1]?.end ?? afterHashbang(program as unknown as Node, code)
  const holder = `${UNTOUCHED}holder`
  const base = `${holder}.e.module(${JSON.stringify(file)}, '${fingerprintOf(author)}', ${JSON.stringify(sites)})`
  output.appendLeft(
    at,
    `;${place} ${bindRuntime(holder, options)} const ${UNTOUCHED} = { e: ${holder}.e, base: ${base} };`,
  )
  const map = output.generateMap({ source: file, includeContent: true })
  return {
    code: output.toString(),
    map,
    plainMap: () => map,
    sites,
    fingerprint: fingerprintOf(author),
    format,
  }
}

type Door = (node: Node, name: string) => string

/** Puts a door before whatever runs in a function, and in a class when one is made. */
function visit(node: Node, name: string, output: MagicString, door: Door): void {
  if (isFunction(node) && node.body) {
    const told = node.id?.name ?? name
    if (node.body.type === 'BlockStatement') {
      const directives = (node.body.body as Node[]).filter((each) => each.directive)
      output.appendRight(directives[directives.length - 1]?.end ?? node.body.start + 1, `;${door(node, told)};`)
    } else {
      output.appendRight(node.body.start, `(${door(node, told)}, `)
      output.appendLeft(node.body.end, ')')
    }
  }
  // A function keeps the name that the field gives it.
  if (node.type === 'PropertyDefinition' && node.value && !isFunction(node.value)) {
    output.appendRight(node.value.start, `(${door(node, nameOf(node.key))}, `)
    output.appendLeft(node.value.end, ')')
  }
  const its = node.id?.name ?? (node.key === undefined ? name : nameOf(node.key))
  for (const child of childrenOf(node)) visit(child, its, output, door)
}

const nameOf = (key: Node): string => key.name ?? String(key.value ?? '')

/** Imports go where the transform would have them go. */
function rewriteLinks(node: Node, output: MagicString, options: TransformOptions): void {
  const { specifier } = options
  if (specifier !== undefined && /^(Import|Export)/.test(node.type) && typeof node.source?.value === 'string') {
    const to = specifier(node.source.value, node.type === 'ImportExpression')
    output.overwrite(node.source.start, node.source.end, JSON.stringify(to))
  }
  for (const child of childrenOf(node)) rewriteLinks(child, output, options)
}
