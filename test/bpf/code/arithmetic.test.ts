/**
 * Every arithmetic instruction and every jump on every pair of edges, judged by the definitions of RFC 9669, section 4,
 * written down once more on numbers without a size.
 */

import { describe, expect, it } from 'vitest'
import { onMemory } from '../running.ts'

/** Ends of ranges, and what stands beside them. */
const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  31n,
  63n,
  0x7fn,
  0x80n,
  0x1122n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x0123_4567_89ab_cdefn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
]
const IMMEDIATES: readonly bigint[] = [1n, 2n, 7n, 31n, 0x7fff_ffffn, -1n, -2n, -0x8000_0000n]

type Operation = (a: bigint, b: bigint, width: number) => bigint
const signed = (a: bigint, width: number): bigint => BigInt.asIntN(width, a)

/** `a` and `b` are unsigned numbers of `width` bits; what is given is cut to as many. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  sdiv: (a, b, width) => (b === 0n ? 0n : signed(a, width) / signed(b, width)),
  mod: (a, b) => (b === 0n ? a : a % b),
  smod: (a, b, width) => (b === 0n ? a : signed(a, width) % signed(b, width)),
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  xor: (a, b) => a ^ b,
  mov: (_, b) => b,
  lsh: (a, b, width) => a << (b & BigInt(width - 1)),
  rsh: (a, b, width) => a >> (b & BigInt(width - 1)),
  arsh: (a, b, width) => signed(a, width) >> (b & BigInt(width - 1)),
}

const RELATIONS: Readonly<Record<string, (a: bigint, b: bigint, width: number) => boolean>> = {
  jeq: (a, b) => a === b,
  jne: (a, b) => a !== b,
  jset: (a, b) => (a & b) !== 0n,
  jgt: (a, b) => a > b,
  jge: (a, b) => a >= b,
  jlt: (a, b) => a < b,
  jle: (a, b) => a <= b,
  jsgt: (a, b, width) => signed(a, width) > signed(b, width),
  jsge: (a, b, width) => signed(a, width) >= signed(b, width),
  jslt: (a, b, width) => signed(a, width) < signed(b, width),
  jsle: (a, b, width) => signed(a, width) <= signed(b, width),
}

/** Runs `body` with each pair of edges in r3 and r4 and compares r0. */
function judge(body: string, expected: (a: bigint, b: bigint) => bigint, second: readonly bigint[] = EDGES): void {
  const { run, bytes } = onMemory(`ldxdw r3, [r1+0]\nldxdw r4, [r1+8]\n${body}\nexit`, 16)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (const a of EDGES)
    for (const b of second) {
      view.setBigUint64(0, a, true)
      view.setBigUint64(8, BigInt.asUintN(64, b), true)
      const got = run()
      if (got !== BigInt.asUintN(64, expected(a, b)))
        expect.fail(`${body}: of ${a} and ${b} got ${got}, expected ${BigInt.asUintN(64, expected(a, b))}`)
    }
}

describe('arithmetic of RFC 9669', () => {
  for (const [name, compute] of Object.entries(OPERATIONS)) {
    it(`has ${name} with a register, of 64 and of 32 bits`, () => {
      judge(`${name} r3, r4\nmov r0, r3`, (a, b) => compute(a, b, 64))
      judge(`${name}32 r3, r4\nmov r0, r3`, (a, b) =>
        BigInt.asUintN(32, compute(BigInt.asUintN(32, a), BigInt.asUintN(32, b), 32)),
      )
    })

    it(`has ${name} with an immediate, whose sign fills the upper half`, () => {
      const shifts = ['lsh', 'rsh', 'arsh'].includes(name)
      for (const imm of shifts ? [0n, 1n, 31n, 32n, 63n] : IMMEDIATES)
        judge(`${name} r3, ${imm}\nmov r0, r3`, (a) => compute(a, BigInt.asUintN(64, imm), 64), [0n])
      for (const imm of shifts ? [0n, 1n, 31n] : IMMEDIATES)
        judge(
          `${name}32 r3, ${imm}\nmov r0, r3`,
          (a) => BigInt.asUintN(32, compute(BigInt.asUintN(32, a), BigInt.asUintN(32, imm), 32)),
          [0n],
        )
    })
  }

  it('negates', () => {
    judge('neg r3\nmov r0, r3', (a) => -a, [0n])
    judge('neg32 r3\nmov r0, r3', (a) => BigInt.asUintN(32, -a), [0n])
  })

  it('moves with the sign of 8, 16 and 32 bits', () => {
    for (const from of [8, 16, 32]) judge(`movsx${from}64 r0, r3`, (a) => BigInt.asIntN(from, a), [0n])
    for (const from of [8, 16]) judge(`movsx${from}32 r0, r3`, (a) => BigInt.asUintN(32, BigInt.asIntN(from, a)), [0n])
  })

  it('swaps bytes, and cuts where there is nothing to swap', () => {
    const swapped = (a: bigint, bits: number): bigint => {
      let result = 0n
      for (let i = 0; i < bits; i += 8) result = (result << 8n) | ((a >> BigInt(i)) & 0xffn)
      return result
    }
    for (const bits of [16, 32, 64]) {
      judge(`be${bits} r3\nmov r0, r3`, (a) => swapped(a, bits), [0n])
      judge(`bswap${bits} r3\nmov r0, r3`, (a) => swapped(a, bits), [0n])
      judge(`le${bits} r3\nmov r0, r3`, (a) => BigInt.asUintN(bits, a), [0n])
    }
  })
})

describe('jumps of RFC 9669', () => {
  const jump = (name: string, right: string): string => `${name} r3, ${right}, yes\nmov r0, 7\nexit\nyes: mov r0, 8`
  for (const [name, holds] of Object.entries(RELATIONS)) {
    it(`has ${name} of 64 and of 32 bits`, () => {
      judge(jump(name, 'r4'), (a, b) => (holds(a, b, 64) ? 8n : 7n))
      judge(jump(`${name}32`, 'r4'), (a, b) => (holds(BigInt.asUintN(32, a), BigInt.asUintN(32, b), 32) ? 8n : 7n))
      for (const imm of IMMEDIATES) {
        judge(jump(name, `${imm}`), (a) => (holds(a, BigInt.asUintN(64, imm), 64) ? 8n : 7n), [0n])
        judge(
          jump(`${name}32`, `${imm}`),
          (a) => (holds(BigInt.asUintN(32, a), BigInt.asUintN(32, imm), 32) ? 8n : 7n),
          [0n],
        )
      }
    })
  }
})
