/**
 * `explore --watch`: after an edit, the scenarios that it may break, the likeliest first, until one does.
 */

import { statSync } from 'node:fs'
import { relative } from 'node:path'

/** A file of scenarios, as the watch knows it. */
export interface Watched {
  readonly file: string
  /** All that it loads, itself included, as absolute paths. */
  readonly loads: readonly string[]
  /** Seconds that it took the last time. */
  seconds: number
  /** It broke the last time. */
  broke: boolean
}

/** Milliseconds between two looks at the files. */
const LOOK = 200

/** Bugs of the museum in a file, by the file of scenarios that shows them. None where there is no museum. */
async function bugsIn(changed: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const bugs = new Map<string, number>()
  try {
    const { EXHIBITS } = await import('../../museum/index.ts')
    for (const { edits, scenario } of EXHIBITS)
      if (edits.some(({ file }) => changed.some((path) => path.endsWith(`/${file}`))))
        bugs.set(scenario.file, (bugs.get(scenario.file) ?? 0) + 1)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
  }
  return bugs
}

/**
 * Those that load one of the changed files: first those that broke the last time, then by how many known bugs of these
 * files they show, then by how long they take.
 */
export async function toExplore(all: readonly Watched[], changed: readonly string[]): Promise<Watched[]> {
  const bugs = await bugsIn(changed)
  const known = ({ file }: Watched) => [...bugs].reduce((sum, [its, n]) => (file.endsWith(its) ? sum + n : sum), 0)
  return all
    .filter(({ loads }) => loads.some((path) => changed.includes(path)))
    .sort((a, b) => Number(b.broke) - Number(a.broke) || known(b) - known(a) || a.seconds - b.seconds)
}

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Resolves with the files that have changed since `times` was noted, and notes them anew. Never: nothing has. */
export async function changes(times: Map<string, number>, signal: AbortSignal): Promise<string[]> {
  for (;;) {
    const changed = [...times].flatMap(([path, time]) => (timeOf(path) === time ? [] : [path]))
    for (const path of changed) times.set(path, timeOf(path))
    if (changed.length > 0 || signal.aborted) return changed
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

/** When each file that is loaded was changed last. */
export const timesOf = (all: readonly Watched[]): Map<string, number> =>
  new Map(all.flatMap(({ loads }) => loads.map((path) => [path, timeOf(path)] as const)))

/** What is said of an edit. */
export function told(changed: readonly string[], next: readonly Watched[]): string {
  const short = (path: string) => relative(process.cwd(), path)
  return `\nchanged: ${changed.map(short).join(', ')}; exploring ${next.length === 1 ? '1 file that loads' : `${next.length} files that load`} it\n`
}
