/**
 * Numbers of 64 bits in two halves of 32, as registers and words hold them.
 */

/** The number of two halves, signed. */
export function wide(l: number, h: number): bigint {
  return (BigInt(h) << 32n) | BigInt(l >>> 0)
}

/** The halves of a number. */
export function halvesOf(value: bigint): [l: number, h: number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]
}
