import { createHistogram } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import type { MeasureCase, Measured } from '../../src/measure/measure.ts'
import { formatHistogram, formatMeasured } from '../../src/measure/report.ts'
import { median, ratioOf, spread } from '../../src/measure/statistics.ts'

// As it was built, since threads run it.
const built = new URL('../../dist/src/measure/index.js', import.meta.url)
const { measure } = (await import(built.href)) as typeof import('../../src/measure/measure.ts')

const BRIEF = { samples: 2, time: 2, warmup: 1 }
const words = () => ({ words: new Int32Array(new SharedArrayBuffer(4)), wrong: '' })
const add = (more: Partial<MeasureCase> = {}): MeasureCase => ({
  name: 'add',
  job: new URL('./modules/add.js', import.meta.url),
  args: words,
  ...more,
})

describe('measure', () => {
  it('counts every operation of every thread, once', async () => {
    const seen: [word: number, done: number][] = []
    const check = (args: unknown, done: number) => seen.push([(args as ReturnType<typeof words>).words[0], done])
    const cases = [add({ check }), add({ name: 'add, 2', threads: 2, check, base: 'add' })]
    const [one, two] = await measure(cases, { ...BRIEF, latency: true })
    expect(seen).toHaveLength(4)
    for (const [word, done] of seen) expect(word).toBe(done)
    expect([one.threads, two.threads, one.samples.length, one.ratio]).toEqual([1, 2, 2, null])
    expect(one.perSecond).toBe(median(one.samples))
    expect(two.ns).toBeCloseTo(2e9 / two.perSecond)
    expect(one.latency!.count).toBeGreaterThan(0)
  })

  it('counts the wait of operations that are late, if they are to begin at a rate', async () => {
    // More than anybody can do: all are due at the start, so the last waits for the whole time of 5 ms.
    const [{ latency }] = await measure([add()], { ...BRIEF, samples: 1, time: 5, latency: true, rate: 1e12 })
    expect(latency!.max).toBeGreaterThan(4e6)
  })

  it.each([
    ['throws', 'broken on purpose'],
    ['no operation', 'got undefined from its function, expected the operation to repeat'],
  ])('ends with what a job that %s throws', async (wrong, message) => {
    const args = () => ({ ...words(), wrong })
    await expect(measure([add({ threads: 2, args })], BRIEF)).rejects.toThrow(message)
  })

  it('ends with what a check throws', async () => {
    const check = () => {
      throw new Error('the work was not done')
    }
    await expect(measure([add({ check })], BRIEF)).rejects.toThrow('the work was not done')
  })

  it.each([
    [[add({ threads: 0 })], {}, 'add: threads: got 0, expected a whole number from 1 on'],
    [[add(), add()], {}, "got two cases 'add', expected names that differ"],
    [[add({ base: 'ad' })], {}, "add: base: got 'ad', expected one of add"],
    [[add({ job: 'job.js' as unknown as URL })], {}, 'add: job: got string, expected a URL of its module'],
    [[add()], { samples: 0 }, 'samples: got 0, expected a whole number from 1 on'],
    [[add()], { time: -1 }, 'time: got -1, expected a number'],
  ])('says what is wrong with %j', async (cases, options, message) => {
    await expect(measure(cases, options)).rejects.toThrow(message)
  })
})

it('leaves out a ratio about which the samples disagree', () => {
  expect(ratioOf([2, 4, 6], [1, 2, 3])).toBe(2)
  expect(ratioOf([2, 4, 6], [3, 2, 1])).toBeNull()
  expect(spread([1, 1, 1])).toBe(0)
})

describe('a report', () => {
  const latency = createHistogram()
  for (let i = 0; i < 1000; i++) latency.record(i < 900 ? 100 : 300)
  const measured: Measured = {
    name: 'push',
    threads: 1,
    perSecond: 2e6,
    ns: 500,
    spread: 0.04,
    ratio: null,
    samples: [2e6],
    latency,
  }

  it('leaves out percentiles beyond which hardly an operation lies', () => {
    const lines = formatMeasured([measured]).split('\n')
    expect(lines[1]).toMatch(/^push +1 +2.00 M\/s +500 ns +4 % +-$/)
    expect(lines[4]).toMatch(/^push +100 ns +100 ns +300 ns +- +- +300 ns$/)
  })

  it('says so where threads took turns', () => {
    expect(formatMeasured([measured])).not.toContain('took turns')
    expect(formatMeasured([{ ...measured, threads: 10_000 }])).toContain('took turns')
  })

  it('has a bar for each power of two, of the share that lies in it', () => {
    const rows = formatHistogram(latency, 10).trimEnd().split('\n')
    expect(rows[1]).toMatch(/^64.0 ns +90.0 % +#{10}$/)
    expect(rows[2]).toMatch(/^128 ns +0.000 %$/)
    expect(rows[3]).toMatch(/^256 ns +10.0 % +##$/)
  })
})
