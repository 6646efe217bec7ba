/**
 * What was seen of conflicts, told by source and place, and the coverage of several explorations as one.
 */
import type { Coverage, CoveredStep, FileCoverage, SiteCoverage } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Module, Site } from '../runtime/site.ts'
import type { Options } from '../scenario.ts'
import { BOTH, EXECUTED, isHalf, MET, orderOf, PRIVATE, type Seen } from './collector.ts'

/** Whether the options ask for it. Throws a MisuseError if they ask for what it can't be told of. */
export function asksForCoverage({ coverage, resume, onCheckpoint }: Options): boolean {
  if (coverage !== undefined && typeof coverage !== 'boolean')
    throw new MisuseError(`coverage: got ${typeof coverage}, expected a boolean`)
  const other = resume !== undefined ? 'resume' : onCheckpoint !== undefined ? 'onCheckpoint' : undefined
  if (coverage !== true || other === undefined) return coverage === true
  throw new MisuseError(`coverage: got ${other} as well, expected one of them, since a checkpoint holds no coverage`)
}

/** What was seen, of all modules that were loaded. */
export function coverageOf(seen: Seen): Coverage {
  const files = new Map<string, SiteCoverage[]>()
  const latest = new Map(runtime.modules.map(({ file, fingerprint }) => [file, fingerprint]))
  for (const module of runtime.modules) {
    // A file that was loaded with other text before has other places now.
    if (latest.get(module.file) !== module.fingerprint) continue
    const its = sitesOf(module, seen.sites)
    if (its.length > 0) files.set(module.file, mergedSites([...(files.get(module.file) ?? []), ...its]))
  }
  const step = (number: number): CoveredStep => {
    const { site, thread, nth } = seen.steps[number]
    return { site: nameOf(runtime.sites[site]), thread, nth }
  }
  const wanted = ({ site }: { readonly site: number }) => (seen.sites[site] & BOTH) === 0
  const halves = [...seen.pairs]
    .filter(([, orders]) => isHalf(orders))
    .map(([pair, orders]) => orderOf(pair, orders))
    .filter((pair) => pair.some((number) => wanted(seen.steps[number])))
    .map(([first, second]) => ({ first: step(first), second: step(second) }))
  const all = [...files].map(([file, sites]) => ({ file, texts: [latest.get(file)!], sites }))
  return { files: sorted(all), newest: seen.newest, halves }
}

/**
 * The visible operations of a module: those that the text shows, and what turned out to be one, such as a native that
 * was handed shared memory. What threads came to and never was one is none: memory of a thread alone.
 */
function sitesOf({ base, sites, outline }: Module, bits: readonly number[]): SiteCoverage[] {
  const visible = new Set(outline?.visible)
  return sites.flatMap(({ line, column, operation, source }, at): SiteCoverage[] => {
    const known = bits[base + at] ?? 0
    if ((known & EXECUTED) === 0 && (!visible.has(at) || (known & PRIVATE) !== 0)) return []
    const within = outline?.functions[outline.within[at]] ?? ''
    const is = (bit: number) => (known & bit) !== 0
    return [{ line, column, operation, source, within, executed: is(EXECUTED), met: is(MET), bothOrders: is(BOTH) }]
  })
}

const keyOf = ({ line, column, operation }: SiteCoverage): string => `${line}:${column} ${operation}`
const nameOf = ({ file, line, column, operation }: Site): string => `${file}:${line}:${column} ${operation}`

/** Sites of one source, each once. */
function mergedSites(all: readonly SiteCoverage[]): SiteCoverage[] {
  const sites = new Map<string, SiteCoverage>()
  for (const site of all) {
    // In a text with edits another operation may stand there.
    const key = `${keyOf(site)} ${site.source}`
    const known = sites.get(key) ?? site
    const executed = known.executed || site.executed
    const met = known.met || site.met
    sites.set(key, { ...site, executed, met, bothOrders: known.bothOrders || site.bothOrders })
  }
  return [...sites.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

const sorted = (files: readonly FileCoverage[]): FileCoverage[] => [...files].sort((a, b) => (a.file < b.file ? -1 : 1))

/**
 * The coverage of several explorations as one: a site was executed, met, or seen in both orders if it was in one of
 * them. Which execution was the newest is the largest number of any.
 */
export function mergeCoverage(all: readonly Coverage[]): Coverage {
  const files = new Map<string, FileCoverage[]>()
  for (const each of all.flatMap((part) => part.files)) files.set(each.file, [...(files.get(each.file) ?? []), each])
  const merged = [...files].map(([file, its]) => ({
    file,
    texts: [...new Set(its.flatMap(({ texts }) => texts))],
    sites: mergedSites(its.flatMap(({ sites }) => sites)),
  }))
  return { files: sorted(merged), newest: Math.max(0, ...all.map(({ newest }) => newest)), halves: [] }
}

/**
 * The same of parts of one exploration of one scenario: a conflict that one part has in one order and another part in
 * the other was seen in both.
 */
export function mergeParts(parts: readonly Coverage[]): Coverage {
  const merged = mergeCoverage(parts)
  const halves = new Map<string, Coverage['halves'][number]>()
  const both = new Set<string>()
  for (const half of parts.flatMap((part) => part.halves)) {
    const { first, second } = half
    if (halves.has(textOf(second, first))) for (const { site } of [first, second]) both.add(site)
    halves.set(textOf(first, second), half)
  }
  const files = merged.files.map((each) => ({
    ...each,
    sites: each.sites.map((site) => (both.has(`${each.file}:${keyOf(site)}`) ? { ...site, bothOrders: true } : site)),
  }))
  const open = [...halves.values()].filter(({ first, second }) => !halves.has(textOf(second, first)))
  return { ...merged, files, halves: open }
}

const textOf = (first: CoveredStep, second: CoveredStep): string =>
  `${first.site} ${first.thread} ${first.nth}, ${second.site} ${second.thread} ${second.nth}`
