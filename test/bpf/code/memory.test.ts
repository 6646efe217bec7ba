/**
 * Loads, stores and atomic operations, on memory that others could see and on the stack.
 */

import { describe, expect, it } from 'vitest'
import { onMemory } from '../running.ts'

const BYTES = Uint8Array.from([0x88, 0x77, 0x86, 0x55, 0x84, 0x33, 0x22, 0x91])

/** Runs a program on those bytes and returns r0 and the bytes then. */
function on(text: string, access64: 'whole' | 'halves' = 'whole'): { r0: bigint; bytes: number[] } {
  const { run, bytes } = onMemory(`${text}\nexit`, 16, access64)
  bytes.set(BYTES)
  const r0 = run()
  return { r0, bytes: [...bytes] }
}

describe('loads', () => {
  const places = [0, 1, 2, 3, 4, 5, 6, 7]
  const view = new DataView(BYTES.buffer)
  it('take as many bytes as they say, with the sign where they say so', () => {
    for (const at of places) {
      expect(on(`ldxb r0, [r1+${at}]`).r0).toBe(BigInt(view.getUint8(at)))
      expect(on(`ldxsb r0, [r1+${at}]`).r0).toBe(BigInt.asUintN(64, BigInt(view.getInt8(at))))
    }
    for (const at of places.filter((each) => each % 2 === 0)) {
      expect(on(`ldxh r0, [r1+${at}]`).r0).toBe(BigInt(view.getUint16(at, true)))
      expect(on(`ldxsh r0, [r1+${at}]`).r0).toBe(BigInt.asUintN(64, BigInt(view.getInt16(at, true))))
    }
    for (const at of [0, 4]) {
      expect(on(`ldxw r0, [r1+${at}]`).r0).toBe(BigInt(view.getUint32(at, true)))
      expect(on(`ldxsw r0, [r1+${at}]`).r0).toBe(BigInt.asUintN(64, BigInt(view.getInt32(at, true))))
    }
    for (const access64 of ['whole', 'halves'] as const)
      expect(on('ldxdw r0, [r1+0]', access64).r0).toBe(view.getBigUint64(0, true))
  })

  it('take the base of a pointer that moved by what is only known as the program runs', () => {
    for (const [width, mask] of [
      ['b', 15],
      ['h', 14],
      ['w', 12],
      ['dw', 8],
    ] as const) {
      const text = `ldxb r3, [r1+8]\nand r3, ${mask}\nadd r1, r3\nldx${width} r0, [r1+0]`
      const { run, bytes } = onMemory(`${text}\nexit`, 16)
      for (let at = 0; at <= mask; at++) {
        bytes.set(BYTES.map((each, i) => each ^ (i * 3)))
        bytes.set(BYTES, 8)
        bytes[8] = at
        const bits = { b: 8, h: 16, w: 32, dw: 64 }[width]
        const now = new DataView(bytes.buffer, bytes.byteOffset)
        let expected = 0n
        for (let i = bits / 8 - 1; i >= 0; i--) expected = (expected << 8n) | BigInt(now.getUint8((at & mask) + i))
        expect(run()).toBe(expected)
      }
    }
  })
})

describe('stores', () => {
  it('touch as many bytes as they say', () => {
    for (const [width, count] of [
      ['b', 1],
      ['h', 2],
      ['w', 4],
      ['dw', 8],
    ] as const)
      for (const access64 of ['whole', 'halves'] as const) {
        const { bytes } = on(`lddw r3, 0x0102030405060708\nstx${width} [r1+8], r3\nmov r0, 0`, access64)
        const written = [8, 7, 6, 5, 4, 3, 2, 1].map((each, i) => (i < count ? each : 0))
        expect(bytes).toEqual([...BYTES, ...written])
        const { bytes: immediate } = on(`st${width} [r1+8], -2\nmov r0, 0`, access64)
        expect(immediate.slice(8)).toEqual([0xfe, ...Array(7).fill(0xff)].map((each, i) => (i < count ? each : 0)))
      }
  })
})

const ATOMICS: readonly (readonly [string, (old: bigint, operand: bigint) => bigint])[] = [
  ['add', (old, operand) => old + operand],
  ['and', (old, operand) => old & operand],
  ['or', (old, operand) => old | operand],
  ['xor', (old, operand) => old ^ operand],
  ['xchg', (_, operand) => operand],
]

describe('atomic operations', () => {
  const old = new DataView(BYTES.buffer)
  for (const [name, change] of ATOMICS)
    for (const width of [32, 64]) {
      it(`${name} of ${width} bits, on shared memory and on the stack, gives the old value if it is asked for`, () => {
        const suffix = width === 32 ? '32' : ''
        const load = width === 32 ? 'ldxw' : 'ldxdw'
        const before = width === 32 ? BigInt(old.getUint32(0, true)) : old.getBigUint64(0, true)
        const operand = 0x7fff_ffff_9999_8001n
        const after = BigInt.asUintN(width, change(before, BigInt.asUintN(width, operand)))
        const stack = 'ldxdw r5, [r1+0]\nstxdw [r10-8], r5\n'
        for (const [place, setup] of [
          ['r1+0', ''],
          ['r10-8', stack],
        ] as const) {
          const begin = `lddw r3, ${operand}\n${setup}`
          const fetch = name === 'xchg' ? 'lock_xchg' : `lock_fetch_${name}`
          expect(on(`${begin}${fetch}${suffix} [${place}], r3\nmov r0, r3`).r0).toBe(before)
          expect(on(`${begin}${fetch}${suffix} [${place}], r3\n${load} r0, [${place}]`).r0).toBe(after)
          if (name !== 'xchg')
            expect(on(`${begin}lock_${name}${suffix} [${place}], r3\n${load} r0, [${place}]`).r0).toBe(after)
        }
      })
    }

  it('compare and swap where r0 is what is there, and give what was', () => {
    const setup = 'stdw [r10-8], 7\nstdw [r1+0], 7\n'
    for (const place of ['r1+0', 'r10-8'])
      for (const suffix of ['32', '']) {
        const swap = `mov r3, 9\nlock_cmpxchg${suffix} [${place}], r3`
        expect(on(`${setup}mov r0, 7\n${swap}`).r0).toBe(7n)
        expect(on(`${setup}mov r0, 7\n${swap}\nldxdw r0, [${place}]`).r0).toBe(9n)
        expect(on(`${setup}mov r0, 8\n${swap}`).r0).toBe(7n)
        expect(on(`${setup}mov r0, 8\n${swap}\nldxdw r0, [${place}]`).r0).toBe(7n)
      }
  })

  it('load with acquire and store with release in every width', () => {
    for (const [bits, load] of [
      [8, 'ldxb'],
      [16, 'ldxh'],
      [32, 'ldxw'],
      [64, 'ldxdw'],
    ] as const)
      for (const place of ['r1+8', 'r10-8']) {
        const begin = `stdw [${place}], 0\nlddw r3, 0x8182838485868788\nstore_release${bits} [${place}], r3\n`
        const expected = BigInt.asUintN(bits, 0x8182_8384_8586_8788n)
        expect(on(`${begin}${load} r0, [${place}]`).r0).toBe(expected)
        expect(on(`${begin}load_acquire${bits} r0, [${place}]`).r0).toBe(expected)
      }
  })
})
