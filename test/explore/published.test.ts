/**
 * Published packages, unmodified and by name: what the command says of them is what docs/published-packages.md says.
 * They stand in a folder of their own, with exact versions and a lock.
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
const page = readFileSync(new URL('../../docs/published-packages.md', import.meta.url), 'utf8')

const lacks = !existsSync(join(folder, 'node_modules'))
  ? 'npm ci --ignore-scripts in test/explore/published'
  : !existsSync(command)
    ? 'npm run build'
    : ''
const needs = lacks === '' ? '' : `needs ${lacks}: `

/** The rows of the page's tables whose first cell looks so, as cells. */
const rowsOf = (first: RegExp): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([cell]) => first.test(cell))

interface Row {
  readonly file: string
  readonly scenario: string
  readonly flags: readonly string[]
  readonly traces: string
  readonly verdict: string
}

const told = rowsOf(/^`\w.*\.mjs /).map(([what, traces, , verdict]): Row => {
  const [file, scenario, ...flags] = what.slice(1, -1).split(' ')
  return { file, scenario, flags, traces, verdict }
})
const files = [...new Set(told.map(({ file }) => file))]

interface Line {
  readonly scenario: string
  readonly complete: number
  readonly blocked: number
  readonly exhaustive: boolean
  readonly timeouts?: 'idle'
  readonly violation: { kind: string; message: string } | null
}

/** Traces of a row up to which it is explored; all with LONG=1. */
const MOST = LONG ? Number.POSITIVE_INFINITY : 300
/** What would take longer is cut off, and nobody asks for it. */
const UP_TO = LONG ? [] : ['--max-executions', `${MOST + 1}`]

/** What the command says of scenarios of a file, all with the same flags; without a name, of each in it. */
const explored = (file: string, flags: readonly string[]): Promise<Line[]> => linesFor([`scenarios/${file}`, ...flags])

async function linesFor(args: readonly string[]): Promise<Line[]> {
  const all = [command, 'explore', ...args, '--packages', '*', '--keep-going', '--json']
  const run = promisify(execFile)(process.execPath, all, { cwd: folder })
  // A finding has a status of its own, and the lines are there all the same.
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
    if (error.stdout === '') throw new Error(error.stderr)
    return error
  })
  const lines = stdout.trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Line).filter(({ scenario }) => scenario !== undefined)
}

/** A process for all scenarios of a file, unless some are explored with flags only. */
async function linesOf(rows: readonly Row[]): Promise<Line[]> {
  const plain = new Set(rows.filter(({ flags }) => flags.length === 0).map(({ scenario }) => scenario))
  const together = rows.every(({ scenario }) => plain.has(scenario)) ? explored(rows[0].file, UP_TO) : undefined
  const each = rows.map(async ({ file, scenario, flags }) => {
    if (flags.length > 0 || together === undefined) return explored(file, ['--scenario', scenario, ...flags])
    return (await together).filter((line) => line.scenario === scenario)
  })
  return (await Promise.all(each)).map(([line]) => line)
}

function verdictOf({ violation, exhaustive, timeouts }: Line): string {
  if (violation?.kind === 'refused') return `refused: ${violation.message}`
  if (violation !== null) return violation.kind
  return `${exhaustive ? 'clean' : 'not exhaustive'}${timeouts === undefined ? '' : ', timeouts only when idle'}`
}

/** Whole programs, of which those that take longer than some seconds run with LONG=1 alone. */
const SECONDS = LONG ? Number.POSITIVE_INFINITY : 5
const programs = rowsOf(/^`--program /).map(([what, traces, seconds, verdict]) => {
  const [, program, ...flags] = what.slice(1, -1).split(' ')
  return { program, flags, traces, verdict, seconds: Number(seconds) }
})

describe('the page on published packages', () => {
  it('names each scenario, and each package with its version and licence', () => {
    const exported = readdirSync(join(folder, 'scenarios'))
      .filter((name) => !/world|browser/.test(name))
      .flatMap((name) => {
        const text = readFileSync(join(folder, 'scenarios', name), 'utf8')
        return [...text.matchAll(/^export const (\w+)/gm)].map(([, scenario]) => `${name} ${scenario}`)
      })
    const named = told.map(({ file, scenario }) => `${file} ${scenario}`)
    expect([...new Set(named)].sort()).toEqual(exported.sort())
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dependencies?: object; version?: string; license?: string }>
    }
    const installed = Object.keys(lock.packages[''].dependencies!).map((name) => {
      const { version, license } = lock.packages[`node_modules/${name}`]
      return [name, version, license]
    })
    expect(rowsOf(/^@?[\w./-]+$/).filter(([, version]) => /^\d/.test(version))).toEqual(installed)
    for (const [path, { license }] of Object.entries(lock.packages))
      if (path !== '') expect(['MIT', 'MPL-2.0', 'LGPL-3.0-or-later', '0BSD'], path).toContain(license)
  })

  it.skipIf(lacks !== '').each(files)(`${needs}says of %s what the command does`, async (file) => {
    const rows = told.filter((row) => row.file === file && Number(row.traces) <= MOST)
    const lines = await linesOf(rows)
    for (const [k, { scenario, traces, verdict }] of rows.entries()) {
      expect([scenario, String(lines[k].complete + lines[k].blocked)]).toEqual([scenario, traces])
      const [what, why] = verdict.split(': ')
      expect(verdictOf(lines[k]).startsWith(what), `${scenario}: ${verdictOf(lines[k])}`).toBe(true)
      if (why === undefined) expect(verdictOf(lines[k])).toBe(what)
      else expect(lines[k].violation?.message).toContain(why)
    }
  })

  it('names each program', () => {
    const names = readdirSync(join(folder, 'programs')).filter((name) => !/task|target|job/.test(name))
    expect([...new Set(programs.map(({ program }) => program))].sort()).toEqual(
      names.map((name) => `programs/${name}`).sort(),
    )
  })

  it.skipIf(lacks !== '').each(programs.filter(({ seconds }) => seconds <= SECONDS))(
    `${needs}says of $program what the command does`,
    async ({ program, flags, traces, verdict }) => {
      const [line] = await linesFor(['--program', program, ...flags])
      expect([String(line.complete + line.blocked), verdictOf(line)]).toEqual([traces, verdict])
    },
  )
})
