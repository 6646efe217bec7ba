/**
 * What is known of a number in a register: known bits, and bounds as it is read unsigned and signed.
 */

import {
  type Tnum,
  tnumAdd,
  tnumAnd,
  tnumBoth,
  tnumConst,
  tnumContains,
  tnumMul,
  tnumOr,
  tnumRange,
  tnumShiftLeft,
  tnumShiftRight,
  tnumShiftRightSigned,
  tnumSub,
  tnumXor,
  U64_MAX,
  UNKNOWN,
} from './tnum.ts'

/** Every bound is inclusive; bits and bounds never contradict each other. */
export interface Scalar {
  readonly bits: Tnum
  readonly umin: bigint
  readonly umax: bigint
  readonly smin: bigint
  readonly smax: bigint
}

const S64_MIN = -(1n << 63n)
const S64_MAX = (1n << 63n) - 1n
const U32_MAX = 0xffff_ffffn
const SIGN = 1n << 63n

const signed = (number: bigint): bigint => BigInt.asIntN(64, number)
const unsigned = (number: bigint): bigint => BigInt.asUintN(64, number)
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Lets bits and bounds learn from each other; undefined where no number fits all of them. */
export function narrowed({ bits, umin, umax, smin, smax }: Scalar): Scalar | undefined {
  if (umin === umax) return exactly(umin, bits, smin, smax)
  let known: Tnum = bits
  // Twice: what the first round finds, the second uses.
  for (let round = 0; round < 2; round++) {
    umin = max(umin, known.value)
    umax = min(umax, known.value | known.mask)
    smin = max(smin, signed(known.value | (known.mask & SIGN)))
    smax = min(smax, signed(known.value | (known.mask & ~SIGN)))
    if (umin > umax || smin > smax) return undefined
    if (signed(umin) <= signed(umax)) {
      smin = max(smin, signed(umin))
      smax = min(smax, signed(umax))
      if (smin > smax) return undefined
    }
    if (smin >= 0n || smax < 0n) {
      umin = max(umin, unsigned(smin))
      umax = min(umax, unsigned(smax))
      if (umin > umax) return undefined
    }
    const both = tnumBoth(known, tnumRange(umin, umax))
    if (both === undefined) return undefined
    known = both
  }
  return { bits: known, umin, umax, smin, smax }
}

/** The one number that is left, if it fits. */
function exactly(value: bigint, bits: Tnum, smin: bigint, smax: bigint): Scalar | undefined {
  const asSigned = signed(value)
  if (asSigned < smin || asSigned > smax || ((value ^ bits.value) & ~bits.mask & U64_MAX) !== 0n) return undefined
  return constant(value)
}

/** A number of which only its bits are known. */
function ofBits(bits: Tnum): Scalar {
  return narrowed({ bits, umin: 0n, umax: U64_MAX, smin: S64_MIN, smax: S64_MAX })!
}

export const ANY: Scalar = { bits: UNKNOWN, umin: 0n, umax: U64_MAX, smin: S64_MIN, smax: S64_MAX }

export function constant(value: bigint): Scalar {
  const bits = tnumConst(value)
  return { bits, umin: bits.value, umax: bits.value, smin: signed(bits.value), smax: signed(bits.value) }
}

/** Any unsigned number up to `most`. */
export function upTo(most: bigint): Scalar {
  return narrowed({ ...ANY, umax: most })!
}

/** Any signed number from `least` to `most`. */
export function between(least: bigint, most: bigint): Scalar {
  return narrowed({ ...ANY, smin: least, smax: most })!
}

/** The value of a number that is known, unsigned; else undefined. */
export function constantOf({ bits }: Scalar): bigint | undefined {
  return bits.mask === 0n ? bits.value : undefined
}

/** Whether everything that `b` may be, `a` may be too. */
export function contains(a: Scalar, b: Scalar): boolean {
  if (a === b || a === ANY) return true
  if (a.bits.mask === 0n) return b.bits.mask === 0n && a.bits.value === b.bits.value
  return a.umin <= b.umin && a.umax >= b.umax && a.smin <= b.smin && a.smax >= b.smax && tnumContains(a.bits, b.bits)
}

/** With bounds where a sum or product did not overflow. */
function bounded(bits: Tnum, u: readonly [bigint, bigint], s: readonly [bigint, bigint]): Scalar {
  const [umin, umax] = u[0] >= 0n && u[1] <= U64_MAX ? u : [0n, U64_MAX]
  const [smin, smax] = s[0] >= S64_MIN && s[1] <= S64_MAX ? s : [S64_MIN, S64_MAX]
  return narrowed({ bits, umin, umax, smin, smax }) ?? ofBits(bits)
}

export function add(a: Scalar, b: Scalar): Scalar {
  return bounded(tnumAdd(a.bits, b.bits), [a.umin + b.umin, a.umax + b.umax], [a.smin + b.smin, a.smax + b.smax])
}

export function sub(a: Scalar, b: Scalar): Scalar {
  return bounded(tnumSub(a.bits, b.bits), [a.umin - b.umax, a.umax - b.umin], [a.smin - b.smax, a.smax - b.smin])
}

export function mul(a: Scalar, b: Scalar): Scalar {
  const corners = [a.smin * b.smin, a.smin * b.smax, a.smax * b.smin, a.smax * b.smax]
  return bounded(
    tnumMul(a.bits, b.bits),
    [a.umin * b.umin, a.umax * b.umax],
    [corners.reduce(min), corners.reduce(max)],
  )
}

export function and(a: Scalar, b: Scalar): Scalar {
  const bits = tnumAnd(a.bits, b.bits)
  return narrowed({ ...ANY, bits, umax: min(a.umax, b.umax) }) ?? ofBits(bits)
}

export function or(a: Scalar, b: Scalar): Scalar {
  const bits = tnumOr(a.bits, b.bits)
  return narrowed({ ...ANY, bits, umin: max(a.umin, b.umin) }) ?? ofBits(bits)
}

export function xor(a: Scalar, b: Scalar): Scalar {
  return ofBits(tnumXor(a.bits, b.bits))
}

/** Valid for `by` from 0 to 63, as are the other shifts. */
export function shiftLeft(a: Scalar, by: bigint): Scalar {
  return bounded(tnumShiftLeft(a.bits, by), [a.umin << by, a.umax << by], [a.smin << by, a.smax << by])
}

export function shiftRight(a: Scalar, by: bigint): Scalar {
  const bits = tnumShiftRight(a.bits, by)
  return narrowed({ ...ANY, bits, umin: a.umin >> by, umax: a.umax >> by }) ?? ofBits(bits)
}

export function shiftRightSigned(a: Scalar, by: bigint): Scalar {
  const bits = tnumShiftRightSigned(a.bits, by)
  return narrowed({ ...ANY, bits, smin: a.smin >> by, smax: a.smax >> by }) ?? ofBits(bits)
}

/** The low `width` bits, the others 0. */
export function truncate(a: Scalar, width: bigint): Scalar {
  const low = (1n << width) - 1n
  if (a.umax <= low) return a
  const bits: Tnum = { value: a.bits.value & low, mask: a.bits.mask & low }
  const same = a.umin >> width === a.umax >> width
  const umin = same ? a.umin & low : 0n
  const umax = same ? a.umax & low : low
  return narrowed({ ...ANY, bits, umin, umax }) ?? ofBits(bits)
}

/** The low `width` bits, read as a signed number. Of bits nothing is kept: the kernel looks at bounds alone. */
export function extend(a: Scalar, width: bigint): Scalar {
  const bits = Number(width)
  const exact = constantOf(a)
  if (exact !== undefined) return constant(BigInt.asIntN(bits, exact))
  const half = 1n << (width - 1n)
  const [least, most] = [BigInt.asIntN(bits, a.smin), BigInt.asIntN(bits, a.smax)]
  const same = a.smin >> width === a.smax >> width && least >= 0n === most >= 0n
  return same ? between(min(least, most), max(least, most)) : between(-half, half - 1n)
}

/** Whether the upper half is 0 in any case. */
export function isNarrow(a: Scalar): boolean {
  return a.umax <= U32_MAX
}

/** With the low half known to be `value`; undefined where it can't be. */
export function withLowHalf(a: Scalar, value: bigint): Scalar | undefined {
  const bits = tnumBoth(a.bits, { value: value & U32_MAX, mask: U64_MAX & ~U32_MAX })
  return bits === undefined ? undefined : narrowed({ ...a, bits })
}
