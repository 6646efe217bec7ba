/**
 * The ground floor (src/sync, src/shared) and the scenarios that explore it: all of props/scenarios, some of them with
 * the implementation of locks and grace periods as well.
 */

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  IN_BATCHES_OF_ONE,
  RAW,
  RAW_AT_ONCE,
  RAW_TO_THE_ALLOCATOR,
  RAW_WITH_A_LOOK,
} from '../props/scenarios/beneath-tags.ts'
import {
  type Coverage,
  check,
  type Edit,
  type FileCoverage,
  loadInstrumented,
  type Options,
  type Result,
  type Scenario,
} from '../src/explore/index.ts'

/** The sources stand beside what was built. */
export const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url))

/** What stands beside the scenarios and is none. */
export const HELPERS = ['beneath-tags.ts', 'layout.ts', 'setting.ts', 'steps.ts']

/** How a file of scenarios is loaded. */
export interface Way {
  readonly file: string
  readonly raw: boolean
  readonly edits: readonly Edit[]
}

/** Files whose scenarios are loaded in a way of their own, and files that are explored both ways. */
const OWN_WAY: Readonly<Record<string, { readonly raw: boolean; readonly edits?: readonly Edit[] }>> = {
  'iterate-in-batches.ts': IN_BATCHES_OF_ONE,
  'waiting.ts': RAW_AT_ONCE,
  'raw-callbacks.ts': RAW_TO_THE_ALLOCATOR,
  'raw-grace-periods.ts': RAW_TO_THE_ALLOCATOR,
  'raw-locks.ts': RAW,
  'raw-online.ts': RAW_TO_THE_ALLOCATOR,
  'raw-sanitizer.ts': RAW_TO_THE_ALLOCATOR,
  'raw-slab.ts': RAW_TO_THE_ALLOCATOR,
  'raw-spins.ts': RAW_WITH_A_LOOK,
  'raw-words.ts': RAW_AT_ONCE,
}
const RAW_TOO = ['cache-slots.ts', 'get-against-delete.ts', 'two-deletes.ts', 'value-with-lock-word.ts']

/** All files of scenarios, each way that they are explored in. */
export function ways(): readonly Way[] {
  const files = readdirSync(`${ROOT}/props/scenarios`).filter((file) => file.endsWith('.ts') && !HELPERS.includes(file))
  const wayOf = (file: string, raw: boolean): Way => ({ file, raw, edits: OWN_WAY[file]?.edits ?? [] })
  const once = files.map((file) => wayOf(file, OWN_WAY[file]?.raw ?? false))
  const raw = RAW_TOO.map((file) => wayOf(file, true))
  // Files that are explored both ways come as they are first.
  return [...once.filter((way) => !way.raw), ...once.filter((way) => way.raw), ...raw]
}

/** The scenarios of a file, by name, on freshly loaded sources, with their objects laid out by that number. */
export async function scenariosOf(
  way: Way,
  edits: readonly Edit[] = [],
  layout = 0,
): Promise<Map<string, Scenario<unknown>>> {
  const { file, raw } = way
  const exports = await loadInstrumented(`${ROOT}/props/scenarios/${file}`, {
    raw,
    // Those of the way fit in what these make of a file.
    edits: [...edits, ...way.edits],
    layout,
  })
  const scenarios = Object.entries(exports).filter(
    ([, it]) => typeof it === 'object' && it !== null && 'setup' in it && 'threads' in it,
  )
  return new Map(scenarios) as Map<string, Scenario<unknown>>
}

/** Explores one, to the end or to a bound, and tells what was covered of the ground floor. */
export function explored(scenario: Scenario<unknown>, way: Way, options: Options): Result {
  return check(scenario, { keepGoing: true, shrink: false, raw: way.raw, coverage: true, ...options })
}

/** The files of the ground floor, by their paths from here. */
export function groundOf({ files }: Coverage): readonly FileCoverage[] {
  return files
    .map((each) => ({ ...each, file: each.file.replace(ROOT, '').replace(/^\//, '') }))
    .filter(({ file }) => /^src\/(sync|shared)\//.test(file))
}
