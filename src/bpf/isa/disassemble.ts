/**
 * Instructions as text, in the notation that the kernel's verifier prints them in: `r0 += r1`, `w2 = 5`,
 * `*(u32 *)(r10 -4) = r1`, `if r1 > 0x5 goto pc+3`.
 */

import { wide } from '../halves.ts'
import { helperName } from './helper-names.ts'
import type { Instruction } from './instruction.ts'
import * as op from './opcodes.ts'

const SIGNS: ReadonlyMap<number, string> = new Map([
  [op.ADD, '+='],
  [op.SUB, '-='],
  [op.MUL, '*='],
  [op.DIV, '/='],
  [op.OR, '|='],
  [op.AND, '&='],
  [op.LSH, '<<='],
  [op.RSH, '>>='],
  [op.MOD, '%='],
  [op.XOR, '^='],
  [op.MOV, '='],
  [op.ARSH, 's>>='],
])

const RELATIONS: ReadonlyMap<number, string> = new Map([
  [op.JEQ, '=='],
  [op.JGT, '>'],
  [op.JGE, '>='],
  [op.JSET, '&'],
  [op.JNE, '!='],
  [op.JSGT, 's>'],
  [op.JSGE, 's>='],
  [op.JLT, '<'],
  [op.JLE, '<='],
  [op.JSLT, 's<'],
  [op.JSLE, 's<='],
])

const ATOMICS: ReadonlyMap<number, string> = new Map([
  [op.ADD | op.FETCH, 'fetch_add'],
  [op.OR | op.FETCH, 'fetch_or'],
  [op.AND | op.FETCH, 'fetch_and'],
  [op.XOR | op.FETCH, 'fetch_xor'],
])

/** The operator of an arithmetic opcode, as in `+=`; undefined for what is none. */
export function operatorOf(code: number): string | undefined {
  return SIGNS.get(code & 0xf0)
}

/** The instruction as one line. `map` is the name of the map that a wide load names. */
export function disassemble(insn: Instruction, map?: string): string {
  switch (insn.code & 7) {
    case op.ALU:
    case op.ALU64:
      return arithmetic(insn)
    case op.JMP:
    case op.JMP32:
      return jump(insn)
    case op.LD:
      return legacy(insn, map)
    case op.LDX: {
      const sign = (insn.code & 0xe0) === op.MEMSX ? 's' : 'u'
      return `r${insn.dst} = ${place(insn, insn.src, sign)}`
    }
    case op.ST:
      return `${place(insn, insn.dst)} = ${insn.imm}`
    default:
      return (insn.code & 0xe0) === op.ATOMIC ? atomic(insn) : `${place(insn, insn.dst)} = r${insn.src}`
  }
}

function signed(number: number): string {
  return number < 0 ? `${number}` : `+${number}`
}

function place({ code, off }: Instruction, base: number, sign = 'u'): string {
  return `*(${sign}${op.widthOf(code) * 8} *)(r${base} ${signed(off)})`
}

function arithmetic(insn: Instruction): string {
  const { code, dst, src, off, imm } = insn
  const letter = (code & 7) === op.ALU64 ? 'r' : 'w'
  const to = `${letter}${dst}`
  const kind = code & 0xf0
  if (kind === op.END) {
    const name = (code & 7) === op.ALU64 ? 'bswap' : (code & op.X) === 0 ? 'le' : 'be'
    return `r${dst} = ${name}${imm} r${dst}`
  }
  if (kind === op.NEG) return `${to} = -${to}`
  const sign = SIGNS.get(kind)
  if (sign === undefined) return unknown(insn)
  if (kind === op.MOV && off !== 0) return `${to} = (s${off})${letter}${src}`
  const signedOne = (kind === op.DIV || kind === op.MOD) && off === 1 ? 's' : ''
  return `${to} ${signedOne}${sign} ${(code & op.X) === 0 ? imm : `${letter}${src}`}`
}

function jump(insn: Instruction): string {
  const { code, dst, src, off, imm } = insn
  const kind = code & 0xf0
  if (kind === op.EXIT) return 'exit'
  if (kind === op.CALL) return call(insn)
  if (kind === op.JA) return (code & 7) === op.JMP32 ? `gotol pc${signed(imm)}` : `goto pc${signed(off)}`
  const relation = RELATIONS.get(kind)
  if (relation === undefined) return unknown(insn)
  const letter = (code & 7) === op.JMP ? 'r' : 'w'
  const right = (code & op.X) === 0 ? `0x${(imm >>> 0).toString(16)}` : `${letter}${src}`
  return `if ${letter}${dst} ${relation} ${right} goto pc${signed(off)}`
}

function call({ src, imm }: Instruction): string {
  if (src === op.PSEUDO_CALL) return `call pc${signed(imm)}`
  return src === 0 ? `call ${helperName(imm)}#${imm}` : `call kernel-function#${imm}`
}

function legacy(insn: Instruction, map?: string): string {
  const { code, dst, src, imm, high } = insn
  const mode = code & 0xe0
  const size = op.widthOf(code) * 8
  if (mode === op.ABS) return `r0 = *(u${size} *)skb[${imm}]`
  if (mode === op.IND) return `r0 = *(u${size} *)skb[r${src} ${signed(imm)}]`
  if (code !== op.LDDW) return unknown(insn)
  if (map !== undefined) return `r${dst} = map[${map}]${src === op.PSEUDO_MAP_VALUE ? `+${high}` : ''}`
  return `r${dst} = 0x${BigInt.asUintN(64, wide(imm, high)).toString(16)}`
}

function atomic(insn: Instruction): string {
  const { code, dst, src, off, imm } = insn
  const width = op.widthOf(code) * 8
  const where = `(u${width} *)(r${dst} ${signed(off)})`
  const prefix = width === 64 ? 'atomic64' : 'atomic'
  if (imm === op.LOAD_ACQUIRE) return `r${dst} = load_acquire((u${width} *)(r${src} ${signed(off)}))`
  if (imm === op.STORE_RELEASE) return `store_release(${where}, r${src})`
  if (imm === op.XCHG) return `r${src} = ${prefix}_xchg(${where}, r${src})`
  if (imm === op.CMPXCHG) return `r0 = ${prefix}_cmpxchg(${where}, r0, r${src})`
  const fetch = ATOMICS.get(imm)
  if (fetch !== undefined) return `r${src} = ${prefix}_${fetch}(${where}, r${src})`
  const sign = SIGNS.get(imm)
  return sign === undefined ? unknown(insn) : `lock *${where} ${sign} r${src}`
}

function unknown({ code }: Instruction): string {
  return `unknown opcode ${code.toString(16).padStart(2, '0')}`
}
