import { existsSync, readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Ended, events, HANG, skStorage, start } from './command.ts'

const OPS = [
  'get',
  'create',
  'update',
  'delete',
  'clone',
  'iterate',
  'socketOpen',
  'socketClose',
  'mapCreate',
  'mapFree',
]

interface Summary {
  readonly cpus: number
  readonly seconds: number
  readonly ops: Record<string, number>
  readonly errno: Record<string, number>
  readonly gracePeriods: number
  readonly leaks: unknown
  readonly violations: number
}

function summaryOf(ended: Ended): Summary {
  return events(ended).at(-1) as unknown as Summary
}

const NO_LEAKS = { objects: 0, bytes: 0 }

describe('run', () => {
  it('times as many operations as it counts with --latency, and refuses it where no operation is', async () => {
    const { status, stdout } = await skStorage('run', '--seconds', '0.4', '--cpus', '2', '--latency', '--json')
    expect(status).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const timed = lines.filter(({ event }) => event === 'latency')
    const { ops } = lines.at(-1)
    for (const { op, count, ...its } of timed) {
      // One that another makes on its way, as accept closes its child, is timed in that one.
      expect(count).toBeLessThanOrEqual(ops[op])
      expect(its.p50).toBeGreaterThan(0)
      expect(its['p99.99']).toBeLessThanOrEqual(its.max)
    }
    expect(timed.find(({ op }) => op === 'get').count).toBe(ops.get)
    expect(timed.find(({ op }) => op === 'clone').count).toBe(ops.clone)
    const refused = await skStorage('run', '--workload', 'egress', '--latency')
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--latency: got it with egress') })
  })

  it(
    'reports churn with every kind of operation, and ends with 0 leaked, 0 violations',
    async () => {
      const { status, stdout, stderr } = await skStorage('run', '--seconds', '0.5', '--cpus', '3', '--sockets', '64')
      expect(stderr).toBe('')
      const lines = stdout.trimEnd().split('\n')
      expect(lines[0]).toBe('churn: 3 CPUs, 64 sockets, 8 maps, 64 MiB, seed 1')
      for (const op of OPS) expect(stdout).toMatch(new RegExp(`^${op} +[\\d,]+ `, 'm'))
      for (const what of ['sockets', 'maps', 'grace periods', 'peak memory', 'time']) {
        expect(stdout).toMatch(new RegExp(`^${what}  `, 'm'))
      }
      expect(lines.at(-1)).toBe('0 leaked, 0 violations')
      expect(status).toBe(0)
    },
    HANG,
  )

  it(
    'prints JSON Lines whose last is the summary, with exactly these keys',
    async () => {
      const ended = await skStorage('run', '--seconds', '0.4', '--cpus', '2', '--json', '--seed', '7')
      expect(ended.status).toBe(0)
      for (const event of events(ended)) expect(event).toMatchObject({ schema: 1, event: expect.any(String) })
      const summary = summaryOf(ended)
      expect(Object.keys(summary)).toEqual([
        'schema',
        'event',
        'cpus',
        'seconds',
        'ops',
        'errno',
        'gracePeriods',
        'leaks',
        'violations',
      ])
      expect(summary).toMatchObject({ event: 'summary', cpus: 2, leaks: NO_LEAKS, violations: 0 })
      expect(Object.keys(summary.ops)).toEqual(OPS)
      for (const op of OPS) expect(summary.ops[op]).toBeGreaterThan(0)
      expect(summary.errno.ENOENT).toBeGreaterThan(0)
      expect(summary.gracePeriods).toBeGreaterThan(0)
      // What each CPU did adds up to the whole.
      const cpus = events(ended).filter(({ event }) => event === 'cpu') as unknown as Summary[]
      expect(cpus.length).toBe(2)
      for (const op of OPS) expect(cpus.reduce((sum, cpu) => sum + cpu.ops[op], 0)).toBe(summary.ops[op])
    },
    HANG,
  )

  it(
    'meets the hard races in churn: EAGAIN, and descriptors closed under way',
    async () => {
      const ended = await skStorage('run', '--seconds', '1.2', '--cpus', '4', '--json')
      expect(summaryOf(ended)).toMatchObject({ leaks: NO_LEAKS, violations: 0 })
      expect(summaryOf(ended).errno.EAGAIN).toBeGreaterThan(0)
      expect(ended.status).toBe(0)
    },
    HANG,
  )

  it.each([
    ['with one CPU', ['--cpus', '1']],
    ['with one socket and one map', ['--sockets', '1', '--maps', '1']],
    ['with the sanitizer', ['--sanitize', '--cpus', '3']],
    ['with many more CPUs than cores', ['--cpus', '24', '--sockets', '16', '--maps', '3']],
    ['where memory is short', ['--memory', '640KiB']],
    ['with more elements than a socket may be charged for', ['--sockets', '2', '--maps', '1000']],
    ['accepting', ['--workload', 'clone']],
    ['accepting, with the sanitizer', ['--workload', 'clone', '--sanitize', '--sockets', '8']],
  ])(
    'is clean %s',
    async (_, args) => {
      const ended = await skStorage('run', '--seconds', '0.3', '--json', ...args)
      expect(ended.stderr).toBe('')
      expect(summaryOf(ended)).toMatchObject({ event: 'summary', leaks: NO_LEAKS, violations: 0 })
      expect(ended.status).toBe(0)
    },
    HANG,
  )

  it(
    'counts every packet of egress in every map',
    async () => {
      const ended = await skStorage('run', '--seconds', '0.3', '--workload', 'egress', '--maps', '17', '--json')
      const summary = summaryOf(ended)
      expect(summary).toMatchObject({ leaks: NO_LEAKS, violations: 0 })
      expect(summary.ops.create).toBe(1024 * 17)
      expect(summary.ops.get % 17).toBe(0)
      expect(ended.status).toBe(0)
    },
    HANG,
  )

  it(
    'ends at Ctrl-C with the report so far and status 130',
    async () => {
      const { child, ended } = start('run', '--seconds', '600', '--cpus', '2', '--json')
      await new Promise<void>((resolve) => {
        child.stdout?.on('data', (text: string) => text.includes('"event":"phase"') && resolve())
      })
      child.kill('SIGINT')
      const result = await ended
      const summary = summaryOf(result)
      expect(summary).toMatchObject({ event: 'summary', violations: 0 })
      // Where the cores have much else to do, the machine doesn't come to rest within its time, and that is said.
      expect([NO_LEAKS, null]).toContainEqual(summary.leaks)
      expect(result.status).toBe(130)
    },
    HANG,
  )

  it.runIf(existsSync('/proc/self/task'))(
    'ends at Ctrl-C while hundreds of CPUs are still starting, with a report of what was',
    async () => {
      const { child, ended } = start('run', '--seconds', '600', '--cpus', '254')
      const threads = () => readdirSync(`/proc/${child.pid}/task`).length
      // Without its CPUs a process has about a dozen.
      while (threads() < 40) await setTimeout(5)
      child.kill('SIGINT')
      const { stdout, signal } = await ended
      expect(stdout).toContain('churn: 254 CPUs')
      expect(stdout.trimEnd().split('\n').at(-1)).toBe('leaks not counted, 0 violations')
      expect(signal).toBe('SIGINT')
    },
    HANG,
  )

  it(
    'ends at once at the second Ctrl-C',
    async () => {
      const { child, ended } = start('run', '--seconds', '600', '--cpus', '2', '--json')
      await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
      child.kill('SIGINT')
      child.kill('SIGINT')
      const { status, signal } = await ended
      // By its own exit, or by the signal, which a shell reports as 130.
      expect(status ?? signal).toBe(status === null ? 'SIGINT' : 130)
    },
    HANG,
  )

  it(
    'does not complain when its reader stops reading',
    async () => {
      const { child, ended } = start('run', '--seconds', '0.3', '--cpus', '2', '--json')
      child.stdout?.once('data', () => child.stdout?.destroy())
      expect((await ended).stderr).toBe('')
    },
    HANG,
  )
})
