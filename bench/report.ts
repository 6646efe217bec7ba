/**
 * The same results for two readers: a table for people, JSON Lines for programs.
 */

import { cpus, loadavg } from 'node:os'
import type { Result } from './measure.ts'
import type { Suite, Unit } from './suite.ts'

/** Version of the JSON Lines: goes up when a key changes its meaning. */
const SCHEMA = 1

export interface Environment {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Runnable threads over the last minute, ours among them. */
  readonly load: number
}

export function environment(): Environment {
  const cores = cpus()
  const [load] = loadavg()
  return { node: process.version, cpu: cores[0]?.model.trim() ?? 'unknown', cores: cores.length, load: rounded(load)! }
}

/**
 * One object a line: first where it was measured, then each case. The value's key is its unit; spread is a share; null
 * is what can't be said.
 */
export function jsonLines(suite: Suite, results: readonly Result[]): string {
  const lines = [
    { schema: SCHEMA, event: 'environment', suite: suite.name, ...environment() },
    ...results.map(({ name, unit, value, net, spread, ratio, netRatio, samples, values, unavailable }) => ({
      schema: SCHEMA,
      event: 'bench',
      suite: suite.name,
      case: name,
      [unit]: rounded(value),
      net: rounded(net),
      spread: rounded(spread),
      ratio: rounded(ratio),
      netRatio: rounded(netRatio),
      samples,
      values: values.map(rounded),
      ...(unavailable === undefined ? {} : { unavailable }),
    })),
  ]
  return jsonOf(lines)
}

/** The other build, by the name in its column, and what is of where. */
interface Beside {
  readonly name: string
  readonly from: string
}

/** JSON Lines of how cases compare with another revision, or a variant. */
export function compareLines(suite: Suite, other: Beside, compared: readonly Compared[]): string {
  return jsonOf([
    { schema: SCHEMA, event: 'environment', suite: suite.name, ...environment(), from: other.from },
    ...compared.map(({ name, unit, here, there, ratio, spread, values }) => ({
      schema: SCHEMA,
      event: 'compare',
      suite: suite.name,
      case: name,
      rev: other.name,
      unit,
      here: rounded(here),
      there: rounded(there),
      ratio: rounded(ratio),
      spread: rounded(spread),
      values: { here: values.here.map(rounded), there: values.there.map(rounded) },
    })),
  ])
}

function jsonOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function rounded(n: number | null): number | null {
  return n === null || Number.isNaN(n) ? null : Math.round(n * 1000) / 1000
}

/** One case measured in two builds. */
export interface Compared {
  readonly name: string
  readonly label: string
  readonly unit: Unit
  readonly here: number | null
  readonly there: number | null
  /** Here as a multiple of there; null where the samples disagree too much. */
  readonly ratio: number | null
  readonly spread: number | null
  /** What each pair of processes measured. */
  readonly values: { readonly here: readonly (number | null)[]; readonly there: readonly (number | null)[] }
}

/** Rows of cells, the first one for the names. */
export function tableCells(suite: Suite, results: readonly Result[]): string[][] {
  const nets = suite.empty !== undefined
  const header = ['', 'median', ...(nets ? ['net'] : []), 'spread', 'ratio', ...(nets ? ['net ratio'] : [])]
  const rows = results.map(({ label, unit, value, net, spread, ratio, netRatio, unavailable }) => [
    label,
    value === null ? '-' : shown(value, unit),
    ...(nets ? [net === null ? '-' : shown(net, unit)] : []),
    spread === null ? '-' : `${Math.round(spread * 100)} %`,
    multiple(ratio),
    ...(nets ? [multiple(netRatio)] : []),
    ...(unavailable === undefined ? [] : [unavailable]),
  ])
  return [header, ...rows]
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0].length
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        if (column === 0) return cell.padEnd(widths[0])
        return column < columns ? cell.padStart(widths[column]) : cell
      })
      .join('  '),
  )
}

/** Where it was measured, in one line. */
export function whereabouts(): string {
  const { node, cpu, cores, load } = environment()
  return `Node ${node}, ${cores} x ${cpu}, load average ${load.toFixed(1)}.`
}

/** The table, with the suite's explanation below it. */
export function table(suite: Suite, results: readonly Result[]): string {
  return [...aligned(tableCells(suite, results)), '', ...suite.footer, whereabouts(), ''].join('\n')
}

/** The table of two builds. */
export function compareTable(other: Beside, compared: readonly Compared[]): string {
  const rows = compared.map(({ label, unit, here, there, ratio, spread }) => [
    label,
    here === null ? '-' : shown(here, unit),
    there === null ? '-' : shown(there, unit),
    multiple(ratio),
    spread === null ? '-' : `${Math.round(spread * 100)} %`,
  ])
  const header = ['', 'here', other.name, 'ratio', 'spread']
  const footer =
    'Both builds in turn, each pair of processes one sample; ratio is here to there, left out (-) where the pairs'
  return [
    ...aligned([header, ...rows]),
    '',
    other.from,
    footer,
    `disagree by more than 15 %. ${whereabouts()}`,
    '',
  ].join('\n')
}

export function shown(value: number, unit: Unit): string {
  if (unit === 'perSecond') return `${short(value)}/s`
  if (unit === 'bytes') return `${short(value)} B`
  if (unit === 'share') return value.toFixed(2)
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} s`
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} ms`
  return `${value.toFixed(value < 100 ? 2 : 0)} ns`
}

/** 1234567 is 1.23 M. */
function short(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  return value >= 1e4 ? `${(value / 1e3).toFixed(1)} k` : value.toFixed(0)
}

function multiple(ratio: number | null): string {
  return ratio === null ? '-' : `${ratio.toFixed(ratio < 10 ? 2 : 0)} x`
}
