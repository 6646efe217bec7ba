/**
 * Instructions as they lie in a program: eight bytes each, little-endian, two such slots for a wide load.
 */

import { LDDW } from './opcodes.ts'

/** One instruction, taken apart. */
export interface Instruction {
  /** Number of its slot. */
  readonly at: number
  readonly code: number
  readonly dst: number
  readonly src: number
  /** Signed, 16 bits. */
  readonly off: number
  /** Signed, 32 bits. */
  readonly imm: number
  /** The immediate of the second slot, of a wide load; else 0. */
  readonly high: number
}

/** Slots that an instruction takes. */
export function slotsOf({ code }: { readonly code: number }): number {
  return code === LDDW ? 2 : 1
}

/**
 * The instructions of a program by their slot; undefined where the second half of a wide load lies. Throws RangeError
 * for bytes that are no whole instructions.
 */
export function decode(code: Uint8Array): readonly (Instruction | undefined)[] {
  if (code.length === 0 || code.length % 8 !== 0)
    throw new RangeError(`got a program of ${code.length} bytes, expected a multiple of 8 above 0`)
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const slots = code.length / 8
  const decoded: (Instruction | undefined)[] = []
  for (let at = 0; at < slots; at++) {
    const opcode = code[at * 8]
    const wide = opcode === LDDW
    // Of the second slot nothing but the number is there.
    if (wide && (at + 1 === slots || view.getUint32((at + 1) * 8, true) !== 0))
      throw new RangeError(`got half a wide load at instruction ${at}, expected its second slot behind it`)
    decoded.push({
      at,
      code: opcode,
      dst: code[at * 8 + 1] & 0xf,
      src: code[at * 8 + 1] >> 4,
      off: view.getInt16(at * 8 + 2, true),
      imm: view.getInt32(at * 8 + 4, true),
      high: wide ? view.getInt32((at + 1) * 8 + 4, true) : 0,
    })
    if (wide) {
      decoded.push(undefined)
      at++
    }
  }
  return decoded
}

/** The bytes of instructions that lie one behind the other; `at` is not looked at. */
export function encode(instructions: readonly Omit<Instruction, 'at'>[]): Uint8Array {
  const slots = instructions.reduce((sum, each) => sum + slotsOf(each), 0)
  const bytes = new Uint8Array(slots * 8)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { code, dst, src, off, imm, high } of instructions) {
    bytes[at] = code
    bytes[at + 1] = dst | (src << 4)
    view.setInt16(at + 2, off, true)
    view.setInt32(at + 4, imm, true)
    at += 8
    if (code !== LDDW) continue
    view.setInt32(at + 4, high, true)
    at += 8
  }
  return bytes
}
