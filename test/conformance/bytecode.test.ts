/**
 * Random programs as bytes on the running kernel and here: what they return, and which are refused.
 */

import { afterAll, describe, expect, it } from 'vitest'
import { agreement, kernelVerdicts, ourVerdict, runnable } from '../../conformance/bytecode.ts'
import { type Kernel, startKernel } from '../../conformance/kernel.ts'
import { randomBytecode } from '../../conformance/random-bytecode.ts'
import { disassemble } from '../../src/bpf/isa/disassemble.ts'
import { decode } from '../../src/bpf/isa/instruction.ts'
import { createStream } from '../../src/random/random.ts'
import { LONG } from '../share.ts'

let kernel: Kernel | undefined
try {
  kernel = await startKernel()
} catch (error) {
  console.warn(`SKIPPED, the kernel can't be asked: ${(error as Error).message}`)
}

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const BLOCK = 100

describe.skipIf(kernel === undefined)('programs as bytes, on the running kernel and here', () => {
  afterAll(() => kernel?.stop())

  /** Compares `count` programs, and counts how they agree. */
  async function compare(count: number, wild: number): Promise<Map<string, number>> {
    console.log(`${count} programs with SEED=${SEED}`)
    const counts = new Map<string, number>()
    for (let begin = 0; begin < count; begin += BLOCK) {
      const length = Math.min(BLOCK, count - begin)
      const programs = Array.from({ length }, (_, i) => runnable(randomBytecode(createStream(SEED, begin + i), wild)))
      const theirs = await kernelVerdicts(kernel!, programs)
      for (const [i, program] of programs.entries()) {
        const ours = ourVerdict(program)
        const agrees = agreement(theirs[i], ours)
        if (agrees === undefined) {
          const text = decode(program.code).map((insn) =>
            insn === undefined ? '' : `${insn.at}: ${disassemble(insn)}\n`,
          )
          expect.fail(
            `program ${begin + i} of SEED=${SEED}: the kernel ${JSON.stringify(theirs[i])}, we ${JSON.stringify(ours)}\n${text.join('')}`,
          )
        }
        const kind = 'returns' in theirs[i] && agrees === 'same' ? 'returns' : agrees
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }
    }
    return counts
  }

  it('return the same', async () => {
    const count = LONG ? 20_000 : 60
    expect(await compare(count, 0)).toEqual(new Map([['returns', count]]))
  })

  it('are refused by us wherever the kernel refuses them, in the same words', async () => {
    const count = LONG ? 5000 : 60
    const counts = await compare(count, 12)
    // Most are refused, and most of those in the same place; else the programs have lost their bite.
    expect(counts.get('same')).toBeGreaterThan(count * 0.5)
    expect(counts.get('ours alone') ?? 0).toBeLessThan(count * 0.2)
    // An address that both refuse, of which one knows more.
    expect(counts.get('other words') ?? 0).toBeLessThan(count * 0.1)
  })
})
