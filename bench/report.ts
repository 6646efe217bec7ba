/**
 * The same results for two readers: a table for people, JSON Lines for programs.
 */

import { cpus, loadavg } from 'node:os'
import type { Result } from './measure.ts'
import type { Suite } from './suite.ts'

/** Version of the JSON Lines: goes up when a key changes its meaning. */
const SCHEMA = 1

interface Environment {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Runnable threads over the last minute, ours among them. */
  readonly load: number
}

function environment(): Environment {
  const cores = cpus()
  const [load] = loadavg()
  return { node: process.version, cpu: cores[0]?.model.trim() ?? 'unknown', cores: cores.length, load: rounded(load!)! }
}

/** One object a line: first where it was measured, then each case. Times in nanoseconds, spread as a share, null for what can't be said. */
export function jsonLines(suite: Suite, results: readonly Result[]): string {
  const lines = [
    { schema: SCHEMA, event: 'environment', suite: suite.name, ...environment() },
    ...results.map(({ name, ns, net, spread, ratio, netRatio, samples }) => ({
      schema: SCHEMA,
      event: 'bench',
      suite: suite.name,
      case: name,
      ns: rounded(ns),
      net: rounded(net),
      spread: rounded(spread),
      ratio: rounded(ratio),
      netRatio: rounded(netRatio),
      samples,
    })),
  ]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function rounded(n: number | null): number | null {
  return n === null ? null : Math.round(n * 1000) / 1000
}

/** The table, with the suite's explanation below it. */
export function table(suite: Suite, results: readonly Result[]): string {
  const header = ['', 'ns/run', 'net', 'spread', 'ratio', 'net ratio']
  const rows = results.map(({ label, ns, net, spread, ratio, netRatio }) => [
    label,
    time(ns),
    net === null ? '-' : time(net),
    `${Math.round(spread * 100)} %`,
    multiple(ratio),
    multiple(netRatio),
  ])
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)))
  const lines = [header, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  )
  const { node, cpu, cores, load } = environment()
  const where = `Node ${node}, ${cores} x ${cpu}, load average ${load.toFixed(1)}.`
  return [...lines, '', ...suite.footer, where, ''].join('\n')
}

function time(ns: number): string {
  return ns.toFixed(ns < 100 ? 2 : 0)
}

function multiple(ratio: number | null): string {
  return ratio === null ? '-' : `${ratio.toFixed(ratio < 10 ? 2 : 0)} x`
}
