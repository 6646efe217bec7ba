/**
 * A source as the page shows it, coloured when the page is built: by line, pieces with their class.
 */

import { createHighlighter, type Highlighter } from 'shiki'
import { createCssVariablesTheme } from 'shiki/core'
import type { SourceFile } from '../source-file.ts'

let highlighter: Promise<Highlighter> | undefined

/** Colours it. */
export async function colouredSource(text: string, lang: 'typescript' | 'c'): Promise<SourceFile> {
  highlighter ??= createHighlighter({ langs: ['typescript', 'c'], themes: [createCssVariablesTheme()] })
  const { tokens } = (await highlighter).codeToTokens(text, { lang, theme: 'css-variables' })
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
