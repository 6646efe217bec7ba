/**
 * Arithmetic on what is known of two registers.
 */

import { operatorOf } from '../isa/disassemble.ts'
import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { Analysis } from './analysis.ts'
import { ANY_NUMBER, type Numeric, number, type Pointer, type Register, typeName } from './register.ts'
import {
  ANY,
  add,
  and,
  constant,
  constantOf,
  extend,
  isNarrow,
  mul,
  or,
  type Scalar,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  sub,
  truncate,
  xor,
} from './scalar.ts'
import type { State } from './state.ts'

/** As far as a pointer may be moved in one piece. */
const MOST_OFFSET = 1n << 29n

export function stepArithmetic(analysis: Analysis, state: State, insn: Instruction): void {
  const { code, dst } = insn
  const kind = code & 0xf0
  const wide = (code & 7) === op.ALU64
  if (kind === op.MOV) {
    move(analysis, state, insn, wide)
    return
  }
  const left = analysis.read(state, insn, dst)
  if (kind === op.NEG || kind === op.END) {
    if (left.kind === 'pointer') refuseOperator(analysis, insn, dst, kind === op.NEG ? '-' : 'byte swap')
    analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
    analysis.write(state, insn, dst, kind === op.END ? ANY_NUMBER : negated(wide))
    return
  }
  const right: Register =
    (code & op.X) === 0 ? number(constant(BigInt(insn.imm))) : analysis.read(state, insn, insn.src)
  if (left.kind === 'pointer' || right.kind === 'pointer') {
    onPointer(analysis, state, insn, left, right, wide)
    return
  }
  analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
  const result = compute(kind, (left as Numeric).scalar, (right as Numeric).scalar, wide)
  analysis.write(state, insn, dst, number(result))
}

/** Some number: the kernel knows no more of a byte swap. */
function negated(wide: boolean): Numeric {
  return wide ? ANY_NUMBER : number(truncate(ANY, 32n))
}

function move(analysis: Analysis, state: State, insn: Instruction, wide: boolean): void {
  const { code, dst, src, off, imm } = insn
  if ((code & op.X) === 0) {
    analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
    const value = BigInt(imm)
    analysis.write(state, insn, dst, number(constant(wide ? value : BigInt.asUintN(32, value))))
    return
  }
  const from = analysis.read(state, insn, src)
  if (from.kind === 'pointer') {
    if (!wide) analysis.refuse(insn, 'EACCES', `R${src} partial copy of pointer`)
    if (off !== 0) analysis.refuse(insn, 'EACCES', `R${src} sign-extension part of pointer`)
    // A copy is the same text for whatever is copied.
    analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
    analysis.write(state, insn, dst, from)
    return
  }
  analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
  const known = (from as Numeric).scalar
  if (off !== 0) {
    const extended = extend(known, BigInt(off))
    analysis.write(state, insn, dst, number(wide ? extended : truncate(extended, 32n)))
    return
  }
  if (!wide && !isNarrow(known)) {
    analysis.write(state, insn, dst, number(truncate(known, 32n)))
    return
  }
  // A copy: what is learned of the one later holds for the other.
  const id = (from as Numeric).id
  const copy = number(known, constantOf(known) !== undefined ? 0 : id !== 0 ? id : analysis.nextId())
  state.registers[src] = src === 10 ? state.registers[src] : copy
  analysis.write(state, insn, dst, copy)
}

/**
 * The result of an operation on numbers. Division, and shifts by what is not known, give just any: the kernel knows no
 * more of them.
 */
function compute(kind: number, a: Scalar, b: Scalar, wide: boolean): Scalar {
  if (!wide) {
    a = truncate(a, 32n)
    b = truncate(b, 32n)
  }
  const result = computeWide(kind, a, b, wide)
  return wide ? result : truncate(result, 32n)
}

function computeWide(kind: number, a: Scalar, b: Scalar, wide: boolean): Scalar {
  const by = constantOf(b)
  const shifts = by !== undefined && by < (wide ? 64n : 32n)
  switch (kind) {
    case op.ADD:
      return add(a, b)
    case op.SUB:
      return sub(a, b)
    case op.MUL:
      return mul(a, b)
    case op.AND:
      return and(a, b)
    case op.OR:
      return or(a, b)
    case op.XOR:
      return xor(a, b)
    case op.LSH:
      return shifts ? shiftLeft(a, by) : ANY
    case op.RSH:
      return shifts ? shiftRight(a, by) : ANY
    case op.ARSH:
      return shifts ? shiftRightSigned(wide ? a : extend(a, 32n), by) : ANY
    default:
      return ANY
  }
}

function refuseOperator(analysis: Analysis, insn: Instruction, n: number, operator: string): never {
  analysis.refuse(insn, 'EACCES', `R${n} pointer arithmetic with ${operator} operator prohibited`)
}

/** Only a number may be added to a pointer or taken from it, and only to one that is not NULL. */
function onPointer(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  left: Register,
  right: Register,
  wide: boolean,
): void {
  const { code, dst, src } = insn
  const kind = code & 0xf0
  const fromLeft = left.kind === 'pointer'
  const base = (fromLeft ? left : right) as Pointer
  const n = fromLeft ? dst : src
  if (!wide) analysis.refuse(insn, 'EACCES', `R${dst} 32-bit pointer arithmetic prohibited`)
  if (left.kind === 'pointer' && right.kind === 'pointer')
    analysis.refuse(insn, 'EACCES', `R${dst} pointer ${operatorOf(code)} pointer prohibited`)
  if (kind !== op.ADD && kind !== op.SUB) refuseOperator(analysis, insn, n, operatorOf(code)!)
  if (kind === op.SUB && !fromLeft) analysis.refuse(insn, 'EACCES', `R${dst} tried to subtract pointer from scalar`)
  if (base.nullable)
    analysis.refuse(insn, 'EACCES', `R${n} pointer arithmetic on ${typeName(base)} prohibited, null-check it first`)
  if (!['stack', 'value', 'memory', 'context'].includes(base.region))
    analysis.refuse(insn, 'EACCES', `R${n} pointer arithmetic on ${typeName(base)} prohibited`)
  analysis.note(insn, { kind: 'arithmetic', pointer: fromLeft ? 'destination' : 'source' })
  const by = ((fromLeft ? right : left) as Numeric).scalar
  analysis.write(state, insn, dst, moved(analysis, insn, base, kind === op.SUB ? sub(constant(0n), by) : by))
}

function moved(analysis: Analysis, insn: Instruction, base: Pointer, by: Scalar): Pointer {
  const exact = constantOf(by)
  if (exact !== undefined) {
    const signed = BigInt.asIntN(64, exact)
    const off = BigInt(base.off) + signed
    if (signed > MOST_OFFSET || signed < -MOST_OFFSET || off > MOST_OFFSET || off < -MOST_OFFSET)
      analysis.refuse(insn, 'EACCES', `value ${signed} makes ${typeName(base)} pointer be out of bounds`)
    return { ...base, off: Number(off) }
  }
  if (base.region === 'context')
    analysis.refuse(insn, 'EACCES', `math between ${typeName(base)} pointer and a number that varies is not allowed`)
  if (by.smin <= -MOST_OFFSET)
    analysis.refuse(
      insn,
      'EACCES',
      `math between ${typeName(base)} pointer and register with unbounded min value is not allowed`,
    )
  return { ...base, varies: base.varies === undefined ? by : add(base.varies, by) }
}
