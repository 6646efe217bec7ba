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
import { allOf } from './explore-all.ts'
import { FLAGS, MAX_SEED, packagesOf, SAMPLE } from './explore-flags.ts'
import { optionsOf } from './explore-memory.ts'
import type { Plan } from './explore-plan.ts'
import type { Watched } from './explore-watch.ts'
import { type Named, scenarioFiles } from './scenario-files.ts'
import { runJob } from './scenario-process.ts'
import { editsOf, programName, type Source } from './scenario-source.ts'

type Given = Values<typeof FLAGS>

/** A file, with the scenarios in it and all that it loads. */
interface Found {
  readonly source: Extract<Source, { file: string }>
  readonly names: readonly string[]
  readonly loads: readonly string[]
}

/** The plans, and, of files, with what they load: the cheapest first with --all, else in the order of the words. */
export async function plansFor(values: Given, words: readonly string[]): Promise<Watched[]> {
  const { scenario, litmus, program, all, edits, layout, raw } = values
  if (program !== undefined) {
    const source = { program, argv: words, raw, packages: packagesOf(values.packages) }
    const plans = plansOf(values, source, [programName(program)])
    return plans.map((plan) => ({ plan, loads: [], cost: 0, broke: false }))
  }
  if (litmus !== undefined)
    return plansOf(values, { litmus }, [litmus]).map((plan) => ({ plan, loads: [], cost: 0, broke: false }))
  const { files, cost = () => 0 } = all ? allOf() : { files: scenarioFiles(words) }
  const listed = await listedIn(files, values)
  const loaded = edits === undefined ? listed : thoseThatLoad(listed, edits)
  const found = layout === 0 ? loaded : thoseThatLayOut(loaded)
  const names = found.flatMap((each) => each.names)
  if (scenario !== undefined && !names.includes(scenario)) {
    throw new UsageError(`--scenario: got ${quote(scenario)}, expected ${either(names)}`)
  }
  const plans = found.flatMap(({ source, names, loads }) => {
    const its = names.filter((name) => scenario === undefined || name === scenario)
    return plansOf(values, source, its).map((plan): Watched => {
      return { plan, loads, cost: cost(source.file, plan.scenario), broke: false }
    })
  })
  if (plans.length === 0) throw new UsageError('got no file with scenarios, expected one')
  return all ? plans.sort((a, b) => a.cost - b.cost) : plans
}

/** How many names are told before the rest is only counted. */
const SHOWN = 10

function tell(what: string, files: readonly string[]): void {
  if (files.length === 0) return
  const more = files.length > SHOWN ? ` and ${files.length - SHOWN} more` : ''
  process.stderr.write(`${called} explore: ${what} ${files.slice(0, SHOWN).join(', ')}${more}
`)
}

/** What is in these files. Throws UsageError for one that can't be loaded. */
async function listedIn(files: readonly Named[], values: Given): Promise<Found[]> {
  const found: Found[] = []
  for (const { file, byName } of files) {
    const { raw, edits } = values
    const layout = otherThan(FLAGS.layout.initial, values.layout)
    const source = { file, raw, packages: packagesOf(values.packages), edits, layout }
    const watch = { name: file, patience: values.patience, seconds: values.seconds }
    const listed = (await runJob({ list: source, orNone: !byName }, watch)) as Omit<Found, 'source'>
    found.push({ source, ...listed })
  }
  const without = found.filter(({ names }) => names.length === 0)
  tell(
    'no scenarios in',
    without.map(({ source }) => source.file),
  )
  return found.filter(({ names }) => names.length > 0)
}

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
  tell(
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
  tell(
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
