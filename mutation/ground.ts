/**
 * The ground floor (src/sync, src/shared) and the scenarios that explore it: all of props/scenarios, some of them with
 * the implementation of locks and grace periods as well.
 */

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
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
export const HELPERS = ['setting.ts', 'steps.ts']

/** Waiters sleep at once: a loop that only looks some times before it does would multiply the traces. */
export const AT_ONCE: readonly Edit[] = [
  { file: `${ROOT}/src/sync/lock-word.ts`, from: 'const SPINS = 100', to: 'const SPINS = 0' },
  { file: `${ROOT}/src/sync/grace-period.ts`, from: 'const SPINS = 200', to: 'const SPINS = 0' },
]

/** The allocator's own traffic, which its tags hide: explored as any code. Lines stay where they are. */
export const ALLOCATOR_EXPLORED: readonly Edit[] = [
  { from: ' * @explore alloc cpu.words[result] size=size kind=KIND_NAMES[kind]\n', to: ' *\n' },
  { from: ' * @explore free cpu.words[object] body=skip\n', to: ' *\n' },
  { from: ' * @explore arena words[words[HEADER.heap]] to=words[HEADER.heapEnd]\n', to: ' *\n' },
].map((edit) => ({ ...edit, file: `${ROOT}/src/shared/slab.ts` }))

/** How a file of scenarios is loaded. */
export interface Way {
  readonly file: string
  readonly raw: boolean
  readonly edits: readonly Edit[]
}

/** Files with scenarios that are explored so alone, and with which edits; and files that are explored both ways. */
const RAW_ALONE: Readonly<Record<string, readonly Edit[]>> = {
  'waiting.ts': AT_ONCE,
  'raw-callbacks.ts': [...AT_ONCE, ...ALLOCATOR_EXPLORED],
  'raw-locks.ts': [],
  'raw-slab.ts': [...AT_ONCE, ...ALLOCATOR_EXPLORED],
}
const RAW_TOO = ['cache-slots.ts', 'get-against-delete.ts', 'two-deletes.ts', 'value-with-lock-word.ts']

/** All files of scenarios, each way that they are explored in. */
export function ways(): readonly Way[] {
  const files = readdirSync(`${ROOT}/props/scenarios`).filter((file) => !HELPERS.includes(file))
  const plain = files.filter((file) => RAW_ALONE[file] === undefined).map((file) => ({ file, raw: false, edits: [] }))
  const raw = files.filter((file) => RAW_ALONE[file] !== undefined || RAW_TOO.includes(file))
  return [...plain, ...raw.map((file) => ({ file, raw: true, edits: RAW_ALONE[file] ?? [] }))]
}

/** The scenarios of a file, by name, on freshly loaded sources. */
export async function scenariosOf(way: Way, edits: readonly Edit[] = []): Promise<Map<string, Scenario<unknown>>> {
  const { file, raw } = way
  const exports = await loadInstrumented(`${ROOT}/props/scenarios/${file}`, {
    raw,
    edits: [...way.edits, ...edits],
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
