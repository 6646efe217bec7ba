/**
 * Another revision beside this one, or a variant: its library, today's benchmarks, built in a tree of its own; then
 * both builds in turn, so that a slow stretch of the machine slows both.
 */

import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bring, build, fillVariant, lastWords, ROOT, withTree } from '../src/command/tree.ts'
import { UsageError } from '../src/command/usage-error.ts'
import { plantEdits } from '../src/explore/internals-load.ts'
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

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

/** What this tree is compared with. */
export interface Other {
  /** What the command line calls it, which heads its column. */
  readonly name: string
  /** What comes from where, in a sentence. */
  readonly from: string
  readonly fill: (tree: string) => void
  readonly after?: () => void
  /** Why it can't be measured. */
  readonly refusal: (why: string) => UsageError
}

/** Another revision; with its own benchmarks, if what is compared stands there. Throws UsageError for what is none. */
export function revision(rev: string, ownBench: boolean): Other {
  let commit: string
  try {
    commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`)
  } catch {
    throw new UsageError(`--compare: got '${rev}', expected a revision that git knows`)
  }
  const short = commit.slice(0, 8)
  return {
    name: rev,
    from: ownBench
      ? `All of ${rev} is of ${short}, the benchmarks as well; packages are those of this tree.`
      : `Of ${rev} (${short}) is all but ${TODAYS.join(' and ')}, which are this tree's in both builds, as are packages.`,
    fill(tree) {
      git('worktree', 'add', '--detach', tree, commit)
      if (ownBench) return
      for (const name of TODAYS) bring(tree, name)
      for (const name of NEEDED) if (!existsSync(join(tree, name))) bring(tree, name)
      for (const [file, now, before] of RENAMED) exportAs(join(tree, `src/shared/${file}.ts`), now, before)
    },
    after: () => git('worktree', 'prune'),
    refusal: (why) =>
      new UsageError(
        why.startsWith("can't be built")
          ? `--compare: ${short} ${why}`
          : `--compare: got ${short}, expected ${OLDEST} or a later revision: ${why}`,
      ),
  }
}

/** This tree with the patches of a folder. */
export function variant(folder: string): Other {
  return {
    name: folder,
    from: `${folder}: this tree, as it stands, with the patches in ${folder}.`,
    fill: (tree) => fillVariant(folder, plantEdits, tree),
    refusal: (why) => new UsageError(`--edits: ${why}`),
  }
}

/** Calls `use` with the sample.js of the other build. Whatever happens, its tree is gone afterwards. */
export function withBuild<T>({ fill, after, refusal }: Other, use: (script: string) => Promise<T>): Promise<T> {
  const built = async (tree: string): Promise<T> => {
    const complaint = build(tree)
    const script = join(tree, 'dist/bench/sample.js')
    if (!existsSync(script)) throw refusal(`can't be built: ${complaint}`)
    return use(script)
  }
  return withTree(fill, built, after)
}

/** Exports what the other revision calls `before` by the name that it has now, too. */
function exportAs(file: string, now: string, before: string): void {
  if (!existsSync(file) || !new RegExp(`^export function ${before}\\b`, 'm').test(readFileSync(file, 'utf8'))) return
  appendFileSync(file, `\nexport { ${before} as ${now} }\n`)
}

/**
 * Both builds, in turn, once each for every process of the budget. Throws UsageError if today's benchmarks don't run
 * there.
 */
export async function compare(
  suite: Suite,
  names: readonly string[],
  plan: Plan,
  other: Other,
  script: string,
): Promise<Compared[]> {
  const processes = processesOf(suite, plan)
  const rows = suite.rows(plan.scope).filter(({ name, quoted }) => names.includes(name) && quoted === undefined)
  const measured = rows.map(({ name }) => name)
  const here: Sample[] = []
  const there: Sample[] = []
  const takeThere = async (turn: number) => {
    try {
      there.push(await takeSample(suite, measured, { ...plan, mark: 'there' }, turn, script))
    } catch (error) {
      throw other.refusal(`today's ${suite.name} does not run there: ${lastWords(error)}`)
    }
  }
  for (let i = 0; i < processes; i++) {
    plan.progress(`${suite.name}: pair ${i + 1} of ${processes}`)
    // Who goes first alternates: the second finds warmer caches, or a hotter machine.
    if (i % 2 === 0) await takeThere(i)
    here.push(await takeSample(suite, measured, plan, i))
    if (i % 2 !== 0) await takeThere(i)
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
      values: { here: ours.map(orNull), there: theirs.map(orNull) },
    }
  })
}

function orNull(n: number): number | null {
  return Number.isNaN(n) ? null : n
}
