/**
 * Programs of clang with some instructions changed: each is accepted or refused in one sentence, what is accepted
 * becomes JavaScript, and the running kernel accepts it too.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { agreement, kernelVerdicts, type Verdict } from '../../conformance/bytecode.ts'
import { hexOf } from '../../conformance/hex.ts'
import { type Kernel, startKernel } from '../../conformance/kernel.ts'
import { generate } from '../../src/bpf/code/generate.ts'
import { disassemble } from '../../src/bpf/isa/disassemble.ts'
import { isConditional, isGoto, targetOf } from '../../src/bpf/isa/flow.ts'
import { decode } from '../../src/bpf/isa/instruction.ts'
import { loadBpfObject } from '../../src/bpf/load/load-object.ts'
import { BpfObjectError } from '../../src/bpf/load/object-error.ts'
import type { BpfObject, BpfProgram } from '../../src/bpf/object.ts'
import { ProgramRefused } from '../../src/bpf/verifier/refused.ts'
import { verify } from '../../src/bpf/verifier/verify.ts'
import { createStream, nextBits, type Random } from '../../src/random/random.ts'
import { LONG } from '../share.ts'

let kernel: Kernel | undefined
try {
  kernel = await startKernel()
} catch (error) {
  console.warn(`SKIPPED, the kernel can't be asked: ${(error as Error).message}`)
}

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const ROUNDS = LONG ? 1000 : 60
/** Programs in a round, all of one object. */
const PROGRAMS = 40
const ERRNOS: Readonly<Record<string, number>> = { E2BIG: 7, EACCES: 13, EFAULT: 14, EINVAL: 22, ENOTSUPP: 524 }
/** Opcodes that clang likes, and numbers that mean something: helpers, sizes. */
const OPCODES = [0x07, 0x0f, 0xbf, 0xb7, 0xb4, 0xbc, 0x61, 0x69, 0x71, 0x79, 0x63, 0x7b, 0x62, 0x7a, 0xdb, 0xc3, 0x85]
const MORE_OPCODES = [0x95, 0x15, 0x55, 0x1d, 0x5d, 0x25, 0xa5, 0x05, 0x67, 0x77, 0x57, 0x5f, 0xd4, 0x81, 0x89, 0x91]
const NUMBERS = [0, 1, -1, 8, 16, -8, 4, 64, 107, 108, 93, 94, 2, 3, 5, 95, 96, 46, 14, 7]

const objects = ['objects', 'kinds'].flatMap((name) => {
  const folder = new URL(`../bpf/${name}/`, import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.bpf.o'))
    .flatMap((file) => {
      try {
        return [loadBpfObject(readFileSync(new URL(file, folder)), file)]
      } catch (error) {
        if (error instanceof BpfObjectError) return []
        throw error
      }
    })
})

/** The program with a change or two, which leave alone the wide loads that name maps. */
function changed(program: BpfProgram, random: Random): BpfProgram {
  const code = Uint8Array.from(program.code)
  const view = new DataView(code.buffer)
  const kept = new Set(program.maps.flatMap(({ at }) => [at, at + 1]))
  const draw = <T>(from: readonly T[]): T => from[nextBits(random) % from.length]
  const slots = Array.from({ length: code.length / 8 }, (_, at) => at).filter((at) => !kept.has(at))
  for (let k = 1 + (nextBits(random) % 2); k > 0; k--) {
    const at = 8 * draw(slots)
    const changes = [
      () => (code[at + (nextBits(random) % 8)] ^= 1 << (nextBits(random) % 8)),
      () => (code[at] = draw([...OPCODES, ...MORE_OPCODES])),
      () => (code[at + 1] = (code[at + 1] & 0xf0) | (nextBits(random) % 11)),
      () => (code[at + 1] = (code[at + 1] & 0xf) | ((nextBits(random) % 11) << 4)),
      () => view.setInt16(at + 2, (nextBits(random) % 33) - 16, true),
      () => view.setInt32(at + 4, draw(NUMBERS), true),
      () => {
        const from = 8 * draw(slots)
        code.copyWithin(at, from, from + 8)
      },
    ]
    draw(changes)()
  }
  return { ...program, name: 'changed', code, lines: [] }
}

/** Whether all jumps go forward: verifiers are done with such a program soon. */
function isForward({ code }: BpfProgram): boolean {
  try {
    return decode(code).every(
      (insn) => insn === undefined || !(isGoto(insn) || isConditional(insn)) || targetOf(insn) > insn.at,
    )
  } catch {
    return true
  }
}

/** What we say of it. */
function verdictOn(program: BpfProgram, object: BpfObject): Verdict {
  try {
    const verified = verify(program, { license: 'GPL', maps: object.maps })
    for (const access64 of ['whole', 'halves'] as const) new Function(`return ${generate(verified, { access64 }).text}`)
    return { returns: undefined }
  } catch (error) {
    if (!(error instanceof ProgramRefused)) throw error
    expect(error.said).toMatch(/^\S.*\S$/)
    expect(error.said).not.toMatch(/undefined|NaN|\[object/)
    return { errno: ERRNOS[error.errno], at: error.at, said: error.said }
  }
}

/** The commands that make an object's maps in the kernel. */
function mapsOf({ maps }: BpfObject): string[] {
  const types = maps.find(({ btf }) => btf !== undefined)?.btf?.bytes
  return [
    ...(types === undefined ? [] : [`btf b0 ${hexOf(types)}`]),
    ...maps.map(({ type, keySize, valueSize, maxEntries, flags, btf, initial }, i) => {
      const sizes = `${type} ${keySize} ${valueSize} ${maxEntries} ${flags}`
      const typed = btf !== undefined && initial === undefined
      return `map m${i} ${typed ? 'b0' : 0} ${sizes} ${typed ? `${btf.keyTypeId} ${btf.valueTypeId}` : '0 0'}`
    }),
  ]
}

describe('programs of clang with instructions changed', () => {
  afterAll(() => kernel?.stop())

  it('are accepted or refused in one sentence, and accepted only where the kernel does', async () => {
    console.log(`${ROUNDS * PROGRAMS} programs with SEED=${SEED}`)
    const counts: Record<string, number> = {}
    const count = (what: string): void => {
      counts[what] = (counts[what] ?? 0) + 1
    }
    for (let round = 0; round < ROUNDS; round++) {
      const random = createStream(SEED, round)
      const object = objects[nextBits(random) % objects.length]
      const programs = Array.from({ length: PROGRAMS }, () =>
        changed(object.programs[nextBits(random) % object.programs.length], random),
      ).filter(isForward)
      const ours = programs.map((program) => verdictOn(program, object))
      for (const verdict of ours) count('returns' in verdict ? 'accepted' : 'refused')
      if (kernel === undefined) continue
      expect((await kernel.ask(mapsOf(object))).filter((answer) => answer !== 'ok')).toEqual([])
      const handles = Object.fromEntries(object.maps.map(({ name }, i) => [name, `m${i}`]))
      const theirs = await kernelVerdicts(kernel, programs, handles)
      for (const [i, { type, attach, code }] of programs.entries()) {
        const agrees = agreement(theirs[i], ours[i]) ?? 'another errno'
        count(agrees)
        if (!('returns' in ours[i]) || 'returns' in theirs[i]) continue
        const text = decode(code).map((insn) => (insn === undefined ? '' : `${insn.at}: ${disassemble(insn)}`))
        expect.fail(
          `round ${round} of SEED=${SEED}, ${type} ${attach}: ${JSON.stringify(theirs[i])}\n${text.join('\n')}`,
        )
      }
      await kernel.ask(['reset'])
    }
    console.log(JSON.stringify(counts))
    // Else the changes say nothing of either.
    expect(counts.accepted).toBeGreaterThan(ROUNDS / 4)
    expect(counts.refused).toBeGreaterThan(ROUNDS)
  })
})
