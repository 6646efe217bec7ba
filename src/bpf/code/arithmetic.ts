/**
 * One arithmetic instruction as a JavaScript statement.
 */

import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import { immediatePair, narrowOperation, registerPair, swapText, wideOperation } from './pairs.ts'

/** `pointer` says which of the operands is one: only its lower half, the offset, is added to. */
export function arithmeticText(insn: Instruction, pointer: 'none' | 'destination' | 'source'): string {
  const { code, dst, src, off, imm } = insn
  const kind = code & 0xf0
  const wide = (code & 7) === op.ALU64
  const to = registerPair(dst)
  const from = (code & op.X) === 0 ? immediatePair(imm) : registerPair(src)
  if (kind === op.END) return swapText(insn, to)
  if (kind === op.MOV) return moveText(to, from, wide, off)
  if (kind === op.NEG)
    return wide
      ? `${to.h} = (-${to.h} - (${to.l} !== 0 ? 1 : 0)) | 0; ${to.l} = -${to.l} | 0`
      : `${to.l} = -${to.l} | 0; ${to.h} = 0`
  if (pointer === 'destination') return `${to.l} = (${to.l} ${kind === op.ADD ? '+' : '-'} ${from.l}) | 0`
  if (pointer === 'source') return `${to.l} = (${to.l} + ${from.l}) | 0; ${to.h} = ${from.h}`
  const signed = off === 1
  if (wide) return wideOperation(kind, to, from, signed)
  return `${to.l} = ${narrowOperation(kind, to.l, from.l, signed)}; ${to.h} = 0`
}

function moveText(
  to: { readonly l: string; readonly h: string },
  from: { readonly l: string; readonly h: string },
  wide: boolean,
  off: number,
): string {
  if (off === 0) return `${to.l} = ${from.l}; ${to.h} = ${wide ? from.h : '0'}`
  const shift = 32 - off
  const low = shift === 0 ? from.l : `(${from.l} << ${shift}) >> ${shift}`
  return `${to.l} = ${low}; ${to.h} = ${wide ? `${to.l} >> 31` : '0'}`
}
