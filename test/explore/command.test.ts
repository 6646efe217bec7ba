/**
 * `sk-storage explore` and `sk-storage replay`, as built, in a process of their own.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { skStorageInTurn } from '../cli/command.ts'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
/** A guard against hangs, far above what anything here takes. */
const HANG = 600_000

const COUNTER = `
interface Shared { readonly words: Int32Array }

export function increment(words: Int32Array): void {
  const seen = Atomics.load(words, 0)
  Atomics.store(words, 0, seen + 1)
}
`
const RACES = `
import assert from 'node:assert'
import { increment } from './counter.js'

const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(8)) })
type Shared = ReturnType<typeof setup>
const once = ({ words }: Shared): void => increment(words)
const atomically = ({ words }: Shared): number => Atomics.add(words, 0, 1)
const often = ({ words }: Shared): void => {
  for (let i = 0; i < 4; i++) Atomics.add(words, 0, 1)
}

export const lost = { setup, threads: [once, once], after: ({ words }: Shared) => assert.equal(words[0], 2) }
export const clean = { setup, threads: [atomically, atomically] }
export const big = { setup, threads: [often, often, often, often] }
export const notAScenario = { setup }
`

const LOCKS = `
import { ok } from 'node:assert'
const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(12)) })
type Shared = ReturnType<typeof setup>
/** @explore pause */
function relax(): void {}
/** @explore lock words[0] */
function lock(words: Int32Array): void {
  while (Atomics.compareExchange(words, 0, 0, 1) !== 0) relax()
}
/** @explore unlock words[0] */
function unlock(words: Int32Array): void {
  Atomics.store(words, 0, 0)
}
/** @explore lock words[0] */
function brokenLock(words: Int32Array): void {
  while (Atomics.load(words, 0) !== 0) relax()
  Atomics.store(words, 0, 1)
}
const inside = (words: Int32Array): number => {
  ok(Atomics.add(words, 1, 1) === 0)
  return Atomics.sub(words, 1, 1)
}
const by = (take: (words: Int32Array) => void) => ({ words }: Shared): number => {
  take(words)
  const alone = inside(words)
  unlock(words)
  return alone
}
export const fine = { setup, threads: [by(lock), by(lock)] }
export const broken = { setup, threads: [by(brokenLock), by(brokenLock)] }
`

let folder: string

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `sk-storage ...args` in the folder with the scenarios. */
function skStorage(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HANG,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
}

/** The lines of JSON on stdout. */
// biome-ignore lint/suspicious/noExplicitAny: what the keys hold is what is tested.
const lines = ({ stdout }: Ended): any[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('there is no dist to run: run `npm run build` first')
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-explore-'))
  writeFileSync(join(folder, 'counter.ts'), COUNTER)
  writeFileSync(join(folder, 'races.ts'), RACES)
  writeFileSync(join(folder, 'locks.ts'), LOCKS)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const KEYS = [
  ...['schema', 'event', 'scenario', 'strategy', 'complete', 'blocked', 'redundant', 'executions', 'steps'],
  ...['exhaustive', 'violation', 'failing', 'outcomes', 'peakAhead'],
]

describe('explore', { timeout: HANG }, () => {
  it('prints a line of JSON for each export with the shape of a scenario, and goes on after a violation in one', async () => {
    const ended = await skStorage('explore', 'races.ts', '--json', '--max-executions', '500')
    const [big, clean, lost, ...others] = lines(ended)
    expect(others).toEqual([])
    for (const line of [big, clean, lost]) expect(Object.keys(line)).toEqual(expect.arrayContaining(KEYS))
    expect(big).toMatchObject({ schema: 1, event: 'result', scenario: 'big', exhaustive: false, executions: 500 })
    expect(clean).toMatchObject({
      ...{ scenario: 'clean', strategy: 'optimal', complete: 2, blocked: 0, redundant: 0, executions: 2, steps: 4 },
      ...{ exhaustive: true, violation: null, failing: 0 },
      outcomes: [
        { outcome: '0 | 1', count: 1, witness: 'S0S1' },
        { outcome: '1 | 0', count: 1, witness: 'S1S0' },
      ],
    })
    expect(lost).toMatchObject({
      ...{ scenario: 'lost', exhaustive: false, failing: 1 },
      violation: { kind: 'assertion', sites: ['races.ts:13', 'counter.ts:6'], schedule: 'S0P1-S0', preemptions: 1 },
    })
    expect(lost.violation.message).not.toBe('')
    expect(ended).toMatchObject({ status: 1, stderr: '' })
  })

  it('counts all traces with --keep-going', async () => {
    const [lost] = lines(await skStorage('explore', 'races.ts', '--scenario', 'lost', '--json', '--keep-going'))
    expect(lost).toMatchObject({ complete: 4, blocked: 0, failing: 2, executions: 4, exhaustive: true })
  })

  it('ends with status 0 when every interleaving is clean, and shows the outcomes', async () => {
    const { status, stdout } = await skStorage('explore', 'races.ts', '--scenario', 'clean')
    expect(stdout.replace(/in \d+\.\d s/, 'in N s')).toBe(
      [
        'clean: exhaustive: 2 traces, 0 blocked (optimal)',
        '',
        'outcome     count  first seen on',
        '0 | 1           1  S0S1',
        '1 | 0           1  S1S0',
        '',
        '4 steps in N s, at most 1 step ahead in memory',
        '',
      ].join('\n'),
    )
    expect(status).toBe(0)
  })

  it('ends with status 3 when a budget is spent, and says how far it came', async () => {
    const budgets = [
      ['--seconds', '0.2'],
      // The older name of the same.
      ['--time', '0.2'],
      ['--max-executions', '300'],
      ['--strategy', 'random', '--max-executions', '50'],
    ]
    const all = await skStorageInTurn(
      budgets.map((flags) => ['explore', 'races.ts', '--scenario', 'big', ...flags]),
      folder,
    )
    for (const { status, stdout } of all) {
      expect(stdout).toMatch(
        /^big: \d+ executions by \w+(, seed \d+)?: \d+ traces, 0 blocked, estimated \d+ in all \(.+\)$/m,
      )
      expect(stdout).toMatch(/^stopped by the budget of (time|executions) after/m)
      expect(status).toBe(3)
    }
  })

  it('stays within a bound on preemptions', async () => {
    const flags = ['--scenario', 'lost', '--json', '--max-preemptions', '0']
    expect(lines(await skStorage('explore', 'races.ts', ...flags))[0]).toMatchObject({ complete: 2, exhaustive: true })
  })

  it('explores the implementation of a lock with --raw: another count, the same outcomes, and what its tag hid', async () => {
    const flags = ['explore', 'locks.ts', '--json', '--keep-going']
    const [broken, fine] = lines(await skStorage(...flags))
    const raw = await skStorage(...flags, '--raw')
    const [brokenRaw, fineRaw] = lines(raw)
    const outcomesOf = (line: { outcomes: { outcome: string }[] }) => line.outcomes.map(({ outcome }) => outcome)
    expect(fine).toMatchObject({ complete: 2, redundant: 0, exhaustive: true, violation: null })
    expect(fineRaw).toMatchObject({ blocked: 0, redundant: 0, exhaustive: true, violation: null })
    expect(fineRaw.complete).toBeGreaterThan(2)
    expect(outcomesOf(fineRaw)).toEqual(outcomesOf(fine))
    expect(broken.violation).toBeNull()
    expect(brokenRaw.violation).toMatchObject({ kind: 'assertion', replay: expect.stringContaining('#broken#raw ') })
    expect(raw.status).toBe(1)
    const again = await skStorage('replay', brokenRaw.violation.replay, '--json')
    expect(lines(again)[0]).toMatchObject({ stale: false, diverged: null, violation: { kind: 'assertion' } })
  })

  it('explores scenarios on several workers with the same counts, in the same order', async () => {
    const flags = ['--json', '--max-executions', '500']
    // Of what a budget cuts off, workers that share it run others first.
    const timeless = (ended: Ended) =>
      lines(ended).map(({ seconds: _s, estimate: _e, peakAhead: _p, ...line }) =>
        line.budget === '' ? line : { executions: line.executions, budget: line.budget },
      )
    const alone = await skStorage('explore', 'races.ts', ...flags)
    const together = await skStorage('explore', 'races.ts', ...flags, '--jobs', '2')
    expect(timeless(together)).toEqual(timeless(alone))
    expect(together.status).toBe(alone.status)
  })

  it('splits a sample among the workers', async () => {
    const flags = ['--strategy', 'random', '--seed', '7', '--max-executions', '101', '--json', '--jobs', '3']
    const [big, again] = await Promise.all([
      skStorage('explore', 'races.ts', '--scenario', 'big', ...flags),
      skStorage('explore', 'races.ts', '--scenario', 'big', ...flags),
    ])
    expect(lines(big)[0]).toMatchObject({
      strategy: 'random',
      seed: 7,
      executions: 101,
      complete: 101,
      exhaustive: false,
    })
    expect({ ...lines(again)[0], seconds: 0 }).toEqual({ ...lines(big)[0], seconds: 0 })
    const [lost] = lines(await skStorage('explore', 'races.ts', '--scenario', 'lost', ...flags))
    expect(lost.violation).toMatchObject({ kind: 'assertion', preemptions: 1 })
  })

  it('keeps where it stands in a file, goes on from there, and takes the file away at the end', async () => {
    const flags = ['--scenario', 'clean', '--json']
    const first = await skStorage('explore', 'races.ts', ...flags, '--max-executions', '1', '--checkpoint', 'at.json')
    expect(first.status).toBe(3)
    const rest = await skStorage('explore', '--resume', 'at.json', '--json', '--checkpoint', 'at.json')
    expect(lines(rest)[0]).toMatchObject({ scenario: 'clean', complete: 2, executions: 2, exhaustive: true })
    expect(lines(rest)[0].outcomes).toHaveLength(2)
    expect(rest.status).toBe(0)
    expect(existsSync(join(folder, 'at.json'))).toBe(false)
  })

  it('explores a litmus program', async () => {
    const ended = await skStorage('explore', '--litmus', 'W x 1; R y | W y 1; R x', '--json')
    expect(lines(ended)[0]).toMatchObject({
      scenario: 'W x 1; R y | W y 1; R x',
      complete: 3,
      blocked: 0,
      violation: null,
    })
    expect(ended.status).toBe(0)
    const { stdout } = await skStorage('explore', '--litmus', 'W x 1; R y | W y 1; R x')
    expect(stdout).toContain('exhaustive: 3 traces, 0 blocked')
    expect(stdout).toMatch(/^0: y=0; 1: x=1; end: x=1 y=1 +1 {2}S0-S1-$/m)
  })

  it('writes the failing execution for ShiViz and Perfetto', async () => {
    await skStorage(
      'explore',
      'races.ts',
      '--scenario',
      'lost',
      '--shiviz',
      'shiviz.log',
      '--perfetto',
      'perfetto.json',
    )
    expect(readFileSync(join(folder, 'shiviz.log'), 'utf8')).toMatch(/^\(\?<host>.*\n\n0 {"0":1}\nload words\[0\]/)
    expect(JSON.parse(readFileSync(join(folder, 'perfetto.json'), 'utf8')).traceEvents.length).toBeGreaterThan(4)
  })
})

describe('coverage', { timeout: HANG }, () => {
  beforeAll(() => {
    const text = RACES.replace(/^export const big.*\n/m, '')
    writeFileSync(join(folder, 'covered.ts'), text)
  })

  it('is told of all scenarios as one, as a table, as lines and as lcov', async () => {
    const { stdout } = await skStorage('explore', 'covered.ts', '--coverage', '--keep-going', '--lcov', 'net.info')
    expect(stdout).toMatch(/^counter\.ts +2 +2 +2 +2$/m)
    expect(stdout).toMatch(/^ {2}increment +2 +2 +2 +2$/m)
    expect(stdout).toMatch(/^covered\.ts +\d+ +\d+ +\d+ +\d+$/m)
    expect(readFileSync(join(folder, 'net.info'), 'utf8')).toContain(
      'SF:counter.ts\nBRDA:5,0,0,1\nBRDA:5,0,1,1\nBRDA:6,0,0,1\nBRDA:6,0,1,1\nBRF:4\nBRH:4\nDA:5,1\nDA:6,1\nLF:2\nLH:2\nend_of_record\n',
    )
  })

  it.each([['1'], ['2']])('counts what others have not executed, with %s jobs', async (jobs) => {
    const args = ['--scenario', 'clean', '--coverage', '--json', '--jobs', jobs]
    const sample = ['--strategy', 'random', '--seed', '1', '--max-executions', '50']
    const { stdout, status } = await skStorage('explore', 'covered.ts', ...args, ...sample)
    const [result, counter, races] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(result).toMatchObject({ event: 'result', coverage: { newest: expect.any(Number) } })
    expect(counter).toEqual({
      schema: 1,
      event: 'coverage',
      file: 'counter.ts',
      sites: 2,
      executed: 0,
      met: 0,
      bothOrders: 0,
      missing: [
        { line: 5, source: 'Atomics.load(words, 0)' },
        { line: 6, source: 'Atomics.store(words, 0, seen + 1)' },
      ],
      texts: [expect.stringMatching(/^\w+$/)],
      places: [
        expect.objectContaining({ line: 5, operation: 'Atomics.load', within: 'increment', executed: false }),
        expect.objectContaining({ line: 6, operation: 'Atomics.store', within: 'increment', executed: false }),
      ],
    })
    expect(races).toMatchObject({ event: 'coverage', file: 'covered.ts', executed: 1, met: 1, bothOrders: 1 })
    expect(status).toBe(3)
  })

  it('of several runs is told as one, and of other texts or lines is refused', async () => {
    const covered = async (...flags: string[]) => {
      const { stdout } = await skStorage('explore', 'covered.ts', '--coverage', '--json', '--keep-going', ...flags)
      return stdout
    }
    const parts = [await covered('--scenario', 'lost'), await covered('--scenario', 'clean')]
    for (const [i, text] of parts.entries()) writeFileSync(join(folder, `part-${i}.json`), text)
    const merge = (...flags: string[]) => skStorage('explore', '--merge', ...flags)
    const merged = await merge('part-1.json', 'part-0.json', '--json', '--lcov', 'merged.info')
    expect(merged.status).toBe(0)
    const both = await covered()
    const ofFiles = (text: string) => text.split('\n').filter((line) => line.includes('"event":"coverage"'))
    const alone = new Map(ofFiles(both).map((line) => [JSON.parse(line).file, JSON.parse(line)]))
    for (const line of ofFiles(merged.stdout)) {
      const { file, sites, executed, met, bothOrders } = JSON.parse(line)
      expect(alone.get(file)).toMatchObject({ sites, executed, met, bothOrders })
      expect(executed).toBeGreaterThan(0)
    }
    expect(ofFiles(merged.stdout).length).toBe(alone.size)
    expect(readFileSync(join(folder, 'merged.info'), 'utf8')).toContain('SF:counter.ts\nBRDA:5,0,0,1\n')
    expect((await merge('part-0.json')).stdout).toMatch(/^ {2}increment +2 +2 +2 +2$/m)

    writeFileSync(join(folder, 'other.json'), parts[0].replace(/"texts":\["\w+"\]/g, '"texts":["another"]'))
    writeFileSync(join(folder, 'broken.json'), parts[0].replaceAll('"met":true', '"met":1'))
    writeFileSync(join(folder, 'none.json'), parts[0].split('\n')[0])
    expect((await merge('part-0.json', 'other.json')).stderr).toContain(
      '--merge: part-0.json and other.json tell of other texts of counter.ts, expected the same',
    )
    expect((await merge('broken.json')).stderr).toMatch(/--merge: broken.json:2: coverage.places\[\d\].met: got 1/)
    expect((await merge('none.json')).stderr).toContain('--merge: got no line with "event":"coverage" in none.json')
    expect((await merge('merged.info')).stderr).toContain('at merged.info:1, expected a line of JSON')
    expect((await merge('part-0.json', '--raw')).stderr).toContain('--merge: got --raw as well, expected it without')
    expect((await merge()).stderr).toContain('--merge: got no file')
  })

  it('tells of a sample when it last saw something new', async () => {
    const sample = ['--strategy', 'random', '--seed', '1', '--max-executions', '50']
    const { stdout } = await skStorage('explore', 'covered.ts', '--scenario', 'clean', '--coverage', ...sample)
    expect(stdout).toMatch(/^clean: the last new pair of steps came with execution \d+$/m)
  })

  it.each([
    [['races.ts', '--coverage', '--checkpoint', 'some'], '--coverage: got --checkpoint as well'],
    [['races.ts', '--lcov', 'some.info', '--checkpoint', 'some'], '--lcov: got --checkpoint as well'],
    [['--litmus', 'W x 1 | R x', '--lcov', 'some.info'], '--lcov: got --litmus as well, expected a file'],
  ])('is refused with what it cannot be told of: %j', async (args, sentence) => {
    const { stderr, status } = await skStorage('explore', ...args)
    expect(stderr).toContain(sentence)
    expect(status).toBe(2)
  })
})

describe('packages', { timeout: HANG }, () => {
  const PACKAGE = {
    'node_modules/@scope/ring/package.json': '{ "name": "@scope/ring", "main": "./index.js" }',
    'node_modules/@scope/ring/index.js': `exports.push = (w) => { w[0]++ }`,
    'uses.js': `import { push } from '@scope/ring'
const setup = () => ({ w: new Int32Array(new SharedArrayBuffer(4)) })
export const two = { setup, threads: [({ w }) => push(w), ({ w }) => push(w)] }`,
  }
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules/@scope/ring'), { recursive: true })
    for (const [name, text] of Object.entries(PACKAGE)) writeFileSync(join(folder, name), text)
  })

  it('are refused until they are named, and the message says how', async () => {
    const { status, stdout } = await skStorage('explore', 'uses.js')
    expect(stdout).toMatch(
      /refused: thread 0: .*; @scope\/ring is followed if named: --packages @scope\/ring on the command line/,
    )
    expect(status).toBe(1)
  })

  it.each(['@scope/ring', '*'])('are followed if they are named: %s', async (packages) => {
    const { status, stdout } = await skStorage('explore', 'uses.js', '--packages', packages)
    expect(stdout).toMatch(/data-race: .*@scope\/ring\/index\.js:1/)
    expect(status).toBe(1)
    const [, line] = /replay '(.+)'/.exec(stdout) ?? []
    expect(line).toContain(`uses.js#two#packages=${packages}`)
    const again = await skStorage('replay', line!)
    expect(again.stdout).not.toMatch(/code has changed|left the line/)
    expect(again.stdout).toMatch(/data-race/)
    expect(again.status).toBe(1)
  })
})

describe('replay', { timeout: HANG }, () => {
  it('follows the line of an execution of a memory model, without detectors', async () => {
    const text = 'w x 1; W y 1 | r y; r x exists (1:y=1 /\\ 1:x=0)'
    const [found] = lines(await skStorage('explore', '--memory', 'arm', '--litmus', text, '--json'))
    const { replay } = found.violation
    const [again] = lines(await skStorage('replay', replay, '--json'))
    expect(again).toMatchObject({ stale: false, diverged: null, violation: { message: found.violation.message } })
    const { status, stderr } = await skStorage('replay', replay, '--detect=-leaks')
    expect([status, stderr]).toEqual([2, 'sk-storage replay: detect: got memory as well, expected one of them\n'])
  })

  /** The line of the lost update. */
  const found = async () => lines(await skStorage('explore', 'races.ts', '--scenario', 'lost', '--json'))[0].violation

  it('shows the same violation again, from the line alone', async () => {
    const { replay, schedule } = await found()
    expect(replay).toMatch(/^explore1 races\.ts#lost /)
    const [again] = lines(await skStorage('replay', replay, '--json'))
    expect(again).toMatchObject({ schema: 1, event: 'replay', scenario: 'lost', stale: false, diverged: null })
    expect(again.violation).toMatchObject({ kind: 'assertion', schedule, replay })
    const { status, stdout } = await skStorage('replay', replay)
    expect(stdout).toMatch(/^assertion: .+ {2}\(races\.ts:13, counter\.ts:6\)$/m)
    expect(stdout).toContain(`npx sk-storage replay '${replay}'`)
    expect(status).toBe(1)
  })

  it('of code that has changed says at which step and line it went elsewhere', async () => {
    const { replay } = await found()
    const fixed = COUNTER.replace('const seen = Atomics.load(words, 0)', '').replace(
      /Atomics\.store.*/,
      'Atomics.add(words, 0, 1)',
    )
    writeFileSync(join(folder, 'counter.ts'), fixed)
    try {
      const { status, stdout } = await skStorage('replay', replay)
      expect(stdout).toBe(
        [
          'The code has changed since the line was made.',
          'The execution left the line at step 1, counter.ts:6: it was a load and is a rmw now.',
          '',
        ].join('\n'),
      )
      expect(status).toBe(2)
    } finally {
      writeFileSync(join(folder, 'counter.ts'), COUNTER)
    }
  })

  it('survives edits that change nothing for the execution', async () => {
    const { replay } = await found()
    writeFileSync(join(folder, 'counter.ts'), `// A comment on top.\n${COUNTER}`)
    try {
      const ended = await skStorage('replay', replay, '--json')
      expect(lines(ended)[0]).toMatchObject({
        stale: true,
        diverged: null,
        violation: { sites: ['races.ts:13', 'counter.ts:7'] },
      })
      expect(ended.status).toBe(1)
    } finally {
      writeFileSync(join(folder, 'counter.ts'), COUNTER)
    }
  })

  it('of a litmus program needs no file', async () => {
    const [deadlock] = lines(await skStorage('explore', '--litmus', 'L a; L b | L b; L a', '--json'))
    expect(deadlock.violation).toMatchObject({ kind: 'deadlock' })
    const ended = await skStorage('replay', deadlock.violation.replay, '--json')
    expect(lines(ended)[0]).toMatchObject({ stale: false, violation: { kind: 'deadlock' } })
  })
})

/** Command lines that make no sense, and the one sentence that each gets. */
const WRONG: readonly (readonly [args: readonly string[], sentence: string | RegExp])[] = [
  [['explore'], 'explore: got no file, expected a file with scenarios, --all, --litmus PROGRAM, or --program FILE'],
  [['explore', 'nowhere.ts'], "explore: got 'nowhere.ts', expected a file that exists"],
  [
    ['explore', 'races.ts', '--shiviz', 'nowhere/a.log'],
    "explore: --shiviz: got 'nowhere/a.log', expected a file in a folder that exists",
  ],
  [
    ['explore', 'races.ts', '--checkpoint', '.'],
    "explore: --checkpoint: got '.', expected a file in a folder that exists",
  ],
  [['explore', 'counter.ts'], /^explore: got only the export increment in counter\.ts, expected one like \{ setup/],
  [['explore', 'races.ts', 'counter.ts'], /^explore: got only the export increment in counter.ts, expected one like /],
  [['explore', 'races.ts', '--scenario', 'x'], "explore: --scenario: got 'x', expected big, clean or lost"],
  [['explore', 'races.ts', '--strategy', 'x'], /^explore: --strategy: got 'x', expected optimal, random, /],
  [['explore', 'races.ts', '--jobs', '0'], "explore: --jobs: got '0', expected an integer from 1 to 64"],
  [['explore', 'races.ts', '--seconds', '0'], /^explore: --seconds: got '0', expected a number of seconds above 0/],
  [['explore', 'races.ts', '--litmus', 'R x'], "explore: got 'races.ts' and --litmus, expected one of them"],
  [['explore', '--litmus', 'W x'], "explore: --litmus: expected the form 'W x v' in 'W x' (thread 1, statement 1)"],
  [
    ['explore', '--litmus', 'R x | W x 4294967296'],
    "explore: --litmus: '4294967296' is no number of 32 bits in 'W x 4294967296' (thread 2, statement 1)",
  ],
  [
    ['explore', '--litmus', ' | ;'],
    "explore: --litmus: got no statement, expected a program like 'W x 1; R y | W y 1; R x'",
  ],
  [
    ['explore', '--litmus', 'Q x'],
    "explore: --litmus: no statement 'Q', expected W x v, R x, A x d, X x v, C x e n, L m, U m, T m, AWAIT x==v, w x v, r x, d x, (, ), GP, in 'Q x' (thread 1, statement 1)",
  ],
  [
    ['explore', 'races.ts', '--strategy', 'pct', '--max-preemptions', '1'],
    'explore: --max-preemptions: got --strategy pct as well, expected optimal',
  ],
  [
    ['explore', 'races.ts', '--checkpoint', 'at.json'],
    'explore: --checkpoint: got 3 scenarios, expected --scenario big, clean or lost with it',
  ],
  [
    ['explore', '--resume', 'races.ts'],
    "explore: --resume: got 'races.ts', expected a file that --checkpoint has written",
  ],
  [
    ['explore', 'races.ts', '--packages', 'a b'],
    "explore: --packages: got 'a b', expected names of packages with commas between, or *",
  ],
  [['explore', '--litmus', 'R x', '--packages', 'a'], 'explore: --packages: got --litmus as well, expected a file'],
  [['replay', 'S0-P1'], /^replay: got 'S0-P1', expected a line like 'explore1 /],
  [['replay', 'explore1 - 1 S0 a'], 'replay: got a line that names no file, expected --file PATH with it'],
  [
    ['replay', 'explore1 web/scenarios/publish.ts#gracePeriod@x 1 S0 a'],
    /^replay: got a line of the exhibit 'x', expected one of the lessons: blind-cmpxchg, /,
  ],
  [
    ['replay', 'explore1 web/scenarios/publish.ts#x@no-grace-period 1 S0 a'],
    /^replay: got 'web\/scenarios\/publish.ts#x@no-grace-period', expected a lesson that is there: /,
  ],
  [['replay', 'explore1 races.ts#x 1 S0 a'], "replay: got the scenario 'x', expected --scenario big, clean or lost"],
]

describe('a command line that makes no sense gets one sentence and status 2', () => {
  let all: readonly Ended[]
  beforeAll(async () => {
    all = await skStorageInTurn(
      WRONG.map(([args]) => args),
      folder,
    )
  }, HANG)

  it.each(WRONG.map((row, k) => [...row, k] as const))('%j', (_, sentence, k) => {
    const { status, stdout, stderr } = all[k]
    const said = stderr.trimEnd().replace(/^sk-storage /, '')
    if (typeof sentence === 'string') expect(said).toBe(sentence)
    else expect(said).toMatch(sentence)
    expect(said).not.toContain('\n')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })
})
