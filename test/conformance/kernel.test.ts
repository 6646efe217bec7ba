import { availableParallelism } from 'node:os'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { arraySequence } from '../../conformance/array-sequences.ts'
import { askAlone, campaign } from '../../conformance/campaign.ts'
import { judge } from '../../conformance/judge.ts'
import { type Kernel, startKernel } from '../../conformance/kernel.ts'
import { KNOWN_DIFFERENCES } from '../../conformance/known.ts'
import { BASIC, ITERATOR, PROGRAMS, SOCKOPT_INHERIT } from '../../conformance/selftests.ts'
import { sequence } from '../../conformance/sequences.ts'
import { anyShape } from '../../conformance/shapes.ts'
import { spell } from '../../conformance/spell.ts'
import { WITNESSES } from '../../conformance/witnesses.ts'
import { LONG } from '../share.ts'

let kernel: Kernel | undefined
try {
  kernel = await startKernel()
} catch (error) {
  console.warn(`SKIPPED, the kernel can't be asked: ${(error as Error).message}`)
}
const LACKS = `this kernel answers EPERM to ${[...(kernel?.lacks ?? [])].join(', ')}`

/** Answers of the kernel that a run must have met; else the sequences had lost their bite. */
const ANSWERS = [
  ...['ok', 'err 1', 'err 7', 'err 9', 'err 22'].map((answer) => `map ${answer}`),
  ...['ok', 'err 1'].map((answer) => `btf ${answer}`),
  ...['ok', 'err 22', 'err 9', 'err 88', 'err 95'].map((answer) => `accept ${answer}`),
  ...['ok', 'err 2', 'err 9', 'err 12', 'err 14', 'err 17', 'err 22', 'err 88'].map((answer) => `update ${answer}`),
  ...['ok', 'err 2', 'err 9', 'err 22', 'err 88'].map((answer) => `lookup ${answer}`),
  ...['ok', 'err 2', 'err 9', 'err 88'].map((answer) => `delete ${answer}`),
  ...['err 9', 'err 524'].map((answer) => `next ${answer}`),
  ...['err 22', 'err 524'].map((answer) => `lookdel ${answer}`),
  ...['ok', 'null', 'err 2'].map((answer) => `prog ${answer}`),
  ...['err 9', 'err 22', 'err 524'].map((answer) => `batch ${answer}`),
  ...['ok', 'err 77'].map((answer) => `btfinfo ${answer}`),
  'byid ok',
  'byid err 2',
  'info ok',
  'info err 77',
]

/** The same of sequences on arrays. */
const ARRAY_ANSWERS = [
  ...['ok', 'err 7', 'err 13', 'err 22', 'err 95'].map((answer) => `map ${answer}`),
  ...['ok', 'err 1', 'err 7', 'err 9', 'err 17', 'err 22'].map((answer) => `update ${answer}`),
  ...['ok', 'err 2', 'err 9', 'err 22'].map((answer) => `lookup ${answer}`),
  ...['err 1', 'err 9', 'err 22'].map((answer) => `delete ${answer}`),
  ...['ok', 'err 2', 'err 9'].map((answer) => `next ${answer}`),
  ...['ok', 'err 1', 'err 9', 'err 524'].map((answer) => `freeze ${answer}`),
  ...['err 22', 'err 524'].map((answer) => `lookdel ${answer}`),
]

describe.skipIf(kernel === undefined)('the running kernel and our machine', () => {
  afterAll(() => kernel?.stop())

  /** Plays a fixed sequence on both, and returns the kernel's answers. */
  async function play(lines: readonly string[]): Promise<string[]> {
    const answers = await askAlone(kernel!, lines)
    expect(judge(lines, answers, kernel!.sizes).divergence).toBeUndefined()
    return answers
  }

  it('agree on sequences of all kinds, but for the differences that are known', async () => {
    const runs = LONG ? 5000 : 250
    const { sequences, found, answers } = await campaign(kernel!, { runs, seed: 7 })
    expect(found).toBeUndefined()
    expect(sequences).toBe(runs)
    const expected = ANSWERS.filter((answer) => kernel!.answers([answer]))
    expect(expected.filter((answer) => (answers.get(answer) ?? 0) < 3)).toEqual([])
  })

  it('agree on sequences on arrays and per-CPU arrays', async () => {
    const runs = LONG ? 3000 : 300
    const { sequences, found, answers } = await campaign(kernel!, { runs, seed: 7, sequences: arraySequence })
    expect(found).toBeUndefined()
    expect(sequences).toBe(runs)
    expect(ARRAY_ANSWERS.filter((answer) => (answers.get(answer) ?? 0) < 3)).toEqual([])
  })

  it("agree on the kernel's selftest `basic`", async () => {
    const answers = await play(BASIC)
    expect(answers.filter((answer) => answer.startsWith('err'))).toEqual([
      'err 17',
      'err 17',
      'err 2',
      'err 2',
      ...Array(4).fill('err 22'),
    ])
  })

  it('agree on what an accepted socket inherits', async () => {
    const answers = await play(SOCKOPT_INHERIT)
    const found = answers.slice(9, 18).map((answer) => Number(answer.startsWith('ok')))
    expect(found).toEqual([1, 1, 1, 0, 0, 0, 1, 1, 0])
  })

  it('agree on an iterator over the map, which deletes what it is shown', async ({ skip }) => {
    skip(!kernel!.answers(ITERATOR), LACKS)
    const answers = await play(ITERATOR)
    expect(answers[9].split(' ').length).toBe(4)
    expect(answers[11]).toBe('ok')
  })

  it('agree on what programs get, create and delete', async ({ skip }) => {
    skip(!kernel!.answers(PROGRAMS), LACKS)
    expect(await play(PROGRAMS)).toContain('ok 0110201')
  })

  it('give NULL to one of two CPUs that make the first storage of a socket', async ({ skip }) => {
    skip(!kernel!.answers(['egress m0 s0']), LACKS)
    skip(availableParallelism() < 2, 'there is one CPU')
    const [btf, map] = WITNESSES['charge-sizes']
    const answers = await askAlone(kernel!, [btf, map, 'first m0 300'])
    const [ok, rounds, counted, nulls] = answers[2].split(' ')
    console.log(`NULL in ${nulls} of ${rounds} rounds`)
    expect(ok).toBe('ok')
    // One of two at the most: the other's is the storage that was in the way. D66: ours does the same.
    expect(Number(counted) + Number(nulls)).toBe(2 * Number(rounds))
    expect(Number(nulls)).toBeGreaterThan(0)
    expect(Number(nulls)).toBeLessThanOrEqual(Number(rounds))
  })

  it('load and accept the BTF of any struct', async () => {
    const property = fc.asyncProperty(anyShape, async ({ btf, keyTypeId, valueTypeId, valueSize, lockOffset }) => {
      const map = `map m0 b0 24 4 ${valueSize} 0 1 ${keyTypeId} ${valueTypeId}`
      const answers = await play([`btf b0 ${btf}`, map, 'sock s0 udp 4', `update m0 s0 ff*${valueSize} 4`, 'info m0'])
      expect(answers.slice(0, 2)).toEqual(['ok', 'ok'])
      expect(answers[3]).toBe(lockOffset < 0 ? 'err 22' : 'ok')
    })
    await fc.assert(property, { numRuns: 200 })
  })

  /** Rows about what Linux 6.11 and earlier versions changed are met where the kernel is that new. */
  it.for(KNOWN_DIFFERENCES.map(({ id }) => id))('differ as the table says: %s', async (id, { skip }) => {
    skip(!kernel!.answers(WITNESSES[id]), LACKS)
    const newer = Number(kernel!.release.split('.')[0]) * 100 + Number(kernel!.release.split('.')[1])
    const lines = WITNESSES[id]
    const { divergence, known } = judge(lines, await askAlone(kernel!, lines), kernel!.sizes)
    expect(divergence).toBeUndefined()
    if (newer >= 611) expect([...known.keys()]).toContain(id)
  })

  it('are told apart: any answer that is changed is a divergence at its line', async () => {
    const property = fc.asyncProperty(sequence, fc.nat(), async (steps, n) => {
      const lines = spell(steps).filter((line) => kernel!.answers([line]))
      const answers = await askAlone(kernel!, lines)
      const at = n % lines.length
      const changed = answers.with?.(at, 'err 99') ?? answers.map((answer, i) => (i === at ? 'err 99' : answer))
      expect(judge(lines, changed, kernel!.sizes).divergence?.at).toBe(at)
    })
    await fc.assert(property, { numRuns: 50 })
  })
})
