/**
 * Numbers of 64 bits of which some bits are known: `value` has the known ones, `mask` a 1 for each that is not.
 *
 * Both as they are unsigned; no bit is set in both. The kernel's verifier calls such a number a tnum.
 */

export interface Tnum {
  readonly value: bigint
  readonly mask: bigint
}

export const U64_MAX = (1n << 64n) - 1n

const u64 = (number: bigint): bigint => BigInt.asUintN(64, number)

export const UNKNOWN: Tnum = { value: 0n, mask: U64_MAX }

export function tnumConst(value: bigint): Tnum {
  return { value: u64(value), mask: 0n }
}

/** What all numbers from `least` to `most` have in common: the bits above the highest in which the ends differ. */
export function tnumRange(least: bigint, most: bigint): Tnum {
  const differ = least ^ most
  if (differ === 0n) return { value: least, mask: 0n }
  if (differ >> 63n !== 0n) return UNKNOWN
  const digits = differ.toString(16)
  const bits = (digits.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(digits[0], 16)))
  const mask = (1n << BigInt(bits)) - 1n
  return { value: least & ~mask & U64_MAX, mask }
}

/** What both say; undefined where they contradict each other. */
export function tnumBoth(a: Tnum, b: Tnum): Tnum | undefined {
  const known = ~a.mask & ~b.mask & U64_MAX
  if (((a.value ^ b.value) & known) !== 0n) return undefined
  const mask = a.mask & b.mask
  return { value: (a.value | b.value) & ~mask, mask }
}

export function tnumAdd(a: Tnum, b: Tnum): Tnum {
  const values = u64(a.value + b.value)
  // A carry may come from any unknown bit: where sums with and without all of them differ, nothing is known.
  const carried = u64(values + u64(a.mask + b.mask)) ^ values
  const mask = carried | a.mask | b.mask
  return { value: values & ~mask, mask }
}

export function tnumSub(a: Tnum, b: Tnum): Tnum {
  const values = u64(a.value - b.value)
  const borrowed = u64(values + a.mask) ^ u64(values - b.mask)
  const mask = borrowed | a.mask | b.mask
  return { value: values & ~mask, mask }
}

export function tnumAnd(a: Tnum, b: Tnum): Tnum {
  const one = a.value & b.value
  const maybe = (a.value | a.mask) & (b.value | b.mask)
  return { value: one, mask: maybe & ~one }
}

export function tnumOr(a: Tnum, b: Tnum): Tnum {
  const one = a.value | b.value
  return { value: one, mask: (a.mask | b.mask) & ~one }
}

export function tnumXor(a: Tnum, b: Tnum): Tnum {
  const mask = a.mask | b.mask
  return { value: (a.value ^ b.value) & ~mask, mask }
}

export function tnumShiftLeft(a: Tnum, by: bigint): Tnum {
  return { value: u64(a.value << by), mask: u64(a.mask << by) }
}

export function tnumShiftRight(a: Tnum, by: bigint): Tnum {
  return { value: a.value >> by, mask: a.mask >> by }
}

/** Arithmetic shift: an unknown sign stays unknown in every bit that it fills. */
export function tnumShiftRightSigned(a: Tnum, by: bigint): Tnum {
  return { value: u64(BigInt.asIntN(64, a.value) >> by), mask: u64(BigInt.asIntN(64, a.mask) >> by) }
}

/** Only known: how many low bits are 0. */
export function tnumMul(a: Tnum, b: Tnum): Tnum {
  if (a.mask === 0n && b.mask === 0n) return tnumConst(a.value * b.value)
  const zeros = lowZeros(a) + lowZeros(b)
  return zeros >= 64 ? tnumConst(0n) : { value: 0n, mask: u64(U64_MAX << BigInt(zeros)) }
}

function lowZeros({ value, mask }: Tnum): number {
  const maybe = value | mask
  if (maybe === 0n) return 64
  let zeros = 0
  while (((maybe >> BigInt(zeros)) & 1n) === 0n) zeros++
  return zeros
}

/** Whether everything that `b` may be, `a` may be too. */
export function tnumContains(a: Tnum, b: Tnum): boolean {
  return (b.mask & ~a.mask) === 0n && ((a.value ^ b.value) & ~a.mask & U64_MAX) === 0n
}

/** As the kernel prints it: the number, or value and mask. */
export function tnumText({ value, mask }: Tnum): string {
  const hex = (number: bigint): string => (number === 0n ? '0' : `0x${number.toString(16)}`)
  return mask === 0n ? hex(value) : `(0x${value.toString(16)}; 0x${mask.toString(16)})`
}
