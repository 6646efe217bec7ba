/**
 * Which registers are still to be read behind each instruction: states that differ in others are the same.
 */

import { functionsOf, isExit, isLocalCall, successors } from '../isa/flow.ts'
import { type Instruction, slotsOf } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'

const bit = (n: number): number => 1 << n
const ARGUMENTS = bit(1) | bit(2) | bit(3) | bit(4) | bit(5)
const CALLER_SAVED = ARGUMENTS | bit(0)
/** The frame pointer is always there. */
const FRAME = bit(10)

/** For each slot, a bit for each register that is live before it. */
export function liveness(instructions: readonly (Instruction | undefined)[]): Int32Array {
  const live = new Int32Array(instructions.length)
  for (const { from, to } of functionsOf(instructions)) {
    for (let changed = true; changed; ) {
      changed = false
      for (let at = to - 1; at >= from; at--) {
        const insn = instructions[at]
        if (insn === undefined) continue
        let after = 0
        for (const next of successors(insn)) after |= live[next] ?? 0
        const before = (after & ~writes(insn)) | reads(insn) | FRAME
        if (before === live[at]) continue
        live[at] = before
        changed = true
      }
    }
  }
  return live
}

function reads(insn: Instruction): number {
  const { code, dst, src, imm } = insn
  const source = (code & op.X) !== 0 ? bit(src) : 0
  switch (code & 7) {
    case op.ALU:
    case op.ALU64:
      if ((code & 0xf0) === op.END) return bit(dst)
      return (code & 0xf0) === op.MOV ? source : source | bit(dst)
    case op.LDX:
      return bit(src)
    case op.ST:
      return bit(dst)
    case op.STX:
      if ((code & 0xe0) !== op.ATOMIC) return bit(dst) | bit(src)
      return imm === op.LOAD_ACQUIRE ? bit(src) : bit(dst) | bit(src) | (imm === op.CMPXCHG ? bit(0) : 0)
    case op.LD:
      return 0
    default:
      if (isExit(insn)) return bit(0)
      if ((code & 0xf0) === op.CALL) return ARGUMENTS
      return (code & 0xf0) === op.JA ? 0 : source | bit(dst)
  }
}

function writes(insn: Instruction): number {
  const { code, dst, src, imm } = insn
  switch (code & 7) {
    case op.ALU:
    case op.ALU64:
    case op.LDX:
    case op.LD:
      return bit(dst)
    case op.STX:
      if ((code & 0xe0) !== op.ATOMIC) return 0
      if (imm === op.LOAD_ACQUIRE) return bit(dst)
      if (imm === op.CMPXCHG) return bit(0)
      return imm !== op.STORE_RELEASE && (imm & op.FETCH) !== 0 ? bit(src) : 0
    case op.ST:
      return 0
    default:
      return (code & 0xf0) === op.CALL ? CALLER_SAVED : 0
  }
}

/** Where paths may meet: what is jumped to, and what comes behind a jump or a call of an own function. */
export function meetingPoints(instructions: readonly (Instruction | undefined)[]): ReadonlySet<number> {
  const points = new Set<number>()
  for (const insn of instructions) {
    if (insn === undefined) continue
    const next = successors(insn)
    if (next.length > 1 || (next.length === 1 && next[0] !== insn.at + slotsOf(insn)))
      for (const at of next) points.add(at)
    if (isLocalCall(insn)) points.add(insn.at + 1)
  }
  return points
}
