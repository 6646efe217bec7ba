import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LONG, shareOf } from '../share.ts'

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))

interface Line {
  readonly event: string
  readonly case: string
  readonly samples: number
  readonly spread: number | null
  readonly ratio: number | null
  readonly [unit: string]: unknown
}

/** The lines of a suite on two CPUs at the most, by case. */
function linesOf(suite: string, ...args: string[]): Map<string, Line> {
  const command = [MAIN, suite, '--quick', '--processes', '1', '--json', '--cpus', '2', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const lines: Line[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return new Map(lines.filter(({ event }) => event === 'bench').map((line) => [line.case, line]))
}

describe.skipIf(availableParallelism() < 2)('each suite measures its cases', { timeout: 240_000 }, () => {
  it('rcu: times, rates and bytes, each under its unit', () => {
    const names = ['read-section', 'grace-idle', 'callbacks', 'held-back']
    const lines = linesOf('rcu', '--processes', '2', ...names.flatMap((name) => ['--case', name]))
    expect([...lines.keys()]).toEqual(names)
    for (const line of lines.values()) expect(line.samples).toBe(2)
    expect(lines.get('grace-idle')!.ns).toBeGreaterThan(0)
    expect(lines.get('callbacks')!.perSecond).toBeGreaterThan(0)
    expect(lines.get('held-back')!.bytes).toBeGreaterThan(0)
  })

  it('bpf: what clang made beside the same by hand, and on the kernel or why not there', () => {
    const ours = ['js-empty', 'js-storage-u32', 'storage-u32', 'storage-u8', 'storage-u64', 'hash-cookie', 'hash-tuple']
    const some = shareOf('cases of bpf', ours, 3)
    const names = [...some, 'kernel-storage-u32']
    const lines = linesOf('bpf', ...names.flatMap((name) => ['--case', name]))
    expect([...lines.keys()].sort()).toEqual(names.sort())
    for (const name of some) expect(lines.get(name)!.ns).toBeGreaterThan(0)
    const kernel = lines.get('kernel-storage-u32')!
    if (kernel.ns === null) expect(kernel.unavailable).toMatch(/\w/)
    else expect(kernel.ns).toBeGreaterThan(0)
  })

  it('locks: no more CPUs than it is told, the crowd aside', () => {
    const names = ['short-1', 'short-2', 'fairness-short', 'wake-up']
    const lines = linesOf('locks', ...names.flatMap((name) => ['--case', name]))
    expect([...lines.keys()]).toEqual(names)
    expect(lines.get('short-2')!.perSecond).toBeGreaterThan(0)
    expect(lines.get('wake-up')!.ns).toBeGreaterThan(0)
    const fairness = lines.get('fairness-short')!.share
    expect(fairness).toBeGreaterThanOrEqual(0)
    expect(fairness).toBeLessThanOrEqual(1)
  })

  it('maps: quotes the published curve, without samples', () => {
    const lines = linesOf(
      'maps',
      ...['sequential-1', 'kernel-sequential-1', 'kernel-sequential-24'].flatMap((name) => ['--case', name]),
    )
    expect(lines.get('sequential-1')!.samples).toBe(1)
    expect(lines.get('kernel-sequential-24')).toMatchObject({ samples: 0, spread: null, ns: 51.768, ratio: 2.449 })
  })

  it('explorer: a classic, a scenario of the storage, and what others published', () => {
    const names = [
      'lastzero-10',
      'lastzero-10-points',
      'lastzero-15',
      'genmc-lastzero-15',
      'getAgainstDelete-executions',
    ]
    const lines = linesOf('explorer', ...names.flatMap((name) => ['--case', name]))
    expect([...lines.keys()].sort()).toEqual(names.sort())
    expect(lines.get('lastzero-10')!.ns).toBeGreaterThan(0)
    expect(lines.get('lastzero-10-points')!.perSecond).toBeGreaterThan(0)
    expect(lines.get('getAgainstDelete-executions')!.perSecond).toBeGreaterThan(0)
    expect(lines.get('genmc-lastzero-15')).toMatchObject({ ns: 9.8e9, samples: 0 })
    expect(lines.get('lastzero-15')).toMatchObject({ ns: null, unavailable: 'left out of --quick: takes seconds' })
  })

  it('lifecycle: sockets die alone and with their map, and leave nothing', () => {
    const lines = linesOf('lifecycle', '--case', 'sockets-die', '--case', 'all-die')
    expect(lines.get('sockets-die')!.ns).toBeGreaterThan(0)
    expect(lines.get('all-die')!.ns).toBeGreaterThan(0)
  })

  it('shared: names what is left out of a quick run', () => {
    const why = 'left out of --quick: takes many seconds'
    expect(linesOf('shared', '--case', 'lastzero20-1').get('lastzero20-1')).toMatchObject({
      ns: null,
      unavailable: why,
    })
  })

  // It takes as long as all others together.
  it.runIf(LONG)('shared: one search on one thread and two, with the time around it', () => {
    const lines = linesOf('shared', '--case', 'lastzero12-1', '--case', 'lastzero12-2', '--case', 'lastzero12-2-around')
    for (const line of ['lastzero12-1', 'lastzero12-2', 'lastzero12-2-around'])
      expect(lines.get(line)!.ns).toBeGreaterThan(0)
    expect(lines.get('lastzero12-2')!.ratio).toBeGreaterThan(0)
  })

  it('scale: on one CPU and two', () => {
    const lines = linesOf('scale', '--case', 'create-one-1', '--case', 'create-one-2')
    expect(lines.get('create-one-1')!.perSecond).toBeGreaterThan(0)
    expect(lines.get('create-one-2')!.perSecond).toBeGreaterThan(0)
  })
})

it('refuses a row that no case belongs to, which would be measured as nothing', () => {
  const args = [
    fileURLToPath(new URL('../../dist/bench/sample.js', import.meta.url)),
    'maps',
    'quick',
    '0',
    '1',
    'none',
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain('Error: maps: got a row none and no case of that name, expected one\n')
})

it.skipIf(availableParallelism() >= 64)('skips what needs more cores than there are, and says so', () => {
  const lines = linesOf('scale', '--cpus', '64', '--case', 'native-get-own-64')
  expect(lines.get('native-get-own-64')).toMatchObject({
    perSecond: null,
    samples: 0,
    unavailable: expect.stringMatching(/^skipped: needs 64 cores, this machine has \d+$/),
  })
})
