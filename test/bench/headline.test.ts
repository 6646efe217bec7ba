import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))

/** Runs the built command, as `npm run bench` does. */
function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 600_000 })
}

/** Those that need neither a network, nor permissions, nor a C compiler. */
const HEADLINE = [
  'empty',
  'sk-storage',
  'hash-by-socket',
  'hash-by-tuple',
  'sharedmap',
  'private-map',
  'mutex-table',
  'owner-thread',
]

/** A finite number above 0. */
const positive = expect.toSatisfy((n: unknown) => Number.isFinite(n) && (n as number) > 0, 'positive')
/** A ratio or a net time, which may have nothing to say. */
const numberOrNull = expect.toSatisfy((n: unknown) => n === null || Number.isFinite(n), 'a number or null')

/** Whether other users come to a file: a checkout may stand in a folder of its owner's alone. */
function isForAll(file: string): boolean {
  for (let at = file; dirname(at) !== at; at = dirname(at)) if ((statSync(dirname(at)).mode & 1) === 0) return false
  return true
}

it('prints where it ran and one line for each case', () => {
  const { status, stdout, stderr } = bench(
    'headline',
    '--quick',
    '--processes',
    '2',
    '--json',
    ...HEADLINE.flatMap((name) => ['--case', name]),
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const common = { schema: 1, suite: 'headline' }
  expect(lines).toEqual([
    {
      ...common,
      event: 'environment',
      node: process.version,
      cpu: expect.any(String),
      cores: positive,
      load: expect.any(Number),
    },
    ...HEADLINE.map((name) => ({
      ...common,
      event: 'bench',
      case: name,
      ns: positive,
      net: numberOrNull,
      spread: expect.any(Number),
      ratio: numberOrNull,
      netRatio: numberOrNull,
      samples: 2,
      values: [positive, positive],
    })),
  ])
  expect(lines[1]).toMatchObject({ net: null, ratio: null })
  expect(lines[2]).toMatchObject({ ratio: 1 })
})

it('measures one case alone, and then has no net and no ratio to give', () => {
  const { status, stdout } = bench('headline', '--quick', '--json', '--case', 'hash-by-tuple')
  expect(status).toBe(0)
  const [, line, ...more] = stdout.trimEnd().split('\n')
  expect(more).toEqual([])
  expect(JSON.parse(line)).toMatchObject({
    case: 'hash-by-tuple',
    samples: 5,
    ns: positive,
    net: null,
    ratio: null,
    netRatio: null,
  })
})

it('draws a table that says what was measured', () => {
  const { status, stdout } = bench('headline', '--quick', '--processes', '1', '--case', 'sk-storage')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^ +median +net +spread +ratio +net ratio\nsk storage +\d+\.\d\d ns +- +\d+ % +1\.00 x +-\n/)
  expect(stdout).toContain('4096 sockets in shuffled order')
})

it.skipIf(process.getuid?.() !== 0 || !isForAll(MAIN))(
  'says what is missing where the kernel is not to be asked (skipped unless by root, in a folder that all may enter)',
  () => {
    // Another user, without capabilities; its temp folder is one of its own.
    const folder = mkdtempSync(join(tmpdir(), 'sk-storage-test-'))
    chownSync(folder, 65_534, 65_534)
    const { status, stdout } = spawnSync(
      process.execPath,
      [MAIN, 'headline', '--quick', '--processes', '1', '--case', 'kernel-sk-storage'],
      {
        encoding: 'utf8',
        uid: 65_534,
        gid: 65_534,
        env: { ...process.env, TMPDIR: folder },
      },
    )
    rmSync(folder, { recursive: true })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^running kernel, sk storage .*(BPF_BTF_LOAD: |no C compiler: |can't make it: )/m)
  },
)

it('says what is missing where there is no C compiler', () => {
  const env = { ...process.env, CC: 'no-such-compiler', TMPDIR: mkdtempSync(join(tmpdir(), 'sk-storage-test-')) }
  const { status, stdout } = spawnSync(
    process.execPath,
    [MAIN, 'headline', '--quick', '--processes', '1', '--case', 'native'],
    {
      encoding: 'utf8',
      env,
    },
  )
  rmSync(env.TMPDIR, { recursive: true })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^C reference.* no C compiler: no-such-compiler is not found/m)
})

it('explains itself', () => {
  const { status, stdout } = bench('--help')
  expect(status).toBe(0)
  expect(stdout).toContain('npm run bench -- [SUITE ...]')
  expect(stdout).toContain('headline')
})

it.each([
  [
    ['speed'],
    "bench: got the unknown suite 'speed', expected headline, bpf, scale, maps, lifecycle, locks, rcu, explorer or shared\n",
  ],
  [['headline', '--fast'], /^bench: got the unknown flag --fast, expected --json, .* or --help\n$/],
  [['--json=yes'], 'bench: --json: got a value, expected none\n'],
  [['--case', 'redis'], /^bench: got the unknown case 'redis', expected empty, .* or [\w-]+\n$/],
  [['--cpus', 'many'], "bench: --cpus: got 'many', expected an integer from 1 to 64\n"],
  [['--processes', '0'], "bench: --processes: got '0', expected an integer from 1 to 99\n"],
])('refuses %j in one sentence, with exit status 2', (args, sentence) => {
  const { status, stdout, stderr } = bench(...args)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  if (sentence instanceof RegExp) expect(stderr).toMatch(sentence)
  else expect(stderr).toBe(sentence)
})
