/**
 * Another revision beside this one: its library, today's benchmarks, built in a worktree of its own; then both builds
 * in turn, so that a slow stretch of the machine slows both.
 */

import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT } from '../src/command/exit-status.ts'
import { UsageError } from '../src/command/usage-error.ts'
import { median, spread } from '../src/measure/statistics.ts'
import { type Plan, processesOf, ratio, takeSample, valuesOf } from './measure.ts'
import type { Compared } from './report.ts'
import type { Sample } from './sample.ts'
import type { Suite } from './suite.ts'

/** What measures, as it is today. It reaches the library by paths and names that have been there for long. */
const TODAYS = ['bench', 'props']
/** What that needs besides, where the other revision has no such folder. Nothing of it is what is measured. */
const NEEDED = ['src/random']
/** What has had other names: the file, the name now, the one before. */
const RENAMED = [
  ['sk-storage', 'skStorageGet', 'bpfSkStorageGet'],
  ['sk-storage', 'skStorageDelete', 'bpfSkStorageDelete'],
  ['hash-map', 'hashMapLookupElem', 'bpfMapLookupElem'],
  ['hash-map', 'hashMapUpdateElem', 'bpfMapUpdateElem'],
  ['hash-map', 'hashMapDeleteElem', 'bpfMapDeleteElem'],
] as const
/** Older ones may lack something that today's benchmarks use. */
const OLDEST = '0b2f2706'

const HERE = fileURLToPath(new URL('.', import.meta.url))

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

function lastWords(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string }
  const said = (stderr || stdout || message).trim().split('\n')
  return said.find((line) => /error/i.test(line)) ?? said[0]
}

/** The commit that `rev` names. Throws UsageError for what names none. */
export function commitOf(rev: string): string {
  try {
    return run('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`], HERE)
  } catch {
    throw new UsageError(`--compare: got '${rev}', expected a revision that git knows`)
  }
}

/** Calls `use` with the sample.js of that commit's library. Whatever happens, the worktree is gone afterwards. */
export function withBuild<T>(commit: string, use: (script: string) => T): T {
  const root = run('git', ['rev-parse', '--show-toplevel'], HERE)
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-compare-'))
  const tree = join(folder, 'tree')
  // An interrupt ends the child under way; what it throws then leads to the end below.
  const onInterrupt = () => process.exit(EXIT.interrupted)
  process.once('SIGINT', onInterrupt)
  try {
    run('git', ['worktree', 'add', '--detach', tree, commit], root)
    for (const name of TODAYS) bring(root, tree, name)
    for (const name of NEEDED) if (!existsSync(join(tree, name))) bring(root, tree, name)
    for (const [file, now, before] of RENAMED) exportAs(join(tree, `src/shared/${file}.ts`), now, before)
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
    return use(build(tree, commit))
  } finally {
    process.removeListener('SIGINT', onInterrupt)
    rmSync(folder, { recursive: true, force: true })
    run('git', ['worktree', 'prune'], root)
  }
}

function bring(root: string, tree: string, name: string): void {
  rmSync(join(tree, name), { recursive: true, force: true })
  cpSync(join(root, name), join(tree, name), {
    recursive: true,
    filter: (source) => !source.includes('node_modules'),
  })
}

/** Exports what the other revision calls `before` by the name that it has now, too. */
function exportAs(file: string, now: string, before: string): void {
  if (!existsSync(file) || !new RegExp(`^export function ${before}\\b`, 'm').test(readFileSync(file, 'utf8'))) return
  appendFileSync(file, `\nexport { ${before} as ${now} }\n`)
}

/** Types may disagree between the two, so they are not looked at; what can't be run says so when it is. */
function build(tree: string, commit: string): string {
  const script = join(tree, 'dist/bench/sample.js')
  let complaint = ''
  try {
    const project = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--declarationMap', 'false']
    run(process.execPath, ['node_modules/typescript/bin/tsc', ...project], tree)
  } catch (error) {
    complaint = lastWords(error)
  }
  if (!existsSync(script)) throw new UsageError(`--compare: ${commit.slice(0, 8)} can't be built: ${complaint}`)
  // What older revisions call it, and where.
  const bundler = ['scripts/bundle.js', 'scripts/bundle-ground.js', 'bundle-ground.js'].find((file) =>
    existsSync(join(tree, file)),
  )
  if (bundler !== undefined) run(process.execPath, [bundler], tree)
  return script
}

/**
 * Both builds, in turn, once each for every process of the budget. Throws UsageError if today's benchmarks don't run
 * there.
 */
export function compare(
  suite: Suite,
  names: readonly string[],
  plan: Plan,
  commit: string,
  script: string,
): Compared[] {
  const processes = processesOf(suite, plan)
  const rows = suite.rows(plan.scope).filter(({ name, quoted }) => names.includes(name) && quoted === undefined)
  const measured = rows.map(({ name }) => name)
  const here: Sample[] = []
  const there: Sample[] = []
  const takeThere = (turn: number) => {
    try {
      there.push(takeSample(suite, measured, plan, turn, script))
    } catch (error) {
      const got = commit.slice(0, 8)
      const why = `today's ${suite.name} does not run there: ${lastWords(error)}`
      throw new UsageError(`--compare: got ${got}, expected ${OLDEST} or a later revision: ${why}`)
    }
  }
  for (let i = 0; i < processes; i++) {
    plan.progress(`${suite.name}: pair ${i + 1} of ${processes}`)
    // Who goes first alternates: the second finds warmer caches, or a hotter machine.
    if (i % 2 === 0) takeThere(i)
    here.push(takeSample(suite, measured, plan, i))
    if (i % 2 !== 0) takeThere(i)
  }
  return rows.map(({ name, label, unit = 'ns' }) => {
    const ours = valuesOf(here, name)
    const theirs = valuesOf(there, name)
    return {
      name,
      label,
      unit,
      here: orNull(median(ours)),
      there: orNull(median(theirs)),
      ratio: ratio(ours, theirs),
      spread: orNull(spread(ours.map((value, i) => value / theirs[i]))),
    }
  })
}

function orNull(n: number): number | null {
  return Number.isNaN(n) ? null : n
}
