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
  if (kind === op.NEG || kind === op.END) {
    const { kind: of } = analysis.read(state, insn, dst)
    if (of === 'pointer') analysis.refuse(insn, 'EACCES', `R${dst} pointer arithmetic prohibited`)
    analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
    analysis.write(state, insn, dst, kind === op.END ? ANY_NUMBER : negated(wide))
    return
  }
  const right: Register =
    (code & op.X) === 0 ? number(constant(BigInt(insn.imm))) : analysis.read(state, insn, insn.src)
  const left = analysis.read(state, insn, dst)
  if ((code & op.X) === 0) checkImmediate(analysis, insn, wide)
  if (dst === 10) analysis.refuse(insn, 'EACCES', 'frame pointer is read only')
  if (left.kind === 'pointer' || right.kind === 'pointer') {
    onPointer(analysis, state, insn, left, right, wide)
    return
  }
  analysis.note(insn, { kind: 'arithmetic', pointer: 'none' })
  const result = compute(kind, (left as Numeric).scalar, (right as Numeric).scalar, wide)
  analysis.write(state, insn, dst, number(result))
}

/** Nothing is divided by 0, and no shift goes beyond the width; of registers both are defined. */
function checkImmediate(analysis: Analysis, insn: Instruction, wide: boolean): void {
  const { code, imm } = insn
  const kind = code & 0xf0
  if ((kind === op.DIV || kind === op.MOD) && imm === 0) analysis.refuse(insn, 'EINVAL', 'div by zero')
  const shifts = kind === op.LSH || kind === op.RSH || kind === op.ARSH
  if (shifts && (imm < 0 || imm >= (wide ? 64 : 32))) analysis.refuse(insn, 'EINVAL', `invalid shift ${imm}`)
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
 * The result of an operation on numbers. Division, and shifts by what is not known, give just any, of 64 bits even
 * where they have 32: the kernel knows no more of them.
 */
function compute(kind: number, a: Scalar, b: Scalar, wide: boolean): Scalar {
  if (!wide) {
    a = truncate(a, 32n)
    b = truncate(b, 32n)
  }
  const result = computeWide(kind, a, b, wide)
  return wide || result === ANY ? result : truncate(result, 32n)
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

/** What may be added to. Others have no bytes that are counted. */
const MOVABLE: ReadonlySet<string> = new Set(['stack', 'value', 'memory', 'context'])

/** Only a number may be added to a pointer or taken from it, and only to one that is not NULL. */
function onPointer(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  left: Register,
  right: Register,
  wide: boolean,
): void {
  const { code, dst } = insn
  const kind = code & 0xf0
  const fromLeft = left.kind === 'pointer'
  const base = (fromLeft ? left : right) as Pointer
  const refuse = (said: string): never => analysis.refuse(insn, 'EACCES', `R${dst} ${said}`)
  if (left.kind === 'pointer' && right.kind === 'pointer') refuse(`pointer ${operatorOf(code)} pointer prohibited`)
  if (!wide) refuse('32-bit pointer arithmetic prohibited')
  if (base.nullable) refuse(`pointer arithmetic on ${typeName(base)} prohibited, null-check it first`)
  if (!MOVABLE.has(base.region)) refuse(`pointer arithmetic on ${typeName(base)} prohibited`)
  const by = ((fromLeft ? right : left) as Numeric).scalar
  checkOffset(analysis, insn, base, by)
  if (kind === op.SUB && !fromLeft) refuse('tried to subtract pointer from scalar')
  if (kind === op.SUB && base.region === 'stack') refuse('subtraction from stack pointer prohibited')
  if (kind === op.AND || kind === op.OR || kind === op.XOR)
    refuse(`bitwise operator ${operatorOf(code)} on pointer prohibited`)
  if (kind !== op.ADD && kind !== op.SUB) refuse(`pointer arithmetic with ${operatorOf(code)} operator prohibited`)
  analysis.note(insn, { kind: 'arithmetic', pointer: fromLeft ? 'destination' : 'source' })
  analysis.write(state, insn, dst, moved(analysis, insn, base, kind === op.SUB ? sub(constant(0n), by) : by))
}

/** Refuses what is too far in one step, or not bounded below. */
function checkOffset(analysis: Analysis, insn: Instruction, base: Pointer, by: Scalar): void {
  const between = `math between ${typeName(base)} pointer and`
  const exact = constantOf(by)
  const value = exact === undefined ? undefined : BigInt.asIntN(64, exact)
  if (value !== undefined && (value >= MOST_OFFSET || value <= -MOST_OFFSET))
    analysis.refuse(insn, 'EINVAL', `${between} ${value} is not allowed`)
  if (by.smin === -(1n << 63n))
    analysis.refuse(insn, 'EINVAL', `${between} register with unbounded min value is not allowed`)
  if (by.smin >= MOST_OFFSET || by.smin <= -MOST_OFFSET)
    analysis.refuse(insn, 'EINVAL', `value ${by.smin} makes ${typeName(base)} pointer be out of bounds`)
}

function moved(analysis: Analysis, insn: Instruction, base: Pointer, by: Scalar): Pointer {
  const exact = constantOf(by)
  if (exact === undefined) return { ...base, varies: base.varies === undefined ? by : add(base.varies, by) }
  const off = BigInt(base.off) + BigInt.asIntN(64, exact)
  if (off >= MOST_OFFSET || off <= -MOST_OFFSET)
    analysis.refuse(insn, 'EINVAL', `value ${off} makes ${typeName(base)} pointer be out of bounds`)
  return { ...base, off: Number(off) }
}
