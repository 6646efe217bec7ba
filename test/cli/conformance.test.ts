import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { HANG } from './command.ts'

const MAIN = fileURLToPath(new URL('../../dist/conformance/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
afterAll(() => rmSync(folder, { recursive: true }))

function run(args: readonly string[], { env = {}, by = [] }: { env?: NodeJS.ProcessEnv; by?: readonly string[] } = {}) {
  const [command, ...rest] = [...by, process.execPath, MAIN, ...args] as [string, ...string[]]
  return spawnSync(command, rest, { env: { ...process.env, ...env }, encoding: 'utf8', timeout: HANG })
}

/** Root gives up everything it may, where there is a command for it. */
const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : []
const canDrop = unprivileged.length === 0 || spawnSync('setpriv', ['--version']).status === 0

describe('npm run conformance', { timeout: HANG }, () => {
  it.skipIf(process.platform !== 'linux').each([
    ['a compiler is missing', { CC: 'no-such-cc -O2' }, 'a C compiler is missing: no-such-cc is not found'],
    ['the compiler fails', { CC: 'false' }, "the C compiler can't make the oracle: false ended with status 1"],
  ])('says that %s, and exits 0', (_, env, why) => {
    // An oracle that was compiled before is not there.
    const { status, stdout } = run(['--runs', '3', '--json'], { env: { ...env, TMPDIR: folder } })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      event: 'conformance',
      sequences: 0,
      divergences: 0,
      skipped: true,
    })
    expect(JSON.parse(stdout).why).toContain(why)
    const text = run(['--runs', '3'], { env: { ...env, TMPDIR: folder } })
    expect([text.status, text.stdout]).toEqual([0, expect.stringContaining(`skipped: ${why}`)])
  })

  it.skipIf(!canDrop || process.platform !== 'linux')('says that permission is missing, and exits 0', () => {
    const { status, stdout } = run(['--runs', '3', '--json'], { by: unprivileged })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ kernel: null, skipped: true })
    expect(JSON.parse(stdout).why).toMatch(/^(permission is missing: |a C compiler is missing)/)
  })

  it.each([
    [['--runs', 'x'], `--runs: got 'x', expected an integer from 1 to ${Number.MAX_SAFE_INTEGER}`],
    [
      ['--replay', join(folder, 'none')],
      `--replay: got '${join(folder, 'none')}', expected a file that exists, or - for stdin`,
    ],
    [
      ['--nonsense'],
      'got the unknown flag --nonsense, expected --maps, --runs, --seed, --replay, --edits, --known, --json or --help',
    ],
  ])('refuses %s', (args, sentence) => {
    const { status, stderr } = run(args)
    expect([status, stderr]).toEqual([2, `conformance: ${sentence}\n`])
  })

  it('plays as many sequences as it is told, the same for the same seed', () => {
    const [first, second] = [1, 2].map(() => JSON.parse(run(['--runs', '5', '--seed', '9', '--json']).stdout))
    // How often a difference is met may depend on what the kernel left in memory.
    expect({ ...second, known: 0, differences: {} }).toEqual({ ...first, known: 0, differences: {} })
    if (first.skipped) return
    expect(first).toMatchObject({ seed: 9, sequences: 5, divergences: 0, skipped: false })
    expect(first.kernel).toMatch(/^\d+\.\d+/)
    expect(first.commands).toBeGreaterThan(25)
  })

  it('replays a sequence that is pasted behind it', () => {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, '--replay', '-'], {
      input: 'sock s0 udp 6\nomem s0\n',
      encoding: 'utf8',
    })
    if (stdout.startsWith('skipped')) return
    expect([status, stdout]).toEqual([0, 'sock s0 udp 6\n  ok\nomem s0\n  ok 0\n'])
  })

  it('replays a sequence from a file', () => {
    const file = join(folder, 'sequence')
    writeFileSync(file, '# two sockets\nsock s0 udp 4\nomem s0\nclose s1\n')
    const { status, stdout } = run(['--replay', file])
    if (stdout.startsWith('skipped')) return
    expect([status, stdout]).toEqual([0, 'sock s0 udp 4\n  ok\nomem s0\n  ok 0\nclose s1\n  err 9\n'])
  })
})
