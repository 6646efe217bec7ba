/**
 * `explore --jobs`: one exact search on several processes, its checkpoints, and `exploreFile`.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { shareOf } from '../share.ts'
import { HANG, skStorage, start } from './command.ts'

/** As built: its workers load files of dist. */
const { exploreFile } = (await import(
  new URL('../../dist/src/explore/index.js', import.meta.url).href
)) as typeof import('../../src/explore/index.ts')

const folder = mkdtempSync(join(tmpdir(), 'sk-storage-jobs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Threads that store and look back; two orders of locks; memory that a thread makes, and a module's variable. */
const FILE = join(folder, 'threads.mjs')
writeFileSync(
  FILE,
  `import { isMainThread, parentPort } from 'node:worker_threads'
if (!isMainThread || parentPort !== null) throw new Error('by itself this file is of the main thread')
const words = () => new Int32Array(new SharedArrayBuffer(64))
const look = (k) => (w) => { Atomics.store(w, 0, k); return Atomics.load(w, 0) }
export const stores = { setup: words, threads: [1, 2, 3, 4].map(look) }
const made = (k) => (w) => {
  const mine = new Int32Array(new SharedArrayBuffer(8))
  if (Atomics.add(w, 0, 1) > 1) Atomics.store(mine, 0, k)
  Atomics.store(w, 1, k)
  return Atomics.load(mine, 0) + Atomics.load(w, 1)
}
export const maker = { setup: words, threads: [made(1), made(2), made(3)] }
export const lost = { setup: words, threads: [(w) => { w[0]++ }, (w) => { w[0]++ }, look(5)] }
const set = (k, n) => (w) => { for (let i = 0; i < n; i++) Atomics.store(w, i, k) }
export const drawn = { setup: () => words().fill(Math.random() * 1e9), threads: [set(1, 7), set(2, 7), set(3, 7)] }
export const longer = { setup: words, threads: [set(1, 6), set(2, 6), set(3, 6)], outcome: (w) => w.slice(0, 6).join() }
export const long = { setup: words, threads: [set(1, 5), set(2, 5), set(3, 5)], outcome: (w) => w.slice(0, 5).join() }
`,
)

/** The result of a scenario, but for what the clock says and who had how much in memory. */
async function told(scenario: string, ...flags: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await skStorage('explore', FILE, '--scenario', scenario, '--json', ...flags)
  expect(stderr).toBe('')
  const { seconds: _s, peakAhead: _p, ...result } = JSON.parse(stdout)
  return result
}

describe('explore --jobs', { timeout: HANG }, () => {
  it.each(['stores', 'maker', 'lost'])('tells of %s what one job tells', async (scenario) => {
    const one = await told(scenario, '--jobs', '1')
    expect(one.redundant).toBe(0)
    for (const jobs of shareOf('numbers of jobs', ['2', '3'], 1))
      expect(await told(scenario, '--jobs', jobs)).toEqual(one)
  })

  it('refuses in a sentence what is another one on each worker', async () => {
    const { status, stderr } = await skStorage('explore', FILE, '--scenario', 'drawn', '--jobs', '2')
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^sk-storage explore: drawn: what setup makes, .* another one on each worker.*--jobs 1 .*\n$/,
    )
  })

  it('refuses a sample of a memory model that stands in the scenario', async () => {
    const file = join(folder, 'weak.mjs')
    const threads = '[(w) => { w[0] = 1 }, (w) => w[0]]'
    writeFileSync(
      file,
      `export const weak = { memory: 'arm', setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: ${threads} }`,
    )
    const { status, stderr } = await skStorage('explore', file, '--strategy', 'random', '--jobs', '2')
    expect(stderr).toBe('sk-storage explore: weak: memory: got it for a sample that jobs share, expected one job\n')
    expect(status).toBe(2)
  })

  it('explores the scenarios of a file side by side', async () => {
    const { status, stderr, stdout } = await skStorage('explore', FILE, '--jobs', '2', '--max-executions', '200')
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout.match(/^\w+: [\d,]+ executions/gm)).toHaveLength(5)
  })

  /** What of a result no interruption may change. */
  const lasting = ({ complete, redundant, exhaustive, outcomes }: Record<string, unknown>) => ({
    ...{ complete, redundant, exhaustive },
    outcomes: (outcomes as { outcome: string; count: number }[])
      .map(({ outcome, count }) => `${outcome}: ${count}`)
      .sort(),
  })
  const resumed = async (file: string, jobs: number) => {
    const { stdout, stderr } = await skStorage('explore', '--resume', file, '--jobs', `${jobs}`, '--json')
    expect(stderr).toBe('')
    return lasting(JSON.parse(stdout))
  }

  it('keeps checkpoints, when it is killed too, that another number of jobs goes on from', async () => {
    const file = join(folder, 'checkpoint.json')
    const flags = ['explore', FILE, '--scenario', 'longer', '--json', '--checkpoint', file]
    const some = await skStorage(...flags, '--jobs', '2', '--max-executions', '500')
    expect(JSON.parse(some.stdout)).toMatchObject({ executions: 500, exhaustive: false, budget: 'executions' })
    // Killed at any moment after it has kept something: what stands in the file is whole.
    const before = readFileSync(file, 'utf8')
    const { child, ended } = start('explore', '--resume', file, '--checkpoint', file, '--jobs', '3')
    let over = false
    void ended.then(() => {
      over = true
    })
    while (!over && readFileSync(file, 'utf8') === before) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ signal: 'SIGTERM', stdout: '' })
    expect(await resumed(file, 2)).toEqual(lasting(await told('longer', '--jobs', '1')))
  })

  it('stops when its seconds are over, and goes on from there', async () => {
    const file = join(folder, 'seconds.json')
    const flags = ['--scenario', 'longer', '--json', '--checkpoint', file, '--seconds', '0.3', '--jobs', '2']
    const { status, stdout } = await skStorage('explore', FILE, ...flags)
    const { executions, ...result } = JSON.parse(stdout)
    expect({ status, ...result }).toMatchObject({ status: 3, exhaustive: false, budget: 'time', violation: null })
    expect(executions).toBeGreaterThan(0)
    expect(await resumed(file, 3)).toMatchObject({ complete: 46_656, redundant: 0, exhaustive: true })
  })

  it('goes on where callbacks have threads of their own', async () => {
    const file = join(folder, 'callbacks.json')
    const storage = ['explore', 'props/scenarios/first-storage.ts', '--scenario', 'firstStorage', '--json']
    const one = JSON.parse((await skStorage(...storage)).stdout)
    expect(one.outcomes.map(({ witness }: { witness: string }) => witness).join()).toMatch(/S\d\.\d/)
    const some = await skStorage(...storage, '--checkpoint', file, '--jobs', '2', '--max-executions', '50')
    expect(JSON.parse(some.stdout)).toMatchObject({ executions: 50, budget: 'executions' })
    expect(await resumed(file, 3)).toEqual(lasting(one))
  })

  it('refuses --first with --keep-going', async () => {
    const { status, stderr } = await skStorage('explore', FILE, '--jobs', '2', '--first', '--keep-going')
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/--first: got --keep-going as well/),
    })
  })
})

describe('exploreFile', { timeout: HANG }, () => {
  it('explores a scenario of a file on several threads', async () => {
    const [one, two] = await Promise.all([1, 2].map((jobs) => exploreFile(FILE, { scenario: 'stores', jobs })))
    const { seconds: _1, peakAhead: _2, ...result } = two
    expect(one).toMatchObject(result)
    expect(result).toMatchObject({ scenario: 'stores', exhaustive: true, redundant: 0 })
  })

  it('refuses a file with several scenarios, or without the one that is named', async () => {
    await expect(exploreFile(FILE, { jobs: 1 })).rejects.toThrow(/scenario: got 6 scenarios, expected the name/)
    await expect(exploreFile(FILE, { jobs: 1, scenario: 'none' })).rejects.toThrow(/got 'none', expected/)
    await expect(exploreFile(FILE, { jobs: 0 })).rejects.toThrow(/jobs: got 0/)
  })
})
