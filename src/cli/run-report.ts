/**
 * The report of a run: as text for people, as JSON Lines for programs.
 */

import { formatSize } from '../command/size.ts'
import { compact, table, withCommas } from '../command/table.ts'
import { bold, green, red } from '../command/terminal.ts'
import { OPS } from '../workers/control.ts'
import type { RunResult } from './run-drive.ts'

/** What the run was asked for. */
export interface RunSettings {
  readonly workload: string
  readonly cpus: number
  readonly sockets: number
  readonly maps: number
  readonly memory: number
  readonly seed: number
  readonly sanitize: boolean
}

/** Columns of single CPUs, at most; beyond that the slowest, the median and the fastest are shown. */
const MAX_COLUMNS = 8

/** Whether the run found anything wrong. */
export function isClean(result: RunResult): boolean {
  return (
    result.failure === undefined &&
    result.violations === 0 &&
    !(leaksCounted(result) && result.machine.leaks.objects > 0)
  )
}

/** '4 CPUs, 1,024 sockets, ...'. */
export function settingsLine(settings: RunSettings): string {
  const { workload, cpus, sockets, maps, memory, seed, sanitize } = settings
  const parts = [
    count(cpus, 'CPU'),
    count(sockets, 'socket'),
    count(maps, 'map'),
    formatSize(memory),
    `seed ${seed}`,
    ...(sanitize ? ['sanitizer on'] : []),
  ]
  return `${workload}: ${parts.join(', ')}`
}

/** The report as lines of text. Its last line ends with '0 leaked, 0 violations' if all is well. */
export function textReport(settings: RunSettings, result: RunResult): string {
  return [
    bold(settingsLine(settings)),
    '',
    ...operations(result),
    '',
    ...errnos(result),
    ...latencies(result),
    ...numbers(settings, result),
    '',
    ...findings(result),
    verdict(result),
    '',
  ].join('\n')
}

function operations(result: RunResult): string[] {
  const { ops, seconds } = result
  const rate = (n: number) => compact(seconds === 0 ? 0 : n / seconds)
  const kinds = OPS.map((name, op) => ({ name, op })).filter(({ op }) => ops.some((counts) => counts[op] > 0))
  const row = (name: string, each: number[]) => {
    const all = each.reduce((a, b) => a + b, 0)
    return [name, withCommas(all), rate(all), ...columns(each).map(rate)]
  }
  const totals = ops.map((counts) => counts.reduce((a, b) => a + b, 0))
  const headings =
    ops.length <= MAX_COLUMNS ? ops.map((_, cpu) => `CPU ${cpu}/s`) : ['slowest CPU/s', 'median/s', 'fastest/s']
  const [heading, ...rest] = table([
    ['operation', 'total', 'per second', ...headings],
    ...kinds.map(({ name, op }) =>
      row(
        name,
        ops.map((counts) => counts[op]),
      ),
    ),
    row('all', totals),
  ])
  return [bold(heading), ...rest]
}

/** One number a CPU, or three that stand for many. */
function columns(each: readonly number[]): number[] {
  if (each.length <= MAX_COLUMNS) return [...each]
  const sorted = [...each].sort((a, b) => a - b)
  return [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]]
}

/** The percentiles that are told. */
const PERCENTILES = [50, 90, 99, 99.9, 99.99] as const

/** How long operations took, of those that were timed. */
function latencies({ latency }: RunResult): string[] {
  if (latency.length === 0) return []
  const us = (ns: number) => (ns / 1000).toFixed(ns < 1e5 ? 2 : 0)
  const timed = OPS.map((name, op) => ({ name, its: latency[op] })).filter(({ its }) => its.count > 0)
  const [heading, ...rest] = table([
    ['microseconds', ...PERCENTILES.map((p) => `p${p}`), 'longest'],
    ...timed.map(({ name, its }) => [name, ...PERCENTILES.map((p) => us(its.percentile(p))), us(its.max)]),
  ])
  return [bold(heading), ...rest, '']
}

/** The same as numbers, in nanoseconds. */
function latencyLines({ latency }: RunResult): object[] {
  return latency.flatMap((its, op) => {
    if (its.count === 0) return []
    const percentiles = Object.fromEntries(PERCENTILES.map((p) => [`p${p}`, its.percentile(p)]))
    return [{ schema: 1, event: 'latency', op: OPS[op], count: its.count, ...percentiles, max: its.max }]
  })
}

function errnos(result: RunResult): string[] {
  const pairs = Object.entries(result.errnos).map(([key, n]) => ({ pair: key.split(' '), n }))
  if (pairs.length === 0) return []
  const names = [...new Set(pairs.map(({ pair }) => pair[1]))].sort()
  const kinds = OPS.filter((op) => pairs.some(({ pair }) => pair[0] === op))
  const cell = (op: string, name: string) => withCommas(result.errnos[`${op} ${name}`] ?? 0)
  const [heading, ...rest] = table([
    ['ended with', ...names],
    ...kinds.map((op) => [op, ...names.map((n) => cell(op, n))]),
  ])
  return [bold(heading), ...rest, '']
}

function numbers(settings: RunSettings, result: RunResult): string[] {
  const { gracePeriods, gracePeriodMs, peakBytes } = result.machine
  const median = gracePeriodMs === undefined ? '' : `, median ${gracePeriodMs.toFixed(2)} ms`
  return [
    `sockets        ${withCommas(result.socketsMade)} created, ${withCommas(result.socketsClosed)} closed under way`,
    `maps           ${withCommas(result.mapsMade)} created, ${withCommas(result.mapsClosed)} freed under way`,
    `grace periods  ${withCommas(gracePeriods)}${median}`,
    `peak memory    ${formatSize(peakBytes)} of ${formatSize(settings.memory)}`,
    `time           ${result.seconds.toFixed(1)} s in ${count(result.phases, 'phase')}, invariants checked at rest after each`,
  ]
}

function findings(result: RunResult): string[] {
  const lines = result.sentences.map((sentence) => red(`violation: ${sentence}`))
  const more = result.violations - result.sentences.length
  if (more > 0) lines.push(red(`and ${withCommas(more)} more violations`))
  if (result.failure !== undefined) lines.push(red(`failure: ${result.failure.message}`))
  return lines.length === 0 ? [] : [...lines, '']
}

function verdict(result: RunResult): string {
  const { objects, bytes } = result.machine.leaks
  const leaks = leaksCounted(result)
    ? `${objects} leaked${objects > 0 ? ` (${formatSize(bytes)})` : ''}`
    : 'leaks not counted'
  const line = `${leaks}, ${count(result.violations, 'violation')}`
  return leaksCounted(result) && isClean(result) ? green(line) : red(line)
}

/** Leaks can be counted once the machine is at rest; a machine that failed never is. */
function leaksCounted(result: RunResult): boolean {
  return !result.cutShort && (result.failure === undefined || result.failure.code === 'leak')
}

/** The report as objects, one a line; the last is the summary. */
export function jsonReport(settings: RunSettings, result: RunResult): object[] {
  const { leaks, gracePeriods, gracePeriodMs, peakBytes } = result.machine
  const byName = (counts: readonly number[]) => Object.fromEntries(OPS.map((name, op) => [name, counts[op]]))
  const errno: Record<string, number> = {}
  for (const [key, n] of Object.entries(result.errnos)) {
    const name = key.split(' ')[1]
    if (name !== 'NULL') errno[name] = (errno[name] ?? 0) + n
  }
  const { socketsMade, socketsClosed, mapsMade, mapsClosed } = result
  return [
    ...result.ops.map((counts, cpu) => ({ schema: 1, event: 'cpu', cpu, ops: byName(counts) })),
    { schema: 1, event: 'results', results: result.errnos },
    ...latencyLines(result),
    { schema: 1, event: 'objects', socketsMade, socketsClosed, mapsMade, mapsClosed },
    { schema: 1, event: 'machine', gracePeriodMs: gracePeriodMs ?? null, peakBytes, memory: settings.memory },
    ...result.sentences.map((message) => ({ schema: 1, event: 'violation', message })),
    ...(result.failure === undefined ? [] : [{ schema: 1, event: 'failure', ...result.failure }]),
    {
      schema: 1,
      event: 'summary',
      cpus: settings.cpus,
      seconds: Math.round(result.seconds * 1000) / 1000,
      ops: byName(OPS.map((_, op) => result.ops.reduce((sum, counts) => sum + counts[op], 0))),
      errno,
      gracePeriods,
      leaks: leaksCounted(result) ? leaks : null,
      violations: result.violations,
    },
  ]
}

function count(n: number, what: string): string {
  return `${withCommas(n)} ${what}${n === 1 ? '' : 's'}`
}
