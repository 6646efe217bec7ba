/**
 * The sources as the page shows them, coloured when the page is built: `virtual:sources` loads a file's lines, each a
 * list of pieces with their class, and what an exhibit's edits make of them. `virtual:functions` has the functions of
 * all files.
 */

import { resolve } from 'node:path'
import { createHighlighter, type Highlighter } from 'shiki'
import { createCssVariablesTheme } from 'shiki/core'
import type { Plugin } from 'vite'
import { EDITED } from '../exhibits.ts'
import { type FunctionPlace, type SourceEdit, type SourceFile, writeSource } from '../source-file.ts'
import { filesOf, root, textOf } from './files.ts'
import { functionsOf } from './functions.ts'
import { numbered } from './names.ts'

const SOURCES = 'virtual:sources'
const FUNCTIONS = 'virtual:functions'

/** Every file that the page can show. */
const FILES = ['src/sync', 'src/shared', 'props/scenarios', 'web/scenarios'].flatMap(filesOf)
/** `file@exhibit` of every other text of theirs. */
const EDITED_FILES = [...EDITED.values()].flatMap(({ id, edits }) => edits.map(({ file }) => `${file}@${id}`))

/** The plugin. */
export function sources(): Plugin {
  let highlighter: Promise<Highlighter> | undefined
  return {
    name: 'sources',
    resolveId: (source) => (/^virtual:(sources?\/|(sources|functions)$)/.test(source) ? `\0${source}` : undefined),
    async load(id) {
      if (id === `\0${SOURCES}`)
        return `export const sources = ${loaders(FILES)}\nexport const edits = ${loaders(EDITED_FILES)}`
      if (id === `\0${FUNCTIONS}`) return `export default ${writeFunctions(allFunctions())}`
      const [, file, exhibit] = /^\0virtual:source\/([^@]+)(?:@([\w-]+))?$/.exec(id) ?? []
      if (file === undefined) return undefined
      highlighter ??= createHighlighter({ langs: ['typescript'], themes: [createCssVariablesTheme()] })
      const source = sourceFile(await highlighter, textOf(resolve(root, file), ''))
      if (exhibit === undefined) return `export default ${JSON.stringify(writeSource(source))}`
      const edited = sourceFile(await highlighter, textOf(resolve(root, file), exhibit))
      return `export default ${JSON.stringify(editOf(source, edited))}`
    },
  }
}

/** The functions of every text, each with those that it mentions and that the page has. */
function allFunctions(): Record<string, FunctionPlace[]> {
  const keys = [...FILES.map((file) => `${file}@`), ...EDITED_FILES]
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

/** An expression for them. */
function writeFunctions(all: Readonly<Record<string, readonly FunctionPlace[]>>): string {
  const names = numbered()
  const short = Object.entries(all).map(([key, functions]) => [
    key,
    ...functions.map(([name, from, to, mentions]) => [
      names.numberOf(name),
      from,
      to,
      ...mentions.map((each) => names.numberOf(each)),
    ]),
  ])
  const read = '([name, from, to, ...mentions]) => [names[name], from, to, mentions.map((each) => names[each])]'
  const written = JSON.stringify(short)
  return `((names) => Object.fromEntries(${written}.map(([key, ...list]) => [key, list.map(${read})])))(${names.written()})`
}

const loaders = (keys: readonly string[]): string =>
  `{ ${[...new Set(keys)].map((key) => `${JSON.stringify(key)}: () => import('virtual:source/${key}')`).join(',\n')} }`

/** The edit that makes one source of another: all between the lines at both ends that are the same. */
function editOf(source: SourceFile, edited: SourceFile): SourceEdit {
  const [old, made] = [source, edited].map((file) => file.map((line) => JSON.stringify(line)))
  let from = 0
  while (from < old.length && old[from] === made[from]) from++
  let after = 0
  while (after < Math.min(old.length, made.length) - from && old.at(-1 - after) === made.at(-1 - after)) after++
  return [from, old.length - after, writeSource(edited.slice(from, edited.length - after))]
}

function sourceFile(highlighter: Highlighter, text: string): SourceFile {
  const { tokens } = highlighter.codeToTokens(text, { lang: 'typescript', theme: 'css-variables' })
  return tokens.map((line) => {
    const pieces: string[] = []
    for (const { content, color = '' } of line) {
      const name = /token-([\w-]+)/.exec(color)?.[1] ?? ''
      // A space has no colour, and needs no piece of its own.
      if (pieces.length > 0 && (content.trim() === '' || name === pieces.at(-2)))
        pieces.push(`${pieces.pop()}${content}`)
      else pieces.push(name, content)
    }
    return pieces
  })
}
