/**
 * The sources as the page shows them, coloured when the page is built: `virtual:sources` loads a file's lines, each a
 * list of pieces with their class, and its functions. `virtual:scenarios` loads the scenarios of the lessons, whole or
 * broken.
 */

import { resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { createHighlighter, type Highlighter } from 'shiki'
import { createCssVariablesTheme } from 'shiki/core'
import type { Plugin } from 'vite'
import { EXHIBITS } from '../exhibits.ts'
import { LESSONS } from '../lessons/lesson-list.ts'
import { MUSEUM } from '../museum.ts'
import type { SourceFile } from '../source-file.ts'
import { filesOf, root, textOf } from './explored.ts'

const SOURCES = 'virtual:sources'
const SCENARIOS = 'virtual:scenarios'

/** The plugin. */
export function sources(): Plugin {
  let highlighter: Promise<Highlighter> | undefined
  return {
    name: 'sources',
    resolveId: (source) => (/^virtual:(sources?\/|sources$|scenarios$)/.test(source) ? `\0${source}` : undefined),
    async load(id) {
      if (id === `\0${SOURCES}`) return loaders(sourceKeys(), (key) => `virtual:source/${key}`)
      if (id === `\0${SCENARIOS}`) return loaders(scenarioKeys(), scenarioModule)
      const [, file, exhibit = ''] = /^\0virtual:source\/([^@]+)@([\w-]*)$/.exec(id) ?? []
      if (file === undefined) return undefined
      highlighter ??= createHighlighter({ langs: ['typescript'], themes: [createCssVariablesTheme()] })
      return `export default ${JSON.stringify(sourceFile(await highlighter, textOf(resolve(root, file), exhibit), file))}`
    },
  }
}

/** `file@exhibit` of every text that the page can show. */
function sourceKeys(): string[] {
  const files = ['src/sync', 'src/shared', 'props/scenarios', 'web/scenarios'].flatMap(filesOf)
  const edited = EXHIBITS.flatMap(({ id, edits }) => edits.map(({ file }) => `${file}@${id}`))
  return [...files.map((file) => `${file}@`), ...edited]
}

/** `file@exhibit` of every scenario module. */
const scenarioKeys = (): string[] => [
  ...new Set([
    ...LESSONS.flatMap(({ file, exhibits }) => (file === '' ? [] : ['', ...exhibits].map((id) => `${file}@${id}`))),
    ...MUSEUM.flatMap(({ file, id }) => [`${file}@`, `${file}@${id}`]),
  ]),
]

function scenarioModule(key: string): string {
  const [file, exhibit] = key.split('@')
  return `${resolve(root, file)}?explored${exhibit === '' ? '' : `=${exhibit}`}`
}

const loaders = (keys: readonly string[], moduleOf: (key: string) => string): string =>
  `export default { ${keys.map((key) => `${JSON.stringify(key)}: () => import(${JSON.stringify(moduleOf(key))})`).join(',\n')} }`

function sourceFile(highlighter: Highlighter, text: string, file: string): SourceFile {
  const { tokens } = highlighter.codeToTokens(text, { lang: 'typescript', theme: 'css-variables' })
  const lines = tokens.map((line) =>
    line.flatMap(({ content, color = '' }) => [/token-([\w-]+)/.exec(color)?.[1] ?? '', content]),
  )
  return { lines, functions: functionsOf(text, file) }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Name, first line and last line of every function, from 1. */
function functionsOf(text: string, file: string): SourceFile['functions'] {
  const found: [string, number, number][] = []
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const visit = (node: unknown, name: string): void => {
    if (Array.isArray(node)) for (const each of node) visit(each, name)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const { type, start, end, id, key, ...rest } = node as Node
    const own = ((id ?? key) as { name?: string } | undefined)?.name ?? name
    if (/Function/.test(type ?? '')) found.push([own, lineOf(start), lineOf(end)])
    for (const value of Object.values(rest)) visit(value, /Declarator|Property/.test(type ?? '') ? own : name)
  }
  visit(parseSync(file, text).program.body, '')
  return found
}
