/**
 * `npm run hunt`, as built.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { built } from '../../workers/on-machine.ts'

const { writeFailure, failurePlace } =
  await built<typeof import('../../../props/hunt/failure.ts')>('props/hunt/failure')
const { loadInstrumented } = await built<typeof import('../../../src/explore/load/load.ts')>('src/explore/load/load')

const main = fileURLToPath(new URL('../../../dist/props/hunt/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hunt-'))
afterAll(() => rmSync(folder, { recursive: true }))

function hunt(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('the hunt', () => {
  it('refuses a command line that makes no sense, in one sentence', () => {
    for (const [args, sentence] of [
      [['--cpus', '9'], "hunt: --cpus: got '9', expected an integer from 2 to 4\n"],
      [['--seconds', '0'], "hunt: --seconds: got '0', expected a number of seconds above 0, up to 1000000\n"],
      [['--minutes', '0'], "hunt: --minutes: got '0', expected a number of minutes above 0, up to 1000000\n"],
      [['--shard', '3/2'], "hunt: --shard: got '3/2', expected I/N with I from 1 to N\n"],
      [['--seed'], 'hunt: --seed: got no value, expected --seed N\n'],
      [['now'], "hunt: got 'now', expected only flags\n"],
      [['--merge'], 'hunt: --merge: got no file, expected one for each shard\n'],
      [['--merge', 'x', '--seed', '1'], 'hunt: --merge: got --seed as well, expected files and --json alone\n'],
    ] as const) {
      expect(hunt(...args)).toEqual({ status: 2, stdout: '', stderr: sentence })
    }
    expect(hunt('--bogus').stderr).toMatch(/^hunt: got the unknown flag --bogus, expected --seconds, .* or --help\n$/)
  })

  it('hunts its shards and adds them up', () => {
    const files = ['1/2', '2/2'].map((shard) => {
      const args = [
        '--minutes',
        '0.02',
        '--cpus',
        '2',
        '--seed',
        '7',
        '--shard',
        shard,
        '--json',
        '--out',
        join(folder, 'found'),
      ]
      const { status, stdout } = hunt(...args)
      expect(status).toBe(0)
      const file = join(folder, shard.replace('/', '-'))
      writeFileSync(file, stdout)
      return file
    })
    const lines = files.map((file) =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
    const summaries = lines.map(([summary]) => summary)
    for (const [summary, ...coverage] of lines) {
      const raced = coverage.find(({ file }) => file === 'src/shared/fd-table.ts')
      expect(raced).toMatchObject({ schema: 1, event: 'coverage' })
      // Which files the programs of so short a hunt come to depends on how many there are.
      expect(coverage.some(({ executed }) => executed > 0)).toBe(true)
      expect(coverage.every(({ file }) => /^src\/(sync|shared)\//.test(file))).toBe(true)
      expect(summary).toMatchObject({ schema: 1, event: 'summary', seed: 7, failures: 0 })
      expect(summary.threads.programs).toBeGreaterThan(0)
      expect(summary.explorer.programs).toBeGreaterThan(0)
    }
    const merged = hunt('--merge', '--json', ...files)
    expect(merged.status).toBe(0)
    expect(JSON.parse(merged.stdout)).toMatchObject({
      shard: '1/2 2/2',
      threads: { programs: summaries[0].threads.programs + summaries[1].threads.programs },
    })
  })

  it('writes a failure as a scenario that loads, and tells of it when merging', async () => {
    const { file, name } = failurePlace(folder, { on: 'explorer', seed: 3, index: 4 })
    expect(failurePlace(folder, { on: 'threads', seed: 3, index: 4 }).file).not.toBe(file)
    const program = {
      kind: 'connected',
      before: [1, 0, 0, 0],
      cpus: [[{ do: 'lookup', map: 0, sock: 0 }], [{ do: 'fdDelete', map: 0, sock: 0 }]],
    } as const
    const known = { schema: 1, event: 'failure', on: 'explorer', seed: 3, index: 4, replay: null } as const
    const failure = { ...known, message: 'as told */', program: structuredClone(program), layout: 7, file }
    writeFailure(failure as never)
    expect(name).toBe(`${file}#found`)
    expect(readFileSync(file, 'utf8')).toMatch(/}, 7\)\n$/)
    const { found } = (await loadInstrumented(file)) as { found: { threads: unknown[] } }
    expect(found.threads).toHaveLength(2)
    const events = join(folder, 'events')
    writeFileSync(events, `${JSON.stringify(failure)}\n${JSON.stringify({ ...summary, failures: 1 })}\n`)
    const merged = hunt('--merge', events)
    expect(merged.status).toBe(1)
    expect(merged.stdout).toContain('failed on explorer: as told */')
  })
})

const nothing = { programs: 0, runs: 0, outcomes: 0, whole: 0 }
const summary = {
  schema: 1,
  event: 'summary',
  seed: 3,
  shard: '1/1',
  seconds: 1,
  threads: nothing,
  explorer: nothing,
}
