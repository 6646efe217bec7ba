/**
 * Conditional jumps: which ways they may go, and what is known on each.
 */

import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { Analysis } from './analysis.ts'
import { number, type Pointer, type Region, type Register, ZERO } from './register.ts'
import { constant, constantOf, isNarrow, narrowed, type Scalar, withLowHalf } from './scalar.ts'
import type { State } from './state.ts'
import { tnumBoth, U64_MAX } from './tnum.ts'

/** The states on both ways; undefined for one that can't be gone. */
export interface Ways {
  readonly taken: State | undefined
  readonly not: State | undefined
}

export function stepCondition(analysis: Analysis, state: State, insn: Instruction): Ways {
  const { code, dst, src, imm } = insn
  const left = analysis.read(state, insn, dst)
  const right: Register = (code & op.X) === 0 ? number(constant(BigInt(imm))) : analysis.read(state, insn, src)
  analysis.note(insn, { kind: 'condition', onNull: isNullTest(left, right) || isNullTest(right, left) })
  if (left.kind === 'pointer' || right.kind === 'pointer') return onPointers(analysis, state, insn, left, right)
  const narrow = (code & 7) === op.JMP32
  const kind = code & 0xf0
  if (left.kind !== 'scalar' || right.kind !== 'scalar') throw new Error('unreachable')
  return {
    taken: assume(state, insn, refine(kind, true, left.scalar, right.scalar, narrow)),
    not: assume(state, insn, refine(kind, false, left.scalar, right.scalar, narrow)),
  }
}

/** Whether it is a pointer that is compared with NULL. */
function isNullTest(one: Register, other: Register): boolean {
  return one.kind === 'pointer' && other.kind === 'scalar' && constantOf(other.scalar) === 0n
}

type Pair = readonly [Scalar, Scalar]

/** The state in which both registers are known to be that, and so are their copies. */
function assume(state: State, { code, dst, src }: Instruction, pair: Pair | undefined): State | undefined {
  if (pair === undefined) return undefined
  const next = state.copy()
  learn(next, dst, pair[0])
  if ((code & op.X) !== 0 && src !== dst) learn(next, src, pair[1])
  return next
}

function learn(state: State, n: number, scalar: Scalar): void {
  const register = state.registers[n]
  if (register.kind !== 'scalar') return
  const { id } = register
  if (id === 0) state.registers[n] = number(scalar)
  else state.update((each) => (each.kind === 'scalar' && each.id === id ? number(scalar, id) : each))
}

/** These are never NULL, and the kernel goes on behind a test of it all the same. */
const GOES_BOTH_WAYS: ReadonlySet<Region> = new Set<Region>(['context', 'stack', 'map'])

/** Only with NULL, or whether two are the same. */
function onPointers(analysis: Analysis, state: State, insn: Instruction, left: Register, right: Register): Ways {
  const kind = insn.code & 0xf0
  const n = left.kind === 'pointer' ? insn.dst : insn.src
  const refuse = (): never => analysis.refuse(insn, 'EACCES', `R${n} pointer comparison prohibited`)
  if ((kind !== op.JEQ && kind !== op.JNE) || (insn.code & 7) === op.JMP32) return refuse()
  if (left.kind === 'pointer' && right.kind === 'pointer') {
    if (left.region !== right.region || left.nullable || right.nullable) return refuse()
    if (!haveOneText(left, right)) return refuse()
    return { taken: state.copy(), not: state.copy() }
  }
  const pointer = (left.kind === 'pointer' ? left : right) as Pointer
  const other = left.kind === 'pointer' ? right : left
  if (other.kind !== 'scalar' || constantOf(other.scalar) !== 0n) return refuse()
  if (GOES_BOTH_WAYS.has(pointer.region)) return { taken: state.copy(), not: state.copy() }
  const isNull = pointer.nullable ? settled(state, pointer, true) : undefined
  const isNot = pointer.nullable ? settled(state, pointer, false) : state.copy()
  return kind === op.JEQ ? { taken: isNull, not: isNot } : { taken: isNot, not: isNull }
}

/**
 * Whether two pointers are the same address only where they are the same word index and the same offset. The end of one
 * value of an array is the beginning of the next.
 */
function haveOneText(a: Pointer, b: Pointer): boolean {
  const begins = ({ off, varies }: Pointer): boolean => off === 0 && varies === undefined
  if (begins(a) && begins(b)) return true
  return a.map === b.map && a.memory === b.memory && (a.id === b.id || a.map?.maxEntries === 1)
}

/** The pointer and all others of its origin turned out to be NULL, or not to be. */
function settled(state: State, { id }: Pointer, isNull: boolean): State {
  const next = state.copy()
  next.update((each) => {
    if (each.kind !== 'pointer' || each.id !== id || !each.nullable) return each
    return isNull ? ZERO : { ...each, nullable: false }
  })
  return next
}

const NEGATED: ReadonlyMap<number, number> = new Map([
  [op.JEQ, op.JNE],
  [op.JNE, op.JEQ],
  [op.JGT, op.JLE],
  [op.JLE, op.JGT],
  [op.JGE, op.JLT],
  [op.JLT, op.JGE],
  [op.JSGT, op.JSLE],
  [op.JSLE, op.JSGT],
  [op.JSGE, op.JSLT],
  [op.JSLT, op.JSGE],
])

/** What both are where the relation holds, or does not; undefined where that can't be. */
export function refine(kind: number, holds: boolean, a: Scalar, b: Scalar, narrow: boolean): Pair | undefined {
  if (kind === op.JSET) return refineBits(holds, a, b, narrow)
  const relation = holds ? kind : NEGATED.get(kind)!
  if (!narrow) return refineWide(relation, a, b)
  if (isNarrow(a) && isNarrow(b)) {
    // Below 2^31 the halves read the same in both ways.
    const signed = relation === op.JSGT || relation === op.JSGE || relation === op.JSLT || relation === op.JSLE
    if (!signed || (a.umax < 1n << 31n && b.umax < 1n << 31n)) return refineWide(relation, a, b)
  }
  return refineLow(relation, a, b)
}

/** Of halves of wider numbers only what one constant says. */
function refineLow(relation: number, a: Scalar, b: Scalar): Pair | undefined {
  const low = (each: Scalar): bigint | undefined =>
    (each.bits.mask & 0xffff_ffffn) === 0n ? each.bits.value & 0xffff_ffffn : undefined
  const [left, right] = [low(a), low(b)]
  if (left !== undefined && right !== undefined) return relates(relation, left, right) ? [a, b] : undefined
  if (relation !== op.JEQ) return [a, b]
  const one = right === undefined ? a : withLowHalf(a, right)
  const other = left === undefined ? b : withLowHalf(b, left)
  return one === undefined || other === undefined ? undefined : [one, other]
}

/** Whether two numbers of 32 bits are so. */
function relates(relation: number, a: bigint, b: bigint): boolean {
  const [c, d] = [BigInt.asIntN(32, a), BigInt.asIntN(32, b)]
  switch (relation) {
    case op.JEQ:
      return a === b
    case op.JNE:
      return a !== b
    case op.JGT:
      return a > b
    case op.JGE:
      return a >= b
    case op.JLT:
      return a < b
    case op.JLE:
      return a <= b
    case op.JSGT:
      return c > d
    case op.JSGE:
      return c >= d
    case op.JSLT:
      return c < d
    default:
      return c <= d
  }
}

function pair(a: Partial<Scalar>, b: Partial<Scalar>, from: Pair): Pair | undefined {
  const one = narrowed({ ...from[0], ...a })
  const other = narrowed({ ...from[1], ...b })
  return one === undefined || other === undefined ? undefined : [one, other]
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Whether bounds alone say that it can't be so. The kernel looks at no more, so that a path it follows is followed. */
function isNever(relation: number, a: Scalar, b: Scalar): boolean {
  switch (relation) {
    case op.JEQ:
      return a.umin > b.umax || a.umax < b.umin || a.smin > b.smax || a.smax < b.smin
    case op.JNE:
      return constantOf(a) !== undefined && constantOf(a) === constantOf(b)
    case op.JGT:
      return a.umax <= b.umin
    case op.JGE:
      return a.umax < b.umin
    case op.JLT:
      return a.umin >= b.umax
    case op.JLE:
      return a.umin > b.umax
    case op.JSGT:
      return a.smax <= b.smin
    case op.JSGE:
      return a.smax < b.smin
    case op.JSLT:
      return a.smin >= b.smax
    default:
      return a.smin > b.smax
  }
}

function refineWide(relation: number, a: Scalar, b: Scalar): Pair | undefined {
  return isNever(relation, a, b) ? undefined : (narrowedBy(relation, a, b) ?? [a, b])
}

function narrowedBy(relation: number, a: Scalar, b: Scalar): Pair | undefined {
  switch (relation) {
    case op.JEQ:
      return equal(a, b)
    case op.JNE:
      return different(a, b)
    case op.JGT:
      return swap(narrowedBy(op.JLT, b, a))
    case op.JGE:
      return swap(narrowedBy(op.JLE, b, a))
    case op.JLT:
      return pair({ umax: min(a.umax, b.umax - 1n) }, { umin: max(b.umin, a.umin + 1n) }, [a, b])
    case op.JLE:
      return pair({ umax: min(a.umax, b.umax) }, { umin: max(b.umin, a.umin) }, [a, b])
    case op.JSGT:
      return swap(narrowedBy(op.JSLT, b, a))
    case op.JSGE:
      return swap(narrowedBy(op.JSLE, b, a))
    case op.JSLT:
      return pair({ smax: min(a.smax, b.smax - 1n) }, { smin: max(b.smin, a.smin + 1n) }, [a, b])
    default:
      return pair({ smax: min(a.smax, b.smax) }, { smin: max(b.smin, a.smin) }, [a, b])
  }
}

function swap(result: Pair | undefined): Pair | undefined {
  return result === undefined ? undefined : [result[1], result[0]]
}

function equal(a: Scalar, b: Scalar): Pair | undefined {
  const bits = tnumBoth(a.bits, b.bits)
  if (bits === undefined) return undefined
  const both = narrowed({
    bits,
    umin: max(a.umin, b.umin),
    umax: min(a.umax, b.umax),
    smin: max(a.smin, b.smin),
    smax: min(a.smax, b.smax),
  })
  return both === undefined ? undefined : [both, both]
}

function different(a: Scalar, b: Scalar): Pair | undefined {
  const [left, right] = [constantOf(a), constantOf(b)]
  if (left !== undefined && right !== undefined) return left === right ? undefined : [a, b]
  if (right !== undefined) {
    const one = without(a, right)
    return one === undefined ? undefined : [one, b]
  }
  if (left === undefined) return [a, b]
  const other = without(b, left)
  return other === undefined ? undefined : [a, other]
}

/** One less at an end of its bounds. */
function without(a: Scalar, value: bigint): Scalar | undefined {
  const signed = BigInt.asIntN(64, value)
  return narrowed({
    ...a,
    umin: a.umin === value ? value + 1n : a.umin,
    umax: a.umax === value ? value - 1n : a.umax,
    smin: a.smin === signed ? signed + 1n : a.smin,
    smax: a.smax === signed ? signed - 1n : a.smax,
  })
}

/** Whether they have a bit in common; nothing is known of it where neither is a constant. */
function refineBits(holds: boolean, a: Scalar, b: Scalar, narrow: boolean): Pair | undefined {
  const right = constantOf(b)
  if (right === undefined) return constantOf(a) === undefined ? [a, b] : swap(refineBits(holds, b, a, narrow))
  const asked = right & (narrow ? 0xffff_ffffn : U64_MAX)
  const surely = a.bits.value & asked
  const maybe = (a.bits.value | a.bits.mask) & asked
  if (holds) return maybe === 0n ? undefined : [a, b]
  if (surely !== 0n) return undefined
  const bits = { value: a.bits.value, mask: a.bits.mask & ~asked & U64_MAX }
  const one = narrowed({ ...a, bits })
  return [one ?? a, b]
}
