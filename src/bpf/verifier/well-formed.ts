/**
 * What must hold of a program's bytes before any of it is followed: known opcodes, nothing in fields that mean nothing,
 * jumps that lead to instructions of the same function, no instruction that nothing leads to.
 */

import { functionsOf, isConditional, isExit, isGoto, isLocalCall, successors, targetOf } from '../isa/flow.ts'
import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { Analysis } from './analysis.ts'

const ATOMICS: ReadonlySet<number> = new Set([...op.ATOMIC_NAMES.values(), op.LOAD_ACQUIRE, op.STORE_RELEASE])
const ARITHMETIC: ReadonlySet<number> = new Set(op.ALU_NAMES.values())
const JUMPS: ReadonlySet<number> = new Set(op.JUMP_NAMES.values())

/** Refuses what is malformed. */
export function checkWellFormed(analysis: Analysis): void {
  for (const insn of analysis.instructions) if (insn !== undefined) checkInstruction(analysis, insn)
  // Before the calls say where functions begin.
  for (const insn of analysis.instructions) if (insn !== undefined && isLocalCall(insn)) checkCall(analysis, insn)
  const functions = functionsOf(analysis.instructions)
  for (const { from, to } of functions) {
    const last = analysis.instructions[to - 1] ?? analysis.instructions[to - 2]!
    if (!isExit(last) && !isGoto(last)) analysis.refuse(last, 'EINVAL', 'last insn is not an exit or jmp')
    for (let at = from; at < to; at++) checkTargets(analysis, analysis.instructions[at], from, to)
  }
  checkReached(analysis)
}

function checkCall(analysis: Analysis, insn: Instruction): void {
  const target = targetOf(insn)
  if (!(target >= 0 && target < analysis.instructions.length))
    analysis.refuse(insn, 'EINVAL', 'call to invalid destination')
  if (analysis.instructions[target] === undefined)
    analysis.refuse(insn, 'EINVAL', `jump into the middle of ldimm64 insn ${target}`)
}

function checkTargets(analysis: Analysis, insn: Instruction | undefined, from: number, to: number): void {
  if (insn === undefined || (!isGoto(insn) && !isConditional(insn))) return
  const target = targetOf(insn)
  if (!(target >= from && target < to))
    analysis.refuse(insn, 'EINVAL', `jump out of range from insn ${insn.at} to ${target}`)
  if (analysis.instructions[target] === undefined)
    analysis.refuse(insn, 'EINVAL', `jump into the middle of ldimm64 insn ${target}`)
}

function checkReached(analysis: Analysis): void {
  const { instructions } = analysis
  const reached = new Set<number>()
  const waiting = [0]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (reached.has(at)) continue
    reached.add(at)
    const insn = instructions[at]!
    waiting.push(...successors(insn))
    if (isLocalCall(insn)) waiting.push(targetOf(insn))
  }
  for (const insn of instructions)
    if (insn !== undefined && !reached.has(insn.at)) analysis.refuse(insn, 'EINVAL', `unreachable insn ${insn.at}`)
}

function checkInstruction(analysis: Analysis, insn: Instruction): void {
  const { code, dst, src } = insn
  const unknown = (): never => analysis.refuse(insn, 'EINVAL', `unknown opcode ${code.toString(16).padStart(2, '0')}`)
  if (dst > 10) analysis.refuse(insn, 'EINVAL', `R${dst} is invalid`)
  if (src > 10) analysis.refuse(insn, 'EINVAL', `R${src} is invalid`)
  switch (code & 7) {
    case op.ALU:
    case op.ALU64:
      checkArithmetic(analysis, insn, unknown)
      return
    case op.JMP:
    case op.JMP32:
      checkJump(analysis, insn, unknown)
      return
    case op.LD:
      checkWide(analysis, insn, unknown)
      return
    case op.LDX: {
      const mode = code & 0xe0
      if (mode !== op.MEM && !(mode === op.MEMSX && (code & 0x18) !== op.DW)) unknown()
      if (insn.imm !== 0) analysis.refuse(insn, 'EINVAL', 'BPF_LDX uses reserved fields')
      return
    }
    case op.ST:
      if ((code & 0xe0) !== op.MEM) unknown()
      if (src !== 0) analysis.refuse(insn, 'EINVAL', 'BPF_ST uses reserved fields')
      return
    default:
      checkStore(analysis, insn, unknown)
  }
}

function checkStore(analysis: Analysis, insn: Instruction, unknown: () => never): void {
  const { code, imm } = insn
  const mode = code & 0xe0
  if (mode === op.MEM) {
    if (imm !== 0) analysis.refuse(insn, 'EINVAL', 'BPF_STX uses reserved fields')
    return
  }
  if (mode !== op.ATOMIC) unknown()
  if (!ATOMICS.has(imm))
    analysis.refuse(
      insn,
      'EINVAL',
      `BPF_ATOMIC uses invalid atomic opcode ${(imm >>> 0).toString(16).padStart(2, '0')}`,
    )
  const ordered = imm === op.LOAD_ACQUIRE || imm === op.STORE_RELEASE
  if (!ordered && op.widthOf(code) < 4)
    analysis.refuse(insn, 'EINVAL', `invalid atomic operand size ${op.widthOf(code)}`)
}

function checkArithmetic(analysis: Analysis, insn: Instruction, unknown: () => never): void {
  const { code, src, off, imm } = insn
  const kind = code & 0xf0
  const wide = (code & 7) === op.ALU64
  const reserved = (what: string): never => analysis.refuse(insn, 'EINVAL', `${what} uses reserved fields`)
  if (kind === op.NEG) {
    if ((code & op.X) !== 0 || src !== 0 || off !== 0 || imm !== 0) reserved('BPF_NEG')
    return
  }
  if (kind === op.END) {
    if (src !== 0 || off !== 0 || ![16, 32, 64].includes(imm) || (wide && (code & op.X) !== 0)) reserved('BPF_END')
    return
  }
  if (!ARITHMETIC.has(kind)) unknown()
  const register = (code & op.X) !== 0
  if (kind === op.MOV) {
    const extends_ = register && (off === 8 || off === 16 || (off === 32 && wide))
    if ((register ? imm !== 0 : src !== 0) || (off !== 0 && !extends_)) reserved('BPF_MOV')
    return
  }
  const divides = kind === op.DIV || kind === op.MOD
  if ((register ? imm !== 0 : src !== 0) || (off !== 0 && !(divides && off === 1))) reserved('BPF_ALU')
}

function checkJump(analysis: Analysis, insn: Instruction, unknown: () => never): void {
  const { code, dst, src, off, imm } = insn
  const kind = code & 0xf0
  const wide = (code & 7) === op.JMP
  const reserved = (what: string): never => analysis.refuse(insn, 'EINVAL', `${what} uses reserved fields`)
  if (kind === op.EXIT) {
    if (!wide || (code & op.X) !== 0) unknown()
    if (dst !== 0 || src !== 0 || off !== 0 || imm !== 0) reserved('BPF_EXIT')
    return
  }
  if (kind === op.CALL) {
    if (!wide || (code & op.X) !== 0) unknown()
    if (dst !== 0 || src > 2 || (off !== 0 && src !== op.PSEUDO_KFUNC_CALL)) reserved('BPF_CALL')
    return
  }
  if (kind === op.JA) {
    if ((code & op.X) !== 0) unknown()
    if (dst !== 0 || src !== 0 || (wide ? imm : off) !== 0) reserved('BPF_JA')
    return
  }
  if (!JUMPS.has(kind)) unknown()
  if ((code & op.X) === 0 ? src !== 0 : imm !== 0) reserved('BPF_JMP/JMP32')
}

function checkWide(analysis: Analysis, insn: Instruction, unknown: () => never): void {
  const { code, src, off } = insn
  const mode = code & 0xe0
  if (mode === op.ABS || mode === op.IND)
    analysis.refuse(insn, 'ENOTSUPP', 'loads from packets (BPF_LD_ABS, BPF_LD_IND) are not supported here')
  if (code !== op.LDDW) unknown()
  if (off !== 0) analysis.refuse(insn, 'EINVAL', 'BPF_LD_IMM64 uses reserved fields')
  if (src > op.PSEUDO_MAP_VALUE)
    analysis.refuse(
      insn,
      'ENOTSUPP',
      `a wide load with source ${src} (a variable, function or map by index) is not supported here`,
    )
}
