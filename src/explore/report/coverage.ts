/**
 * Coverage of interleavings as a table, as lines of JSON, and as lcov, which viewers of line coverage read.
 */
import type { Coverage, FileCoverage, SiteCoverage } from '../result.ts'

/** How many there are, and of how many that holds. */
interface Sums {
  readonly sites: number
  readonly executed: number
  readonly met: number
  readonly bothOrders: number
}

function sumsOf(sites: readonly SiteCoverage[]): Sums {
  const count = (holds: (site: SiteCoverage) => boolean) => sites.filter(holds).length
  return {
    sites: sites.length,
    executed: count(({ executed }) => executed),
    met: count(({ met }) => met),
    bothOrders: count(({ bothOrders }) => bothOrders),
  }
}

/**
 * One file as an object for JSON Lines; `missing` are the sites that were not seen in both orders, and `texts` and
 * `places` all that `explore --merge` needs.
 */
export function coverageLine({ file, texts, sites }: FileCoverage): Record<string, unknown> {
  const missing = sites.filter(({ bothOrders }) => !bothOrders).map(({ line, source }) => ({ line, source }))
  return { schema: 1, event: 'coverage', file, ...sumsOf(sites), missing, texts, places: sites }
}

/** A table by file and function; the last column has the lines with a site that was not seen in both orders. */
export function formatCoverage(coverage: Coverage, width = 120): string {
  const rows = rowsOf(coverage)
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const lines = rows.map((row) => {
    const [name, ...cells] = row
    const missing = cells.pop()!
    const numbers = cells.map((cell, column) => cell.padStart(widths[column + 1]))
    return shortened(`${[name.padEnd(widths[0]), ...numbers].join('  ')}  ${missing}`.trimEnd(), width)
  })
  return lines.join('\n')
}

/** A list of lines that is too long for the terminal ends between two of them. */
const shortened = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 3).replace(/\S*$/, '')}...`

/** The heading first. */
function rowsOf({ files }: Coverage): string[][] {
  const rows = files.flatMap(({ file, sites }) => {
    const functions = [...new Set(sites.map(({ within }) => within))]
    return [
      rowOf(file, sites, ''),
      ...functions.map((name) => {
        const its = sites.filter(({ within }) => within === name)
        return rowOf(`  ${name === '' ? '(top)' : name}`, its, linesMissing(its))
      }),
    ]
  })
  const all = rowOf(
    'all',
    files.flatMap(({ sites }) => sites),
    '',
  )
  return [['', 'sites', 'executed', 'met', 'both orders', 'lines without'], ...rows, all]
}

function rowOf(name: string, sites: readonly SiteCoverage[], lines: string): string[] {
  const { executed, met, bothOrders } = sumsOf(sites)
  return [name, `${sites.length}`, `${executed}`, `${met}`, `${bothOrders}`, lines]
}

const linesMissing = (sites: readonly SiteCoverage[]): string =>
  [...new Set(sites.filter(({ bothOrders }) => !bothOrders).map(({ line }) => line))].join(' ')

/**
 * A tracefile of lcov. A line counts as hit if one of its operations was executed, and each operation is two branches:
 * met, and seen in both orders.
 */
export function coverageLcov({ files }: Coverage): string {
  return files.map(recordOf).join('')
}

function recordOf({ file, sites }: FileCoverage): string {
  const lines = new Map<number, SiteCoverage[]>()
  for (const site of sites) lines.set(site.line, [...(lines.get(site.line) ?? []), site])
  const branches = [...lines].flatMap(([line, its]) => its.flatMap((site, block) => branchesOf(line, block, site)))
  const hit = [...lines].map(([line, its]) => `DA:${line},${its.some(({ executed }) => executed) ? 1 : 0}`)
  const { met, bothOrders } = sumsOf(sites)
  return [
    'TN:',
    `SF:${file}`,
    ...branches,
    `BRF:${2 * sites.length}`,
    `BRH:${met + bothOrders}`,
    ...hit,
    `LF:${hit.length}`,
    `LH:${hit.filter((each) => each.endsWith(',1')).length}`,
    'end_of_record\n',
  ].join('\n')
}

/** `-`: the operation was not executed. */
function branchesOf(line: number, block: number, { executed, met, bothOrders }: SiteCoverage): string[] {
  const taken = (is: boolean) => (executed ? (is ? '1' : '0') : '-')
  return [`BRDA:${line},${block},0,${taken(met)}`, `BRDA:${line},${block},1,${taken(bothOrders)}`]
}
