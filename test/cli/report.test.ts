import { createHistogram } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../src/cli/run-drive.ts'
import { isClean, jsonReport, type RunSettings, textReport } from '../../src/cli/run-report.ts'
import { OPS } from '../../src/workers/control.ts'

const settings: RunSettings = {
  workload: 'churn',
  cpus: 2,
  sockets: 10,
  maps: 1,
  memory: 64 << 20,
  seed: 1,
  sanitize: false,
}

function resultWith(changes: Partial<RunResult>): RunResult {
  return {
    seconds: 2,
    phases: 2,
    ops: [
      [10, 0, 0, 0, 0, 0, 1, 1, 0, 0],
      [20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    errnos: { 'get ENOENT': 3, 'get NULL': 4, 'create ENOENT': 1 },
    latency: [],
    violations: 0,
    sentences: [],
    socketsMade: 11,
    socketsClosed: 1,
    mapsMade: 1,
    mapsClosed: 0,
    failure: undefined,
    cutShort: false,
    machine: { gracePeriods: 5, gracePeriodMs: 0.25, peakBytes: 2048, leaks: { objects: 0, bytes: 0 } },
    ...changes,
  }
}

describe('the report of a run', () => {
  it('tells percentiles of the operations that were timed, and of no others', () => {
    const latency = OPS.map(() => createHistogram())
    for (let ns = 1000; ns <= 100_000; ns += 1000) latency[0].record(ns)
    const result = resultWith({ latency })
    const text = textReport(settings, result)
    const [heading, get, after] = text.slice(text.indexOf('microseconds')).split('\n')
    expect(heading.split(/ +/)).toEqual(['microseconds', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'longest'])
    const [name, ...figures] = get.split(/ +/)
    expect([name, after]).toEqual(['get', ''])
    // Node's histogram keeps three digits.
    for (const [k, us] of [50, 90, 99, 100, 100, 100].entries()) expect(Number(figures[k]) / us).toBeCloseTo(1, 2)
    expect(jsonReport(settings, result)).toContainEqual(
      expect.objectContaining({ event: 'latency', op: 'get', count: 100, max: latency[0].max }),
    )
    expect(textReport(settings, resultWith({}))).not.toContain('p99')
  })

  it('shows what was done, by kind and CPU', () => {
    expect(textReport(settings, resultWith({}))).toBe(`churn: 2 CPUs, 10 sockets, 1 map, 64 MiB, seed 1

operation    total  per second  CPU 0/s  CPU 1/s
get             30          15        5       10
socketOpen       1           1        1        0
socketClose      1           1        1        0
all             32          16        6       10

ended with  ENOENT  NULL
get              3     4
create           1     0

sockets        11 created, 1 closed under way
maps           1 created, 0 freed under way
grace periods  5, median 0.25 ms
peak memory    2 KiB of 64 MiB
time           2.0 s in 2 phases, invariants checked at rest after each

0 leaked, 0 violations
`)
  })

  it('tells violations, leaks and failures, and none of these is clean', () => {
    const violated = resultWith({ violations: 7, sentences: ['CPU 1: torn value'] })
    expect(textReport(settings, violated)).toMatch(
      /violation: CPU 1: torn value\nand 6 more violations\n\n0 leaked, 7 violations\n$/,
    )
    const machine = { gracePeriods: 5, gracePeriodMs: undefined, peakBytes: 2048, leaks: { objects: 2, bytes: 128 } }
    const leaked = resultWith({ machine, failure: { code: 'leak', message: 'leak: left at shutdown: 2 elem' } })
    expect(textReport(settings, leaked)).toMatch(
      /failure: leak: left at shutdown: 2 elem\n\n2 leaked \(128 bytes\), 0 violations\n$/,
    )
    const failed = resultWith({ machine, failure: { code: 'soft-lockup', message: 'soft-lockup: CPU 1 waits' } })
    expect(textReport(settings, failed)).toMatch(
      /failure: soft-lockup: CPU 1 waits\n\nleaks not counted, 0 violations\n$/,
    )
    for (const result of [violated, leaked, failed]) expect(isClean(result)).toBe(false)
    expect(jsonReport(settings, failed).at(-1)).toMatchObject({ leaks: null })
    expect(jsonReport(settings, failed).at(-2)).toEqual({
      schema: 1,
      event: 'failure',
      code: 'soft-lockup',
      message: 'soft-lockup: CPU 1 waits',
    })
  })

  it('does not take what is still in use for leaked when Ctrl-C left no time to come to rest', () => {
    const machine = { gracePeriods: 5, gracePeriodMs: undefined, peakBytes: 2048, leaks: { objects: 2, bytes: 128 } }
    const cut = resultWith({ cutShort: true, machine })
    expect(isClean(cut)).toBe(true)
    expect(textReport(settings, cut)).toMatch(/leaks not counted, 0 violations\n$/)
  })

  it('sums errnos over all operations; the NULL of a helper is none', () => {
    expect(jsonReport(settings, resultWith({})).at(-1)).toEqual({
      schema: 1,
      event: 'summary',
      cpus: 2,
      seconds: 2,
      ops: expect.objectContaining({ get: 30, socketOpen: 1 }),
      errno: { ENOENT: 4 },
      gracePeriods: 5,
      leaks: { objects: 0, bytes: 0 },
      violations: 0,
    })
  })

  it('stands for more than eight CPUs with the slowest, the median and the fastest', () => {
    const ops = Array.from({ length: 16 }, (_, cpu) => [2 * (cpu + 1), 0, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(textReport({ ...settings, cpus: 16 }, resultWith({ ops }))).toMatch(
      /slowest CPU\/s +median\/s +fastest\/s\nget +272 +136 +1 +9 +16\n/,
    )
  })
})
