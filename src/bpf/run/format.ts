/**
 * What bpf_trace_printk makes of its format: the conversions of numbers that the kernel allows it.
 */

import { wide } from '../halves.ts'

/** The most conversions of one call. */
const MOST = 3

/**
 * The text, or undefined for what the kernel refuses with -EINVAL: no NUL at the end, more than three conversions, or
 * one that is none. Strings and pointers to memory are refused too, since no argument is one here. `halves` are the
 * arguments, lower half first.
 */
export function formatted(words: Int32Array, at: number, size: number, halves: readonly number[]): string | undefined {
  const format = bytesOf(words, at, size)
  if (format === undefined) return undefined
  let used = 0
  let refused = false
  const text = format.replace(/%(%|0?\d*(l{0,2})([diux])|(.?))/g, (whole, inner, long = '', kind) => {
    if (inner === '%') return '%'
    if (kind === undefined || used === MOST) {
      refused = true
      return ''
    }
    const value = argument(halves, used++, long !== '', kind !== 'd' && kind !== 'i')
    const digits = kind === 'x' ? value.toString(16) : value.toString()
    const [, zero, width] = /^%(0?)(\d*)/.exec(whole)!
    return digits.padStart(Number(width), zero === '0' ? '0' : ' ')
  })
  return refused ? undefined : text
}

function argument(halves: readonly number[], n: number, long: boolean, unsigned: boolean): bigint {
  const bits = wide(halves[2 * n] ?? 0, halves[2 * n + 1] ?? 0)
  const width = long ? 64 : 32
  return unsigned ? BigInt.asUintN(width, bits) : BigInt.asIntN(width, bits)
}

/** The text in memory, if it ends there. */
function bytesOf(words: Int32Array, at: number, size: number): string | undefined {
  let text = ''
  for (let i = 0; i < size; i++) {
    const byte = (words[at + (i >> 2)] >> ((i & 3) * 8)) & 0xff
    if (byte === 0) return text
    text += String.fromCharCode(byte)
  }
  return undefined
}
