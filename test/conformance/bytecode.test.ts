/**
 * Random programs as bytes on the running kernel and here: what they return, and which are refused.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreement, kernelVerdicts, ourVerdict, runnable } from '../../conformance/bytecode.ts'
import { type Kernel, startKernel } from '../../conformance/kernel.ts'
import { randomBytecode } from '../../conformance/random-bytecode.ts'
import { assemble, assemblyOf } from '../../src/bpf/isa/assemble.ts'
import { disassemble } from '../../src/bpf/isa/disassemble.ts'
import { decode } from '../../src/bpf/isa/instruction.ts'
import type { BpfProgram } from '../../src/bpf/object.ts'
import { createStream, type Random } from '../../src/random/random.ts'
import { randomAccesses, VALUE_MAPS } from '../bpf/verifier/random-accesses.ts'
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
  beforeAll(async () => {
    const made = VALUE_MAPS.map(({ valueSize }, m) => `map m${m} 0 2 4 ${valueSize} 4 0 0 0`)
    expect(await kernel!.ask(made)).toEqual(VALUE_MAPS.map(() => 'ok'))
  })
  afterAll(() => kernel?.stop())
  const handles = Object.fromEntries(VALUE_MAPS.map(({ name }, m) => [name, `m${m}`]))

  /** Compares `count` programs, and counts how they agree. */
  async function compare(count: number, make: (random: Random) => BpfProgram): Promise<Map<string, number>> {
    console.log(`${count} programs with SEED=${SEED}`)
    const counts = new Map<string, number>()
    for (let begin = 0; begin < count; begin += BLOCK) {
      const length = Math.min(BLOCK, count - begin)
      const programs = Array.from({ length }, (_, i) => make(createStream(SEED, begin + i)))
      const theirs = await kernelVerdicts(kernel!, programs, handles)
      for (const [i, program] of programs.entries()) {
        const ours = ourVerdict(program, VALUE_MAPS)
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
    expect(await compare(count, (random) => runnable(randomBytecode(random, { wild: 0, effects: 0 })))).toEqual(
      new Map([['returns', count]]),
    )
  })

  it('are refused by us wherever the kernel refuses them, in the same words', async () => {
    const count = LONG ? 5000 : 60
    const counts = await compare(count, (random) => runnable(randomBytecode(random, { wild: 12, effects: 0 })))
    // Most are refused, and most of those in the same place (58 % of all); else the programs have lost their bite. Of a
    // few programs chance makes it less.
    expect(counts.get('same')).toBeGreaterThan(count * (LONG ? 0.5 : 0.25))
    expect(counts.get('ours alone') ?? 0).toBeLessThan(count * 0.2)
    // An address that both refuse, of which one knows more.
    expect(counts.get('other words') ?? 0).toBeLessThan(count * 0.1)
  })

  /** Two paths meet with another number at r10-16 each, and what is fetched from there in one step decides. */
  const fetched = (put: string, otherwise: string, decide: string) => {
    const { statements, labels } = assemblyOf(`
      ldxw r8, [r1+0]
      ldxw r7, [r1+0]
      ${put}
      ${'mov r6, 0\n'.repeat(6)}
      jeq r7, 64, met
      ${otherwise}
      met: mov r9, 2
      again: ${'mov r6, 0\n'.repeat(4)}
      sub r9, 1
      jne r9, 0, again
      mov r1, 0
      lock_fetch_add [r10-16], r1
      ${decide}
      mov r0, 1
      exit
      other: mov r0, 2
      exit`)
    return runnable(assemble(statements, labels))
  }

  it.each([
    [
      'of a constant',
      'lddw r4, 0x8000000000000000\nstxdw [r10-16], r4',
      'stdw [r10-16], 31',
      'lddw r3, 0xfedcba9876543210\njslt r3, r1, other',
    ],
    ['of a copy that a branch tells of', 'stxdw [r10-16], r8', 'jne r8, 31, other', 'jle r1, 40, other'],
  ])('branch on what an atomic operation fetched where Linux 6.18 errs: %s', async (_, ...texts) => {
    const program = fetched(...texts)
    expect(ourVerdict(program)).toEqual({ returns: 1 })
    const [theirs] = await kernelVerdicts(kernel!, [program])
    expect([{ returns: 1 }, { returns: 2 }]).toContainEqual(theirs)
  })

  /** Found in memory as it is expected: r0 is what was found, and its upper half 0. */
  const exchanged = (before: string) => {
    const { statements, labels } = assemblyOf(`
      ldxw r8, [r1+0]
      stdw [r10-8], 0
      stb [r10-8], 0
      lddw r0, 0x8000000000000000
      mov r2, 1
      ${before}
      lock_cmpxchg32 [r10-8], r2
      ${'mov r6, 0\n'.repeat(6)}
      jeq r8, 64, met
      ldxw r0, [r1+0]
      met: mov r9, 2
      again: ${'mov r6, 0\n'.repeat(4)}
      sub r9, 1
      jne r9, 0, again
      rsh r0, 63
      add r0, 1
      exit`)
    return runnable(assemble(statements, labels))
  }

  it('clear the upper half of r0 in a narrow cmpxchg, also where Linux 6.18 does not', async () => {
    const [bare, narrowed] = [exchanged(''), exchanged('mov32 r0, r0')]
    expect([ourVerdict(bare), ourVerdict(narrowed)]).toEqual([{ returns: 1 }, { returns: 1 }])
    const [theirs, asRandom] = await kernelVerdicts(kernel!, [bare, narrowed])
    expect([{ returns: 1 }, { returns: 2 }]).toContainEqual(theirs)
    expect(asRandom).toEqual({ returns: 1 })
  })

  it('branch on what was fetched from bytes that no verifier knows, as random programs do', async () => {
    const program = fetched('stxdw [r10-16], r8\nstxb [r10-16], r8', 'jne r8, 31, other', 'jle r1, 40, other')
    expect(ourVerdict(program)).toEqual({ returns: 1 })
    expect(await kernelVerdicts(kernel!, [program])).toEqual([{ returns: 1 }])
  })

  it('are accepted by us only where the kernel accepts them, with pointers into values and the stack', async () => {
    const count = LONG ? 20_000 : 300
    const counts = await compare(count, randomAccesses)
    expect(counts.get('returns')).toBeGreaterThan(count * 0.1)
    expect(counts.get('same')).toBeGreaterThan(count * 0.3)
  })
})
