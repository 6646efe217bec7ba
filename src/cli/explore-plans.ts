/**
 * What `explore` is to explore and how, from its command line.
 */

import { readFileSync } from 'node:fs'
import type { Values } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { STRATEGIES } from '../explore/internals.ts'
import { hasLayout, LAYOUT_LINE } from '../explore/internals-load.ts'
import { type All, allOf } from './explore-all.ts'
import { FLAGS, MAX_SEED, packagesOf, SAMPLE } from './explore-flags.ts'
import { optionsOf } from './explore-memory.ts'
import type { Plan } from './explore-plan.ts'
import { SUSPICION, suspicionOf } from './explore-suspects.ts'
import type { Watched } from './explore-watch.ts'
import { programName, type Source } from './line-name.ts'
import { scenarioFiles } from './scenario-files.ts'
import {
  type Found,
  type Listing,
  listScenarios,
  listThoseThatLoad,
  type Refused,
  tellFiles,
  tellRefused,
} from './scenario-listing.ts'
import { editsOf } from './scenario-source.ts'

type Given = Values<typeof FLAGS>

/** What is explored together, before anything else is looked at; of files with what they load. */
export interface Round {
  readonly plans: readonly Watched[]
  readonly refused: readonly Refused[]
}

/**
 * The rounds: one, in the order of the words. With --all the cheapest scenarios come first, and those that the museum
 * has for what was edited come before them, in rounds of their own, so that these need not wait for all files.
 */
export async function* roundsFor(values: Given, words: readonly string[]): AsyncGenerator<Round> {
  const { scenario, litmus, program, all, edits, layout, raw } = values
  if (program !== undefined) {
    const its = { program, argv: words, raw, packages: packagesOf(values.packages) }
    const source: Source = values.globals === 'browser' ? { ...its, globals: 'browser' } : its
    yield roundOf(plansOf(values, source, [programName(program)]))
  } else if (litmus !== undefined) yield roundOf(plansOf(values, { litmus }, [litmus]))
  else if (all && scenario === undefined && edits === undefined && layout === 0) yield* roundsOfAll(values, allOf())
  else {
    const { files, cost } = all ? allOf(edits !== undefined) : { files: scenarioFiles(words), cost: () => 0 }
    const { found, refused } = await listThoseThatLoad(files, listingOf(values))
    const loaded = edits === undefined ? found : thoseThatLoad(found, edits)
    const its = layout === 0 ? loaded : thoseThatLayOut(loaded)
    const names = its.flatMap((each) => each.names)
    if (scenario !== undefined && !names.includes(scenario)) {
      throw new UsageError(`--scenario: got ${quote(scenario)}, expected ${either(names)}`)
    }
    const plans = watchedOf(values, its, cost, (_, name) => scenario === undefined || name === scenario)
    if (plans.length === 0) throw new UsageError('got no file with scenarios, expected one')
    yield { plans: all ? byCost(plans) : plans, refused }
  }
}

/** All of a project: first those that show bugs of edited lines, then those of edited files, then the others. */
async function* roundsOfAll(values: Given, { root, files, cost }: All): AsyncGenerator<Round> {
  const suspicion = await suspicionOf(root)
  const listing = listingOf(values)
  let left = files
  const listed: Found[] = []
  for (const feared of [SUSPICION.lines, SUSPICION.file, SUSPICION.none]) {
    const its = left.filter(({ file }) => suspicion(file) >= feared)
    left = left.filter((file) => !its.includes(file))
    const { found, refused } = await listScenarios(its, listing)
    tellRefused(listing.command, refused)
    listed.push(...found)
    const plans = watchedOf(values, listed, cost, (file, name) => suspicion(file, name) === feared)
    if (plans.length > 0 || refused.length > 0) yield { plans: byCost(plans), refused }
  }
  if (listed.length === 0) throw new UsageError('--all: got no file with scenarios that loads, expected one')
}

/** Plans of no file. */
const roundOf = (plans: readonly Plan[]): Round => ({
  plans: plans.map((plan) => ({ plan, loads: [], cost: 0, broke: false })),
  refused: [],
})

/** All rounds as one. */
export async function allOfThem(rounds: AsyncIterable<Round>): Promise<Round> {
  const plans: Watched[] = []
  const refused: Refused[] = []
  for await (const round of rounds) {
    plans.push(...round.plans)
    refused.push(...round.refused)
  }
  return { plans, refused }
}

function listingOf({ raw, packages, edits, layout, patience, seconds }: Given): Listing {
  const how = { raw, packages: packagesOf(packages), edits, layout: otherThan(FLAGS.layout.initial, layout) }
  return { command: `${called} explore`, how, patience, seconds }
}

const byCost = (plans: readonly Watched[]) => plans.toSorted((a, b) => a.cost - b.cost)

/** The plans of those scenarios of these files that are wanted. */
const watchedOf = (
  values: Given,
  found: readonly Found[],
  cost: All['cost'],
  wanted: (file: string, scenario: string) => boolean,
): Watched[] =>
  found.flatMap(({ source, names, loads }) => {
    const { file } = source
    const its = names.filter((name) => wanted(file, name))
    return plansOf(values, source, its).map((plan) => {
      return { plan, loads, cost: cost(file, plan.scenario), broke: false }
    })
  })

/** The files that load one that is edited; the others would be explored as they stand. */
function thoseThatLoad(found: readonly Found[], folder: string): Found[] {
  const files = [...new Set(editsOf(folder).map(({ file = '' }) => file))]
  const loadedBy = ({ loads }: Found, file: string) => loads.some((path) => path.endsWith(`/${file}`))
  for (const file of files) {
    if (found.some((each) => loadedBy(each, file))) continue
    const own = file.split('/').at(-1)
    const like = [...new Set(found.flatMap(({ loads }) => loads))].filter((path) => path.endsWith(`/${own}`))
    const expected = like.length > 0 ? like.join(', ') : 'a file that one of these scenarios loads'
    throw new UsageError(`--edits: got an edit of ${quote(file)}, expected ${expected}`)
  }
  const its = found.filter((each) => files.some((file) => loadedBy(each, file)))
  tellFiles(
    `${called} explore`,
    `nothing that ${folder} edits is loaded by`,
    found.filter((each) => !its.includes(each)).map(({ source }) => source.file),
  )
  return its
}

/** The files that load one with a layout; the others would be explored as they stand. */
function thoseThatLayOut(found: readonly Found[]): Found[] {
  const its = found.filter(({ loads }) => loads.some((path) => hasLayout(readFileSync(path, 'utf8'))))
  if (its.length === 0) {
    const files = found.map(({ source }) => source.file).join(', ')
    throw new UsageError(`--layout: got ${files}, expected a file that has, or loads one with, a line '${LAYOUT_LINE}'`)
  }
  tellFiles(
    `${called} explore`,
    `no '${LAYOUT_LINE}' is loaded by`,
    found.filter((each) => !its.includes(each)).map(({ source }) => source.file),
  )
  return its
}

/** The plans of these scenarios of a source. */
function plansOf(values: Given, source: Source, names: readonly string[]): Plan[] {
  const { strategy } = values
  const { exact } = STRATEGIES[strategy]
  // Drawn here, so that jobs share it out.
  const seed = exact ? undefined : (values.seed ?? Math.floor(Math.random() * (MAX_SEED + 1)))
  const options = {
    maxPreemptions: values['max-preemptions'],
    // What stands in a scenario holds where no flag says otherwise.
    maxSteps: otherThan(FLAGS['max-steps'].initial, values['max-steps']),
    seed,
    depth: otherThan(FLAGS.depth.initial, values.depth),
    keepGoing: otherThan(FLAGS['keep-going'].initial, values['keep-going']),
    first: values.first || undefined,
    detect: values.detect,
    coverage: values.coverage || values.lcov !== undefined ? true : undefined,
    ...budget(values, exact),
  }
  const given =
    values.memory === undefined
      ? options
      : { ...optionsOf(values), seed, depth: options.depth, ...budget(values, exact) }
  return names.map((name) => ({
    source,
    scenario: name,
    strategy,
    options: defined(given),
  }))
}

/** A sample would never end by itself. */
function budget(values: Given, exact: boolean): Plan['options'] {
  const { seconds, 'max-executions': most } = values
  return defined({ seconds, maxExecutions: most ?? (exact || seconds !== undefined ? undefined : SAMPLE) })
}

/** The saved plan with the budget that is given now, on top of the executions that lie behind. */
export function resumed(plan: Plan, values: Given, behind: number): Plan {
  const { maxExecutions: _spent, seconds: _over, ...options } = plan.options
  const { maxExecutions: more, ...now } = budget(values, STRATEGIES[plan.strategy].exact)
  return { ...plan, options: { ...options, ...now, ...(more !== undefined && { maxExecutions: behind + more }) } }
}

const otherThan = <T>(initial: T, value: T): T | undefined => (value === initial ? undefined : value)

/** Without what is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}
