/**
 * docs/found.md: each fault of a published package is found in the package as installed, by the schedule that the page
 * shows, and its repair is clean in all interleavings.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { LONG } from '../share.ts'

const folder = fileURLToPath(new URL('./published', import.meta.url))
const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const page = readFileSync(new URL('../../docs/found.md', import.meta.url), 'utf8')
const lacks = !existsSync(join(folder, 'node_modules'))
  ? 'needs npm ci --ignore-scripts in test/explore/published: '
  : !existsSync(command)
    ? 'needs npm run build: '
    : ''
/** Traces of a repaired scenario that a run explores; more with LONG=1. */
const MOST = LONG ? Number.POSITIVE_INFINITY : 1000

/** The rows of the table with that heading, as cells. */
function tableOf(heading: string): string[][] {
  const lines = page.slice(page.indexOf(`\n| ${heading} |`) + 1).split('\n')
  const rows = lines.slice(2, lines.indexOf(''))
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

interface Line {
  readonly complete: number
  readonly exhaustive: boolean
  readonly violation: { kind: string; schedule: string } | null
}

async function explored(where: string, what: string): Promise<Line> {
  const [file, scenario, ...flags] = what.split(' ')
  const all = ['--packages', '*', '--json', '--scenario', scenario, ...flags]
  const run = promisify(execFile)(process.execPath, [command, 'explore', `${where}/${file}`, ...all], { cwd: folder })
  // A finding has a status of its own, and the line is there all the same.
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
    if (error.stdout === '') throw new Error(error.stderr)
    return error
  })
  return JSON.parse(stdout) as Line
}

const published = tableOf('as published')
const repaired = tableOf('repaired')

describe('the page on faults that were found', () => {
  it('names the versions that are installed', () => {
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string }>
    }
    const named = tableOf('package').map(([name, version]) => [name, version.split(' ')[0]])
    expect(named.length).toBe(3)
    for (const [name, version] of named) expect(lock.packages[`node_modules/${name}`].version).toBe(version)
  })

  it('names each scenario that has a repair', () => {
    const exported = readdirSync(join(folder, 'repaired')).flatMap((name) => {
      const text = readFileSync(join(folder, 'repaired', name), 'utf8')
      return [...text.matchAll(/^export const (\w+)/gm)].map(([, scenario]) => `${name} ${scenario}`)
    })
    expect(repaired.map(([what]) => what).sort()).toEqual(exported.sort())
  })

  it.skipIf(lacks !== '').each(published)(
    `${lacks}%s: the package as installed fails`,
    async (what, kind, schedule) => {
      const { violation } = await explored('scenarios', what)
      expect([violation?.kind, violation?.schedule]).toEqual([kind, schedule])
    },
  )

  it.skipIf(lacks !== '').each(repaired.filter(([, traces]) => Number(traces) <= MOST))(
    `${lacks}%s: what is repaired is clean in all %s traces`,
    async (what, traces, verdict) => {
      const { violation, exhaustive, complete } = await explored('repaired', what)
      expect([violation, exhaustive, String(complete), verdict]).toEqual([null, true, traces, 'clean'])
    },
  )
})
