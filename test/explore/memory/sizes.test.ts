/**
 * Accesses of different sizes to the same bytes, and what may be torn, in scenarios: what they read, how that is told,
 * and that lines replay it.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import type { MemoryModel } from '../../../src/explore/result.ts'
import { createStepper } from '../../../src/explore/stepper.ts'
import { createRandom, nextBits } from '../../../src/random/random.ts'
import { seedOf } from '../../share.ts'
import { scenarioOf } from './scenario-of.ts'

type Asked = Exclude<MemoryModel, 'sc'>

/** Outcomes as text, each with the strongest model that has it. */
async function outcomesOf(threads: readonly string[], memory: Asked = 'ecma') {
  const result = check(await scenarioOf(threads), { memory })
  expect(result).toMatchObject({ violation: null, exhaustive: true })
  return Object.fromEntries(result.outcomes.map(({ outcome, model }) => [outcome, model]))
}

const HALVES = 'const halves = new Int16Array(words.buffer);'

describe('accesses of different sizes', () => {
  it('sees a word of two stores, and two stores of a word in any order where no machine keeps it', async () => {
    expect(await outcomesOf(['bytes[0] = 1; bytes[1] = 1', `${HALVES} return halves[0]`])).toEqual({
      'undefined | 0': 'sc',
      'undefined | 1': 'sc',
      'undefined | 257': 'sc',
      'undefined | 256': 'arm',
    })
  })

  it('does not tear integers with stores of just their bytes, nor with what was there before', async () => {
    const read = `${HALVES} return halves[0]`
    expect(Object.keys(await outcomesOf([`${HALVES} halves[0] = 257`, 'bytes[0] = 2', read])).sort()).toEqual([
      'undefined | undefined | 0',
      'undefined | undefined | 2',
      'undefined | undefined | 257',
      'undefined | undefined | 258',
    ])
  })

  it('lets no SeqCst access synchronize with one of another size', async () => {
    const sent = 'words[1] = 5; Atomics.store(words, 0, 1)'
    const same = 'const seen = Atomics.load(words, 0); return seen === 1 ? words[1] : -1'
    const other = 'const seen = Atomics.load(bytes, 0); return seen === 1 ? words[1] : -1'
    expect(await outcomesOf([sent, same])).toEqual({ 'undefined | -1': 'sc', 'undefined | 5': 'sc' })
    expect(await outcomesOf([sent, other])).toMatchObject({ 'undefined | 0': 'ecma' })
  })

  it('tears floats, BigInts and what a DataView loads as ECMA-262 lets it, and on no machine', async () => {
    for (const [store, load] of [
      ['view.setUint16(0, 257)', 'view.getUint16(0)'],
      ['new Float32Array(words.buffer)[0] = 2.3509885615147286e-38', 'new Float32Array(words.buffer)[0]'],
    ]) {
      const all = await outcomesOf([store, `return ${load}`])
      expect(new Set(Object.values(all)), store).toEqual(new Set(['sc', 'ecma']))
      expect(Object.keys(await outcomesOf([store, `return ${load}`], 'arm'))).toHaveLength(2)
    }
    const big = 'new BigInt64Array(words.buffer)[0]'
    expect(Object.keys(await outcomesOf([`${big} = 257n`, `return Number(${big})`]))).toEqual(
      expect.arrayContaining(['undefined | 1', 'undefined | 256']),
    )
    // SeqCst ones are not torn.
    const atomic = 'new BigInt64Array(words.buffer), 0'
    const whole = [`Atomics.store(${atomic}, 257n)`, `return Number(Atomics.load(${atomic}))`]
    expect(Object.keys(await outcomesOf(whole))).toEqual(['undefined | 0', 'undefined | 257'])
  })

  it('leaves at the end what no other store overwrites in happens-before, byte by byte', async () => {
    const scenario = await scenarioOf(
      ['words[0] = 0x01010101', 'bytes[0] = 2; bytes[1] = 3'],
      'after: ({ words }) => words[0] !== 0x01010102',
    )
    const { violation } = check(scenario, { memory: 'ecma' })
    expect(violation).toMatchObject({ kind: 'assertion' })
    expect(violation!.schedule).toMatch(/E\d_1$/)
    expect(replay(scenario, violation!.replay)).toMatchObject({ violation: { message: violation!.message } })
  })

  it('names loads of words whose bytes are stored behind them, where load buffering is left out', async () => {
    const threads = [1, 2].map(
      (value) => `${HALVES} const seen = halves[0]; bytes[${value - 1}] = ${value}; return seen`,
    )
    const result = check(await scenarioOf(threads), { memory: 'arm' })
    expect(result).toMatchObject({ exhaustive: false, memory: { allButBuffering: true } })
    expect(result.memory!.loadBuffering).toHaveLength(2)
  })

  it('begins with what setup left, in the last bytes of a buffer too', async () => {
    const setup = `setup() {
      const bytes = new Uint8Array(new SharedArrayBuffer(6))
      bytes[5] = 7
      return { bytes }
    }`
    const result = check(await scenarioOf(['return bytes[5]', 'bytes[5] = 8'], setup), { memory: 'arm' })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['7 | undefined', '8 | undefined'])
  })

  it('tells from which step each byte is, and steps and replays it', async () => {
    const scenario = await scenarioOf(
      ['bytes[0] = 1; bytes[1] = 1', `${HALVES} return halves[0]`],
      'after: (_, [, seen]) => seen !== 256',
    )
    const result = check(scenario, { memory: 'arm' })
    expect(result.violation!.schedule).toBe('S0-S1r0_2')
    expect(result.violation!.steps[2]).toMatchObject({ bytesFrom: [0, 2], after: '256' })
    expect(result.violation!.steps[2]).not.toHaveProperty('readsFrom')
    const text = formatResult(result)
    expect(text).toContain('from the start, step 2')
    expect(text).toContain('step 3 reads words[0] = 256, byte by byte from the start, step 2, though thread 0 stored 1')
    const stepper = createStepper(scenario, { memory: 'arm' })
    expect(stepper.at(['0', '0']).threads[1].next!.mayRead).toMatchObject([
      { step: 0, thread: undefined, value: '0', isLatest: false },
      { step: 0, bytes: [0, 2], value: '256', isLatest: false },
      { step: 1, bytes: [1, 0], value: '1', isLatest: false },
      { step: 1, bytes: [1, 2], value: '257', isLatest: true },
    ])
    expect(stepper.at(['0', '0', '1r0_2'])).toMatchObject({ ending: 'complete', wrong: { kind: 'assertion' } })
    expect(stepper.at(['0', '0', '1r0_2_1']).diverged!.why).toBe('thread 1 reads 2 bytes there, not 3')
    expect(stepper.at(['0', '0', '1r2_1']).diverged!.why).toBe('step 2 does not store to what thread 1 reads')
  })

  it('replays each outcome of random programs', async () => {
    const random = createRandom(seedOf('random scenarios of accesses of different sizes'))
    const below = (n: number) => nextBits(random) % n
    let replayed = 0
    for (let k = 0; k < 12; k++) {
      const access = (id: number) => {
        const name = ['bytes', 'halves', 'words'][below(3)]
        const at = below(name === 'words' ? 1 : 2)
        const value = (id + 1) * 0x01020304
        const pick = below(5)
        if (pick === 0) return `Atomics.store(${name}, ${at}, ${value})`
        if (pick === 1) return `seen.push(Atomics.load(${name}, ${at}))`
        if (pick === 2) return `seen.push(Atomics.add(${name}, ${at}, 1))`
        return pick === 3 ? `seen.push(${name}[${at}])` : `${name}[${at}] = ${value}`
      }
      const thread = (t: number) =>
        `${HALVES} const seen = []; ${[0, 1].map((j) => access(2 * t + j)).join('; ')}; return seen.join()`
      const threads = [thread(0), thread(1)]
      const rest = `outcome: ({ words }, results) => results.join(' ; ') + ' ' + words[0],
        after: ({ words }, results) => { throw new Error(results.join(' ; ') + ' ' + words[0]) }`
      const scenario = await scenarioOf(threads, rest)
      const found = check(scenario, { memory: 'ecma', keepGoing: true, shrink: false })
      expect(found.exhaustive || found.memory!.allButBuffering, threads.join(' | ')).toBe(true)
      for (const { outcome, replay: line } of found.outcomes) {
        const now = replay(scenario, line!)
        expect(now, `${threads.join(' | ')}: ${line}`).toMatchObject({ stale: false, diverged: undefined, line })
        expect(now.violation!.message).toBe(outcome)
        replayed++
      }
    }
    expect(replayed).toBeGreaterThan(20)
  })
})
