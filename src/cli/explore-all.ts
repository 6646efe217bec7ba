/**
 * `explore --all`: the files of scenarios that package.json names, and what is known of how much each takes.
 *
 *     "explore": { "files": ["races", "!races/wrong.js"], "traces": "test/traces.json" }
 *
 * With edits, where it names none: those of the package that the command stands in.
 */

import { readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { name as called, MANIFEST } from '../command/package.ts'
import { kindAt } from '../command/path.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { type Named, scenarioFiles } from './scenario-files.ts'

/** Traces of scenarios, by name of the file and of the scenario. */
type Traces = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface All {
  /** The folder of that package.json. */
  readonly root: string
  readonly files: readonly Named[]
  /** What is known of a scenario's cost: the less, the sooner it is explored. */
  readonly cost: (file: string, scenario: string) => number
}

const EXPECTED = 'expected one with "explore": { "files": ["races"] } in it'

/** The nearest package.json, from here up. */
function manifest(folder = process.cwd()): string {
  const path = join(folder, 'package.json')
  if (kindAt(path) === 'file') return path
  if (dirname(folder) === folder) throw new UsageError(`--all: got no package.json here or above, ${EXPECTED}`)
  return manifest(dirname(folder))
}

function json(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`--all: got ${quote(path)}, expected JSON, but ${(error as Error).message}`)
  }
}

/** The manifest and what stands in it under "explore". Undefined: not as it is expected. */
function namedIn(path: string): { path: string; files: readonly string[]; traces: unknown } | undefined {
  const { files, traces } = (json(path) as { explore?: { files?: unknown; traces?: unknown } }).explore ?? {}
  const isList = Array.isArray(files) && files.every((file) => typeof file === 'string')
  return isList ? { path, files, traces } : undefined
}

/** The scenarios of the package that this command stands in, told: only of them can edits be of its sources. */
function namedByPackage(path: string) {
  const its = namedIn(relative(process.cwd(), fileURLToPath(MANIFEST)))
  if (its === undefined) return undefined
  process.stderr.write(`${called} explore: --all: ${path} names no scenarios, so those of ${called} are taken\n`)
  return its
}

/**
 * All that package.json names; with `edits` those of this command's own package where it names nothing. Throws
 * UsageError where neither does.
 */
export function allOf(edits = false): All {
  const own = manifest()
  const named = namedIn(own) ?? (edits ? namedByPackage(own) : undefined)
  if (named === undefined) throw new UsageError(`--all: got ${quote(own)}, ${EXPECTED}`)
  const { path, files, traces } = named
  const from = (its: string) => relative(process.cwd(), resolve(dirname(path), its)) || '.'
  const counted = typeof traces === 'string' ? Object.entries(json(from(traces)) as Traces) : []
  const without = scenarioFiles(files.filter((file) => file.startsWith('!')).map((file) => from(file.slice(1))))
  const all = scenarioFiles(files.filter((file) => !file.startsWith('!')).map(from))
  return {
    root: dirname(path),
    files: all.filter(({ file }) => !without.some((other) => other.file === file)),
    cost: (file, scenario) => {
      const its = counted.find(([name]) => `/${resolve(file)}`.endsWith(`/${name}`))?.[1][scenario]
      // What nobody has counted comes first, by its size: below 1, where counts begin.
      return its ?? statSync(file).size / 1e9
    },
  }
}
