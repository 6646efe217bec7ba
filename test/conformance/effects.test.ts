/**
 * Random programs with maps, here, by an interpreter and on the running kernel: what they return, and what they leave
 * in the packet, its context and the maps.
 */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { runnable } from '../../conformance/bytecode.ts'
import { type Effects, kernelEffects, kernelMaps, ourEffects } from '../../conformance/effects.ts'
import { type Kernel, startKernel } from '../../conformance/kernel.ts'
import { randomBytecode } from '../../conformance/random-bytecode.ts'
import { disassemble } from '../../src/bpf/isa/disassemble.ts'
import { decode } from '../../src/bpf/isa/instruction.ts'
import type { BpfProgram } from '../../src/bpf/object.ts'
import { createStream } from '../../src/random/random.ts'
import { interpretedEffects } from '../bpf/interpreted.ts'
import { LONG } from '../share.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const COUNT = LONG ? 20_000 : 300
const BLOCK = 100
/** How often the kernel is asked again where it says something else. */
const AGAIN = 5
/** Milliseconds that all of them may take. */
const PATIENCE = 3_600_000

let kernel: Kernel | undefined

beforeAll(async () => {
  try {
    kernel = await startKernel()
  } catch (error) {
    console.warn(`of the interpreter alone, since the kernel can't be asked: ${(error as Error).message}`)
    return
  }
  expect(await kernel.ask(kernelMaps())).toEqual(kernelMaps().map(() => 'ok'))
})
afterAll(() => kernel?.stop())

/**
 * Whether the kernel, asked again, says what we do, time after time. Now and then Linux 6.18 says of a hash that it is
 * full although it is not, on a machine that has much else to do; then it contradicts itself.
 */
async function contradictsItself(ours: Effects, program: BpfProgram): Promise<boolean> {
  const again = await kernelEffects(
    kernel!,
    Array.from({ length: AGAIN }, () => program),
  )
  return again.every((each) => textOf(each) === textOf(ours))
}

function compare(ours: readonly Effects[], theirs: Effects | string, what: string, { code }: BpfProgram): void {
  for (const each of ours) {
    if (textOf(each) === textOf(theirs)) continue
    const lines = decode(code).map((insn) => (insn === undefined ? '' : `${insn.at}: ${disassemble(insn)}\n`))
    expect(each, `${what}\n${lines.join('')}`).toEqual(theirs)
  }
}

function textOf(effects: Effects | string): string {
  return JSON.stringify(effects, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

it(
  'random programs return and leave what the definitions of RFC 9669 say, and the running kernel',
  async () => {
    console.log(`${COUNT} programs with SEED=${SEED}`)
    const left = new Set<string>()
    let contradicted = 0
    for (let begin = 0; begin < COUNT; begin += BLOCK) {
      if (begin > 0 && begin % 1000 === 0) console.log(`${begin} agree`)
      const programs = Array.from({ length: Math.min(BLOCK, COUNT - begin) }, (_, i) =>
        runnable(randomBytecode(createStream(SEED, begin + i), { wild: 0, effects: 3 })),
      )
      const asked = kernel && kernelEffects(kernel, programs)
      for (const [i, program] of programs.entries()) {
        const what = `program ${begin + i} of SEED=${SEED}`
        const ours = ourEffects(program)
        left.add(ours[0].maps.join())
        compare(ours, interpretedEffects(program), `${what}, by the interpreter`, program)
        const theirs = await asked
        if (theirs === undefined) continue
        if (textOf(theirs[i]) !== textOf(ours[0]) && (await contradictsItself(ours[0], program))) {
          contradicted++
          console.warn(
            `${what}: the kernel said something else once, and the same ${AGAIN} times when it was asked again`,
          )
        } else compare(ours, theirs[i], `${what}, on the kernel`, program)
      }
    }
    expect(contradicted).toBeLessThan(1 + COUNT / 1000)
    // Else the programs say nothing of maps.
    expect(left.size).toBeGreaterThan(COUNT / 2)
  },
  PATIENCE,
)
