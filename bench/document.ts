/**
 * The document of a whole run: docs/benchmarks.md and its pictures.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Result } from './measure.ts'
import { plot } from './plots.ts'
import { tableCells, whereabouts } from './report.ts'
import type { Suite } from './suite.ts'
import { Unavailable } from './unavailable.ts'

/** The repository's documents, wherever this file was built to. */
export function documents(): string {
  const built = new URL('../../docs/', import.meta.url)
  return fileURLToPath(existsSync(built) ? built : new URL('../docs/', import.meta.url))
}

/** What was measured of a suite, and the command that measures it again. */
export interface Chapter {
  readonly suite: Suite
  readonly results: readonly Result[]
  readonly command: string
}

/** Writes `benchmarks.md` into the folder, and the pictures beside it. Returns the document's path. */
export async function writeDocument(folder: string, chapters: readonly Chapter[]): Promise<string> {
  const pictures = join(folder, 'benchmarks')
  mkdirSync(pictures, { recursive: true })
  const parts = [heading(chapters)]
  for (const chapter of chapters) parts.push(await chapterText(chapter, pictures))
  const path = join(folder, 'benchmarks.md')
  writeFileSync(path, parts.join('\n'))
  return path
}

function heading(chapters: readonly Chapter[]): string {
  const skipped = chapters.some(({ results }) => results.some(({ unavailable }) => unavailable !== undefined))
  return `# Benchmarks

Written by \`npm run bench -- --report\` on ${new Date().toISOString().slice(0, 10)}. ${whereabouts()}

Each value is the median over several processes; the spread is the middle half of them as a share of it. Ratios are taken within each
process, and left out (-) where the processes disagree about them by more than 15 %.${skipped ? ' What could not be measured on this machine says why.' : ''}
`
}

async function chapterText({ suite, results, command }: Chapter, pictures: string): Promise<string> {
  return `## ${suite.name}: ${suite.summary}

\`${command}\`

${await picture(suite, results, pictures)}${markdownTable(suite, results)}

${suite.footer.join('\n')}
`
}

/** The picture's line; without Vega a sentence that says so, as a run without network still has its numbers. */
async function picture({ name, summary }: Suite, results: readonly Result[], pictures: string): Promise<string> {
  try {
    const svg = await plot(name, results)
    if (svg === undefined) return ''
    writeFileSync(join(pictures, `${name}.svg`), svg)
    return `![${summary}](benchmarks/${name}.svg)\n\n`
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return `No picture: ${error.message}\n\n`
  }
}

function markdownTable(suite: Suite, results: readonly Result[]): string {
  const [header, ...rows] = tableCells(suite, results)
  const columns = header.length
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const body = rows.map((cells, i) => {
    const { label } = results[i]
    // Indented in the terminal, where what is quoted stands below what it is quoted for.
    const name = label.startsWith(' ') ? `&emsp;${label.trim()}` : label
    // The reason, where there is one, takes the value's place.
    const value = cells[columns] ?? cells[1]
    return line([name, value, ...cells.slice(2, columns)])
  })
  const rule = `| --- |${' ---: |'.repeat(columns - 1)}`
  return [line(header), rule, ...body].join('\n')
}
