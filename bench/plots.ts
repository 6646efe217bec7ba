/**
 * Pictures of results, as Vega-Lite describes them and Vega draws them, without a browser.
 */

import type { Result } from './measure.ts'
import { peer } from './peers.ts'

/** What a picture shows: a mark for each of these. */
type Point = Readonly<Record<string, string | number>>

type Spec = Readonly<Record<string, unknown>>

const OURS = 'sk-storage'
const COLOURS = { range: ['#1f6f8b', '#d08c2f', '#8a8a8a', '#7a4f8f'] }

function colour(domain: readonly string[]): Spec {
  return { field: 'who', type: 'nominal', title: null, scale: { domain, ...COLOURS } }
}

/** A point on each line, on a logarithmic scale: bars would have to begin at 0, which is not on it. */
function dots(values: readonly Point[], title: string, domain: readonly string[]): Spec {
  return {
    width: 420,
    data: { values },
    mark: { type: 'point', filled: true, size: 90 },
    encoding: {
      y: { field: 'label', type: 'nominal', sort: null, title: null, axis: { labelLimit: 0, grid: true } },
      x: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title },
      color: colour(domain),
    },
  }
}

function lines(values: readonly Point[], x: string, y: string, domain: readonly string[], more: Spec = {}): Spec {
  return {
    data: { values },
    facet: { field: 'facet', type: 'nominal', title: null, sort: null },
    columns: 2,
    spec: {
      width: 230,
      height: 150,
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'x', type: 'ordinal', title: x, axis: { labelAngle: 0 } },
        y: { field: 'value', type: 'quantitative', title: y, ...more },
        color: colour(domain),
      },
    },
    resolve: { scale: { y: 'independent' } },
  }
}

type Measured = Result & { readonly value: number }

const OTHERS = 'other ways'
const OTHER_WAYS = ['sharedmap', 'private-map', 'mutex-table', 'owner-thread', 'lmdb']

/** Whose number it is. */
function whose(name: string): string {
  if (name.startsWith('native-') || name === 'native') return 'C reference'
  if (name.startsWith('kernel-')) return 'Linux'
  if (name.startsWith('nidhugg-')) return 'Nidhugg'
  if (name.startsWith('genmc-')) return 'GenMC'
  return OTHER_WAYS.includes(name) ? OTHERS : OURS
}

/** The digits at a name's end, and what stands before them, whosever it is. */
function numbered(name: string): { series: string; x: number } | undefined {
  const found = /^(?:native-|kernel-)?(.+)-([0-9]+)$/.exec(name)
  return found === null ? undefined : { series: found[1], x: Number(found[2]) }
}

function numberedPoints(results: readonly Measured[], title: (series: string) => string, scale = 1): Point[] {
  return results.flatMap(({ name, value }) => {
    const found = numbered(name)
    return found === undefined
      ? []
      : [{ facet: title(found.series), x: found.x, value: value * scale, who: whose(name) }]
  })
}

const SERIES: Readonly<Record<string, string>> = {
  'get-own': 'lookup, sockets of its own',
  'get-one': 'lookup, all on one socket',
  'create-own': 'create + delete, sockets of its own',
  'create-one': 'create + delete, all on one socket',
  'update-own': 'update in place, sockets of its own',
  'update-one': 'update in place, all on one socket',
  sequential: 'in turn',
  interleaved: 'interleaved',
  short: 'bpf_spin_lock, short section',
  long: 'bpf_spin_lock, long section',
  add: 'atomic add',
  cmpxchg: 'cmpxchg loop',
}

function times(results: readonly Measured[]): Point[] {
  return results
    .filter(({ unit }) => unit === 'ns')
    .map(({ name, label, value }) => ({ label: label.trim(), value, who: whose(name) }))
}

/** A program's times stand on one line. */
function programTimes(results: readonly Measured[]): Point[] {
  return results
    .filter(({ unit }) => unit === 'ns')
    .map(({ name, value }) => ({ label: name.replace(/^(nidhugg|genmc)-/, ''), value: value / 1e9, who: whose(name) }))
}

const SPECS: Readonly<Record<string, (results: readonly Measured[]) => Spec>> = {
  headline: (results) => dots(times(results), 'nanoseconds a run', [OURS, 'C reference', 'Linux', OTHERS]),
  scale: (results) =>
    lines(
      numberedPoints(results, (name) => SERIES[name], 1e-6),
      'CPUs',
      'million a second',
      [OURS, 'C reference'],
    ),
  maps: (results) =>
    lines(
      numberedPoints(results, (name) => SERIES[name]),
      'maps',
      'nanoseconds a lookup',
      [OURS, 'Linux'],
      {
        scale: { type: 'log' },
      },
    ),
  lifecycle: (results) => dots(times(results), 'nanoseconds', [OURS, 'C reference']),
  locks: (results) =>
    lines(
      numberedPoints(results, (name) => SERIES[name] ?? name, 1e-6),
      'CPUs',
      'million additions a second',
      [OURS],
    ),
  rcu: (results) => dots(times(results), 'nanoseconds', [OURS]),
  explorer: (results) => dots(programTimes(results), 'seconds', [OURS, 'Nidhugg', 'GenMC']),
}

interface VegaLite {
  compile(spec: Spec): { spec: unknown }
}

interface Vega {
  parse(spec: unknown): unknown
  View: new (runtime: unknown, options: { renderer: 'none' }) => { toSVG(): Promise<string> }
}

/** The suite's picture as SVG, or undefined if it has none. Throws Unavailable if Vega is not to be had. */
export async function plot(suite: string, results: readonly Result[]): Promise<string | undefined> {
  const measured = results.filter((result): result is Measured => result.value !== null)
  const spec = SPECS[suite]?.(measured)
  if (spec === undefined || measured.length === 0) return undefined
  const { compile } = (await peer('vega-lite')) as VegaLite
  const { parse, View } = (await peer('vega')) as Vega
  const config = { background: 'white', font: 'sans-serif' }
  const svg = await new View(parse(compile({ ...spec, config }).spec), { renderer: 'none' }).toSVG()
  return `${svg}\n`
}
