/**
 * What was measured, as text.
 */

import { availableParallelism, cpus, loadavg } from 'node:os'
import type { RecordableHistogram } from 'node:perf_hooks'
import { compact, table } from '../command/table.ts'
import type { Measured } from './measure.ts'

/** Percentiles of single operations. */
const PERCENTILES = [50, 90, 99, 99.9, 99.99] as const
/** Operations that must lie beyond a percentile for it to be told. */
const BEYOND = 10

/** A table of what was measured, and one of latencies if they were, with the machine in the last line. */
export function formatMeasured(measured: readonly Measured[]): string {
  const lines = table([
    ['', 'threads', 'operations', 'each', 'spread', 'ratio'],
    ...measured.map(({ name, threads, perSecond, ns, spread, ratio }) => [
      name,
      String(threads),
      `${compact(perSecond)}/s`,
      duration(ns),
      `${Math.round(spread * 100)} %`,
      ratio === null ? '-' : `${ratio.toFixed(2)} x`,
    ]),
  ])
  const timed = measured.filter(({ latency }) => latency !== null && latency.count > 0)
  if (timed.length > 0) {
    const heading = ['latency', ...PERCENTILES.map((each) => `p${each}`), 'max']
    lines.push('', ...table([heading, ...timed.map(({ name, latency }) => [name, ...percentilesOf(latency!)])]))
  }
  const [load] = loadavg()
  const cores = availableParallelism()
  if (measured.some(({ threads }) => threads > cores))
    lines.push('', `More threads than the ${cores} cores took turns on them.`)
  const cpu = cpus()[0]?.model.trim() ?? 'unknown'
  return [...lines, '', `Node ${process.version}, ${cores} x ${cpu}, load average ${load.toFixed(1)}.`, ''].join('\n')
}

function percentilesOf(latency: RecordableHistogram): string[] {
  const told = PERCENTILES.map((each) =>
    latency.count * (1 - each / 100) < BEYOND ? '-' : duration(latency.percentile(each)),
  )
  return [...told, duration(latency.max)]
}

/** How operations are spread over the powers of two that their nanoseconds lie between, a bar each. */
export function formatHistogram(latency: RecordableHistogram, width = 50): string {
  const first = Math.floor(Math.log2(Math.max(1, latency.min)))
  const last = Math.floor(Math.log2(Math.max(1, latency.max)))
  const below = Array.from({ length: last - first + 2 }, (_, i) => shareBelow(latency, 2 ** (first + i)))
  const shares = below.slice(1).map((share, i) => share - below[i])
  const most = Math.max(...shares)
  const rows = shares.map((share, i) => [
    duration(2 ** (first + i)),
    `${share.toFixed(share < 0.1 ? 3 : 1)} %`,
    '#'.repeat(Math.ceil((share / most) * width)).padEnd(width),
  ])
  return `${table([['from', 'share', ''], ...rows]).join('\n')}\n`
}

/** The percentage of operations that took less. A histogram of Node's tells what a percentage took; so it is sought. */
function shareBelow(latency: RecordableHistogram, ns: number): number {
  if (latency.max < ns) return 100
  let [less, more] = [0, 100]
  for (let i = 0; i < 40; i++) {
    const middle = (less + more) / 2
    if (latency.percentile(middle) < ns) less = middle
    else more = middle
  }
  return less
}

function duration(ns: number): string {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(2)} s`
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(2)} ms`
  if (ns >= 1e4) return `${(ns / 1e3).toFixed(1)} us`
  return `${ns.toFixed(ns < 100 ? 1 : 0)} ns`
}
