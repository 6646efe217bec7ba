/**
 * Where an instruction goes on.
 */

import { type Instruction, slotsOf } from './instruction.ts'
import * as op from './opcodes.ts'

/** Whether an opcode is of a jump, a call or an exit. */
export function isJump({ code }: Instruction): boolean {
  return (code & 7) === op.JMP || (code & 7) === op.JMP32
}

/** Whether it is a jump that may be gone or not. */
export function isConditional(insn: Instruction): boolean {
  const kind = insn.code & 0xf0
  return isJump(insn) && kind !== op.JA && kind !== op.CALL && kind !== op.EXIT
}

export function isExit({ code }: Instruction): boolean {
  return code === (op.JMP | op.EXIT)
}

export function isGoto(insn: Instruction): boolean {
  return isJump(insn) && (insn.code & 0xf0) === op.JA
}

/** Whether it calls a function of the program itself. */
export function isLocalCall({ code, src }: Instruction): boolean {
  return code === (op.JMP | op.CALL) && src === op.PSEUDO_CALL
}

/** Where a jump leads, or where the function begins that is called. */
export function targetOf({ at, code, off, imm }: Instruction): number {
  const far = code === (op.JMP32 | op.JA) || code === (op.JMP | op.CALL)
  return at + 1 + (far ? imm : off)
}

/** The slots that may come next inside the same function. */
export function successors(insn: Instruction): number[] {
  const next = insn.at + slotsOf(insn)
  if (isExit(insn)) return []
  if (isGoto(insn)) return [targetOf(insn)]
  return isConditional(insn) ? [targetOf(insn), next] : [next]
}

/** A function of a program: its slots, from the first up to, not including, the last. */
export interface FunctionRange {
  readonly from: number
  readonly to: number
}

/** The functions of a program, by what is called; the program itself is the first. */
export function functionsOf(instructions: readonly (Instruction | undefined)[]): readonly FunctionRange[] {
  const begins = new Set([0])
  for (const insn of instructions) if (insn !== undefined && isLocalCall(insn)) begins.add(targetOf(insn))
  const sorted = [...begins].sort((a, b) => a - b)
  return sorted.map((from, i) => ({ from, to: sorted[i + 1] ?? instructions.length }))
}
