/**
 * What no scenario has in both orders: the table in docs/unraced.md, a row for each function, with the number of its
 * sites and the reason. What is in both orders stands in mutation/raced.json, with a scenario that has it.
 */

import type { FileCoverage, SiteCoverage } from '../src/explore/index.ts'

export const RACED = 'mutation/raced.json'
export const DOCUMENT = 'docs/unraced.md'

/** By file and site, which scenario has it in both orders. */
export type Raced = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Sites of one function that no scenario has in both orders. */
export interface Row {
  readonly file: string
  readonly within: string
  readonly sites: number
  readonly reason: string
}

/** A site without its line, which changes with whatever stands above it. Several may have one name. */
export const nameOf = ({ within, operation, source }: SiteCoverage): string => `${within}: ${operation} ${source}`

/** How many sites of each function are not among those. */
export function rowsOf(files: readonly FileCoverage[], raced: Raced): Row[] {
  return files.flatMap(({ file, sites }) => {
    const open = sites.filter((site) => raced[file]?.[nameOf(site)] === undefined)
    const functions = [...new Set(open.map(({ within }) => within))]
    return functions.map((within) => ({
      file,
      within: within === '' ? '(top)' : within,
      sites: open.filter((site) => site.within === within).length,
      reason: '?',
    }))
  })
}

/** The rows of the table in a text. */
export function readRows(text: string): Row[] {
  return [...text.matchAll(/^\| `(src\/[^`]+)` \| (?:`([^`]+)`) \| (\d+) \| (.*) \|$/gm)].map(
    ([, file, within, sites, reason]) => ({ file, within, sites: Number(sites), reason }),
  )
}

/** The table of these rows, with the reasons that are known. */
export function tableOf(rows: readonly Row[], known: readonly Row[]): string {
  const reasonOf = ({ file, within }: Row) =>
    known.find((row) => row.file === file && row.within === within)?.reason ?? '?'
  const lines = rows.map((row) => `| \`${row.file}\` | \`${row.within}\` | ${row.sites} | ${reasonOf(row)} |`)
  return `| file | function | sites | reason |\n|---|---|---|---|\n${lines.join('\n')}\n`
}
