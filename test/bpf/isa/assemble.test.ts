import { describe, expect, it } from 'vitest'
import { assemble, assemblyOf } from '../../../src/bpf/isa/assemble.ts'
import { disassemble } from '../../../src/bpf/isa/disassemble.ts'
import { decode, encode, type Instruction } from '../../../src/bpf/isa/instruction.ts'
import { codeOf } from '../running.ts'

/** Ours, the kernel's notation, and the eight bytes (sixteen of a wide load) of RFC 9669. */
const FORMS: readonly (readonly [ours: string, kernels: string, bytes: string])[] = [
  ['add r1, r2', 'r1 += r2', '0f21000000000000'],
  ['add32 r1, -5', 'w1 += -5', '04010000fbffffff'],
  ['sdiv r1, r2', 'r1 s/= r2', '3f21010000000000'],
  ['smod32 r1, 3', 'w1 s%= 3', '9401010003000000'],
  ['mov r1, r10', 'r1 = r10', 'bfa1000000000000'],
  ['movsx832 r1, r2', 'w1 = (s8)w2', 'bc21080000000000'],
  ['movsx3264 r1, r2', 'r1 = (s32)r2', 'bf21200000000000'],
  ['neg r3', 'r3 = -r3', '8703000000000000'],
  ['be16 r3', 'r3 = be16 r3', 'dc03000010000000'],
  ['le32 r3', 'r3 = le32 r3', 'd403000020000000'],
  ['bswap64 r3', 'r3 = bswap64 r3', 'd703000040000000'],
  ['ldxw r0, [r1+4]', 'r0 = *(u32 *)(r1 +4)', '6110040000000000'],
  ['ldxsb r0, [r1-1]', 'r0 = *(s8 *)(r1 -1)', '9110ffff00000000'],
  ['stdw [r10-8], 7', '*(u64 *)(r10 -8) = 7', '7a0af8ff07000000'],
  ['stxh [r1+2], r3', '*(u16 *)(r1 +2) = r3', '6b31020000000000'],
  ['lock_add [r1+0], r2', 'lock *(u64 *)(r1 +0) += r2', 'db21000000000000'],
  ['lock_fetch_xor32 [r1+0], r2', 'r2 = atomic_fetch_xor((u32 *)(r1 +0), r2)', 'c3210000a1000000'],
  ['lock_xchg [r1+0], r2', 'r2 = atomic64_xchg((u64 *)(r1 +0), r2)', 'db210000e1000000'],
  ['lock_cmpxchg [r1+0], r2', 'r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)', 'db210000f1000000'],
  ['load_acquire32 r2, [r1+0]', 'r2 = load_acquire((u32 *)(r1 +0))', 'c312000000010000'],
  ['store_release8 [r1+0], r2', 'store_release((u8 *)(r1 +0), r2)', 'd321000010010000'],
  ['jgt r1, 5, @0', 'if r1 > 0x5 goto pc-1', '2501ffff05000000'],
  ['jsle32 r1, r2, @0', 'if w1 s<= w2 goto pc-1', 'de21ffff00000000'],
  ['ja @0', 'goto pc-1', '0500ffff00000000'],
  ['ja32 @0', 'gotol pc-1', '06000000ffffffff'],
  ['call bpf_map_lookup_elem', 'call bpf_map_lookup_elem#1', '8500000001000000'],
  ['call_local @0', 'call pc-1', '85100000ffffffff'],
  ['exit', 'exit', '9500000000000000'],
  ['lddw r1, 0x1122334455667788', 'r1 = 0x1122334455667788', '18010000887766550000000044332211'],
]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('the assembler and the disassembler', () => {
  it.each(FORMS)("has '%s' for '%s'", (ours, kernels, bytes) => {
    const code = codeOf(ours)
    expect(hex(code)).toBe(bytes)
    const insn = decode(code)[0]!
    expect(disassemble(insn)).toBe(kernels)
    expect(hex(encode([insn]))).toBe(bytes)
  })

  it('counts a wide load twice where it jumps over it, and names maps', () => {
    const { statements, labels } = assemblyOf('ja end ; over it\nlddw r1, map counts\nlddw r2, map data 8\nend: exit')
    const { code, maps, slots } = assemble(statements, labels)
    expect(decode(code).map((insn) => insn && disassemble(insn))).toEqual([
      'goto pc+4',
      'r1 = 0x0',
      undefined,
      'r2 = 0x800000000',
      undefined,
      'exit',
    ])
    expect(maps).toEqual([
      { at: 1, map: 'counts' },
      { at: 3, map: 'data', offset: 8 },
    ])
    expect(slots).toEqual([0, 1, 3, 5])
  })

  it.each([
    ['add r11, 1', "'r11' is no register"],
    ['add r1, 0x100000000', "'4294967296' is no number of 32 bits"],
    ['ldxw r1, r2', 'operand 2 is no memory'],
    ['jeq r1, 1, away', "no statement 'away'"],
    ['call bpf_nothing', "no helper 'bpf_nothing'"],
    ['leap r1, 1', "no operation 'leap'"],
  ])("says what is wrong with '%s'", (text, said) => {
    expect(() => codeOf(text)).toThrow(said)
  })

  it('refuses bytes that are no whole instructions', () => {
    expect(() => decode(new Uint8Array(12))).toThrow('got a program of 12 bytes, expected a multiple of 8 above 0')
    expect(() => decode(codeOf('lddw r1, 5').subarray(0, 8))).toThrow('got half a wide load at instruction 0')
  })

  it('gives back each field of an instruction', () => {
    const insn: Omit<Instruction, 'at'> = { code: 0xbf, dst: 3, src: 9, off: -32768, imm: -2147483648, high: 0 }
    expect(decode(encode([insn]))).toEqual([{ at: 0, ...insn }])
  })
})
