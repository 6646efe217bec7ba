/**
 * The sources as the page shows them, coloured when the page is built: `virtual:sources` loads a file's lines, each a
 * list of pieces with their class. `virtual:functions` has the functions of all files. `virtual:scenarios` loads the
 * scenarios of the lessons, whole or broken.
 */

import { resolve } from 'node:path'
import { createHighlighter, type Highlighter } from 'shiki'
import { createCssVariablesTheme } from 'shiki/core'
import type { Plugin } from 'vite'
import { EDITED } from '../exhibits.ts'
import { LESSONS } from '../lessons/lesson-list.ts'
import { MUSEUM } from '../museum.ts'
import type { FunctionPlace, SourceFile } from '../source-file.ts'
import { filesOf, root, textOf } from './explored.ts'
import { functionsOf } from './functions.ts'

const SOURCES = 'virtual:sources'
const SCENARIOS = 'virtual:scenarios'
const FUNCTIONS = 'virtual:functions'

/** The plugin. */
export function sources(): Plugin {
  let highlighter: Promise<Highlighter> | undefined
  return {
    name: 'sources',
    resolveId: (source) =>
      /^virtual:(sources?\/|(sources|scenarios|functions)$)/.test(source) ? `\0${source}` : undefined,
    async load(id) {
      if (id === `\0${SOURCES}`) return loaders(sourceKeys(), (key) => `virtual:source/${key}`)
      if (id === `\0${SCENARIOS}`) return loaders(scenarioKeys(), scenarioModule)
      if (id === `\0${FUNCTIONS}`) return `export default ${JSON.stringify(allFunctions())}`
      const [, file, exhibit = ''] = /^\0virtual:source\/([^@]+)@([\w-]*)$/.exec(id) ?? []
      if (file === undefined) return undefined
      highlighter ??= createHighlighter({ langs: ['typescript'], themes: [createCssVariablesTheme()] })
      return `export default ${JSON.stringify(sourceFile(await highlighter, textOf(resolve(root, file), exhibit)))}`
    },
  }
}

/** `file@exhibit` of every text that the page can show. */
function sourceKeys(): string[] {
  const files = ['src/sync', 'src/shared', 'props/scenarios', 'web/scenarios'].flatMap(filesOf)
  const edited = [...EDITED.values()].flatMap(({ id, edits }) => edits.map(({ file }) => `${file}@${id}`))
  return [...files.map((file) => `${file}@`), ...edited]
}

/** The functions of every text, each with those that it mentions and that the page has. */
function allFunctions(): Record<string, FunctionPlace[]> {
  const keys = sourceKeys()
  const all = keys.map((key) => {
    const [file, exhibit] = key.split('@')
    return functionsOf(textOf(resolve(root, file), exhibit), file)
  })
  const names = new Set(all.flat().map(([name]) => name))
  return Object.fromEntries(
    all.map((functions, k) => [
      keys[k],
      functions.map(([name, from, to, mentions]) => [name, from, to, mentions.filter((each) => names.has(each))]),
    ]),
  )
}

/** `file@exhibit` of every scenario module. */
const scenarioKeys = (): string[] => [
  ...new Set([
    ...LESSONS.flatMap(({ file, exhibits }) => (file === '' ? [] : ['', ...exhibits].map((id) => `${file}@${id}`))),
    ...MUSEUM.flatMap(({ file, id, mended }) => [`${file}@${mended}`, `${file}@${id}`]),
  ]),
]

function scenarioModule(key: string): string {
  const [file, exhibit] = key.split('@')
  return `${resolve(root, file)}?explored${exhibit === '' ? '' : `=${exhibit}`}`
}

const loaders = (keys: readonly string[], moduleOf: (key: string) => string): string =>
  `export default { ${keys.map((key) => `${JSON.stringify(key)}: () => import(${JSON.stringify(moduleOf(key))})`).join(',\n')} }`

function sourceFile(highlighter: Highlighter, text: string): SourceFile {
  const { tokens } = highlighter.codeToTokens(text, { lang: 'typescript', theme: 'css-variables' })
  return tokens.map((line) =>
    line.flatMap(({ content, color = '' }) => [/token-([\w-]+)/.exec(color)?.[1] ?? '', content]),
  )
}
