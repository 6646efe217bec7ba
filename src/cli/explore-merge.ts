/**
 * `explore --merge`: coverage that several runs have printed as lines of JSON, as one.
 */

import { readFileSync } from 'node:fs'
import { EXIT } from '../command/exit-status.ts'
import type { Values } from '../command/flags.ts'
import { unreadable } from '../command/path.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { type Coverage, type FileCoverage, mergeCoverage, type SiteCoverage } from '../explore/index.ts'
import { shape } from '../explore/internals.ts'
import { writeCoverage } from './explore-coverage.ts'
import { FLAGS, refuseBeside } from './explore-flags.ts'

const { count, flag, list, record, text } = shape

const SITE = record({
  ...{ line: count, column: count, operation: text, source: text, within: text },
  ...{ executed: flag, met: flag, bothOrders: flag },
})

/** What stands in a line besides follows from these. */
interface Line {
  readonly file: string
  readonly texts: readonly string[]
  readonly places: readonly SiteCoverage[]
}

const WRITES = ['merge', 'coverage', 'json', 'lcov', 'help']

/** Throws UsageError for flags that say how to explore, and where there is nothing to merge. */
export function refuseMerge(values: Values<typeof FLAGS>, words: readonly string[]): void {
  if (!values.merge) return
  const others = Object.keys(FLAGS).filter((name) => !WRITES.includes(name)) as (keyof typeof FLAGS)[]
  refuseBeside('merge', others, values)
  if (words.length === 0)
    throw new UsageError('--merge: got no file, expected those with the lines that --coverage --json has printed')
}

/** Prints the coverage of all these files as one. */
export function mergeFiles(values: Values<typeof FLAGS>, words: readonly string[]): number {
  const parts = words.map(coverageIn)
  const first = new Map<string, { readonly from: string; readonly texts: readonly string[] }>()
  for (const [i, { files }] of parts.entries())
    for (const { file, texts } of files) {
      const known = first.get(file)
      if (known !== undefined && !texts.some((each) => known.texts.includes(each)))
        throw new UsageError(`--merge: ${known.from} and ${words[i]} tell of other texts of ${file}, expected the same`)
      first.set(file, known ?? { from: words[i], texts })
    }
  writeCoverage(mergeCoverage(parts), '', { ...values, coverage: true })
  return EXIT.clean
}

/** The coverage in a file; other lines, such as those of results, are passed over. */
function coverageIn(path: string): Coverage {
  const why = unreadable(path)
  if (why !== undefined) throw new UsageError(`--merge: got ${quote(path)}, expected a file that may be read (${why})`)
  const files: FileCoverage[] = []
  for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue
    const its = parsed(line, `${path}:${i + 1}`)
    if (its.event === 'coverage') files.push(fileOf(its, `${path}:${i + 1}`))
  }
  if (files.length === 0)
    throw new UsageError(
      `--merge: got no line with "event":"coverage" in ${path}, expected what --coverage --json prints`,
    )
  return { files, newest: 0, halves: [] }
}

function parsed(line: string, place: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line))
  } catch {
    throw new UsageError(`--merge: got ${quote(line.slice(0, 40))} at ${place}, expected a line of JSON`)
  }
}

function fileOf(its: Readonly<Record<string, unknown>>, place: string): FileCoverage {
  const { schema, file, texts, places } = its
  const wrong =
    schema !== 1
      ? `schema: got ${JSON.stringify(schema)}, expected 1`
      : record({ file: text, texts: list(text), places: list(SITE) })({ file, texts, places }, 'coverage')
  if (wrong !== undefined) throw new UsageError(`--merge: ${place}: ${wrong}`)
  const line = { file, texts, places } as unknown as Line
  return { file: line.file, texts: line.texts, sites: line.places }
}
