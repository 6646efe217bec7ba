/**
 * Arithmetic and conditions as JavaScript text, on numbers of 64 bits in two halves, `l` and `h`, each a number of 32
 * bits as `|0` makes it. V8 leaves out the half that nobody reads.
 */

import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'

/** Two halves, as text: variables or numbers. */
export interface Pair {
  readonly l: string
  readonly h: string
}

/** The halves of a register. */
export function registerPair(n: number): Pair {
  return { l: `r${n}l`, h: `r${n}h` }
}

/** An immediate, with its sign in the upper half. */
export function immediatePair(imm: number): Pair {
  return { l: `${imm}`, h: imm < 0 ? '-1' : '0' }
}

/** The functions that text may call, by name: they stand before it where it does. Upper halves come back in `high`. */
export const PRELUDE: Readonly<Record<string, string>> = {
  mulHigh: `function mulHigh(a, b) {
    const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16
    const middle = a1 * b0 + ((a0 * b0) >>> 16)
    const low = a0 * b1 + (middle & 0xffff)
    return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(low / 0x10000)) | 0
  }`,
  // Through memory of the run's own: V8 makes no object of a number that only goes from one array to another.
  pair: 'const pair = new Int32Array(2), long = new BigInt64Array(pair.buffer)',
  wide: `function wide(l, h) {
    pair[0] = l
    pair[1] = h
    return long[0]
  }`,
  halves: `function halves(value) {
    long[0] = value
    high = pair[1]
    return pair[0]
  }`,
  div: `function div(al, ah, bl, bh) {
    if ((bl | bh) === 0) { high = 0; return 0 }
    if ((ah | bh) === 0) { high = 0; return ((al >>> 0) / (bl >>> 0)) | 0 }
    return halves(BigInt.asUintN(64, wide(al, ah)) / BigInt.asUintN(64, wide(bl, bh)))
  }`,
  mod: `function mod(al, ah, bl, bh) {
    if ((bl | bh) === 0) { high = ah; return al }
    if ((ah | bh) === 0) { high = 0; return ((al >>> 0) % (bl >>> 0)) | 0 }
    return halves(BigInt.asUintN(64, wide(al, ah)) % BigInt.asUintN(64, wide(bl, bh)))
  }`,
  sdiv: `function sdiv(al, ah, bl, bh) {
    if ((bl | bh) === 0) { high = 0; return 0 }
    return halves(wide(al, ah) / wide(bl, bh))
  }`,
  smod: `function smod(al, ah, bl, bh) {
    if ((bl | bh) === 0) { high = ah; return al }
    return halves(wide(al, ah) % wide(bl, bh))
  }`,
  lsh: `function lsh(l, h, by) {
    by &= 63
    if (by === 0) { high = h; return l }
    if (by >= 32) { high = l << (by - 32); return 0 }
    high = (h << by) | (l >>> (32 - by))
    return l << by
  }`,
  rsh: `function rsh(l, h, by) {
    by &= 63
    if (by === 0) { high = h; return l }
    if (by >= 32) { high = 0; return (h >>> (by - 32)) | 0 }
    high = (h >>> by) | 0
    return (l >>> by) | (h << (32 - by))
  }`,
  arsh: `function arsh(l, h, by) {
    by &= 63
    if (by === 0) { high = h; return l }
    if (by >= 32) { high = h >> 31; return h >> (by - 32) }
    high = h >> by
    return (l >>> by) | (h << (32 - by))
  }`,
  swap32: `function swap32(l) {
    return (l << 24) | ((l & 0xff00) << 8) | ((l >>> 8) & 0xff00) | (l >>> 24)
  }`,
}

/** What each of them uses, what is to stand first before the others. */
export const PRELUDE_NEEDS: Readonly<Record<string, readonly string[]>> = {
  wide: ['pair'],
  halves: ['pair'],
  div: ['pair', 'wide', 'halves'],
  mod: ['pair', 'wide', 'halves'],
  sdiv: ['pair', 'wide', 'halves'],
  smod: ['pair', 'wide', 'halves'],
}

/** The statement that computes `a (kind) b` of 64 bits into `a`. `x` is a free variable. */
export function wideOperation(kind: number, a: Pair, b: Pair, signed: boolean): string {
  const { l, h } = a
  switch (kind) {
    case op.ADD:
      return `x = (${l} + ${b.l}) | 0; ${h} = (${h} + ${b.h} + ((x >>> 0) < (${l} >>> 0) ? 1 : 0)) | 0; ${l} = x`
    case op.SUB:
      return `x = (${l} >>> 0) < (${low(b)}) ? 1 : 0; ${h} = (${h} - ${b.h} - x) | 0; ${l} = (${l} - ${b.l}) | 0`
    case op.MUL:
      return (
        `x = mulHigh(${l}, ${b.l}) + Math.imul(${l}, ${b.h}) + Math.imul(${h}, ${b.l}); ` +
        `${l} = Math.imul(${l}, ${b.l}); ${h} = x | 0`
      )
    case op.DIV:
      return `${l} = ${signed ? 'sdiv' : 'div'}(${l}, ${h}, ${b.l}, ${b.h}); ${h} = high`
    case op.MOD:
      return `${l} = ${signed ? 'smod' : 'mod'}(${l}, ${h}, ${b.l}, ${b.h}); ${h} = high`
    case op.OR:
      return `${l} |= ${b.l}; ${h} |= ${b.h}`
    case op.AND:
      return `${l} &= ${b.l}; ${h} &= ${b.h}`
    case op.XOR:
      return `${l} ^= ${b.l}; ${h} ^= ${b.h}`
    case op.LSH:
    case op.RSH:
    case op.ARSH:
      return wideShift(kind, a, b)
    default:
      throw new RangeError(`got the operation ${kind}, expected one of 64 bits`)
  }
}

function low({ l }: Pair): string {
  return `${l} >>> 0`
}

function wideShift(kind: number, { l, h }: Pair, b: Pair): string {
  if (!/^\d+$/.test(b.l)) {
    const name = kind === op.LSH ? 'lsh' : kind === op.RSH ? 'rsh' : 'arsh'
    return `${l} = ${name}(${l}, ${h}, ${b.l}); ${h} = high`
  }
  const by = Number(b.l)
  if (by === 0) return ''
  if (kind === op.LSH) {
    if (by >= 32) return `${h} = ${l} << ${by - 32}; ${l} = 0`
    return `${h} = (${h} << ${by}) | (${l} >>> ${32 - by}); ${l} <<= ${by}`
  }
  const fill = kind === op.RSH ? '0' : `${h} >> 31`
  const shift = kind === op.RSH ? '>>>' : '>>'
  if (by >= 32) return `${l} = (${h} ${shift} ${by - 32}) | 0; ${h} = ${fill}`
  return `${l} = (${l} >>> ${by}) | (${h} << ${32 - by}); ${h} = (${h} ${shift} ${by}) | 0`
}

/** The expression for `l (kind) b` of 32 bits. */
export function narrowOperation(kind: number, l: string, b: string, signed: boolean): string {
  switch (kind) {
    case op.ADD:
      return `(${l} + ${b}) | 0`
    case op.SUB:
      return `(${l} - ${b}) | 0`
    case op.MUL:
      return `Math.imul(${l}, ${b})`
    // A division by 0 gives 0, and its remainder is what was divided.
    case op.DIV:
      return signed ? `${b} === 0 ? 0 : (${l} / ${b}) | 0` : `${b} === 0 ? 0 : ((${l} >>> 0) / (${b} >>> 0)) | 0`
    case op.MOD:
      return signed ? `${b} === 0 ? ${l} : (${l} % ${b}) | 0` : `${b} === 0 ? ${l} : ((${l} >>> 0) % (${b} >>> 0)) | 0`
    case op.OR:
      return `${l} | ${b}`
    case op.AND:
      return `${l} & ${b}`
    case op.XOR:
      return `${l} ^ ${b}`
    case op.LSH:
      return `${l} << ${b}`
    case op.RSH:
      return `(${l} >>> ${b}) | 0`
    case op.ARSH:
      return `${l} >> ${b}`
    default:
      throw new RangeError(`got the operation ${kind}, expected one of 32 bits`)
  }
}

/** The statement of a byte swap, or of the cut that is none on a little-endian machine. */
export function swapText({ code, imm }: Instruction, { l, h }: Pair): string {
  const swaps = (code & 7) === op.ALU64 || (code & op.X) !== 0
  if (imm === 64) return swaps ? `x = swap32(${l}); ${l} = swap32(${h}); ${h} = x` : ''
  if (imm === 32) return swaps ? `${l} = swap32(${l}); ${h} = 0` : `${h} = 0`
  return swaps ? `${l} = swap32(${l}) >>> 16; ${h} = 0` : `${l} &= 0xffff; ${h} = 0`
}

const RELATIONS: ReadonlyMap<number, readonly [sign: string, signed: boolean]> = new Map([
  [op.JGT, ['>', false]],
  [op.JGE, ['>=', false]],
  [op.JLT, ['<', false]],
  [op.JLE, ['<=', false]],
  [op.JSGT, ['>', true]],
  [op.JSGE, ['>=', true]],
  [op.JSLT, ['<', true]],
  [op.JSLE, ['<=', true]],
])

/** The condition of a jump on whether a pointer is NULL: it is where its upper half is 0. */
export function nullText(kind: number, a: Pair, b: Pair): string {
  return `${a.h} ${kind === op.JEQ ? '===' : '!=='} ${b.h}`
}

/** The condition of a jump. */
export function conditionText(kind: number, a: Pair, b: Pair, narrow: boolean): string {
  if (kind === op.JEQ) return narrow ? `${a.l} === ${b.l}` : `${a.l} === ${b.l} && ${a.h} === ${b.h}`
  if (kind === op.JNE) return narrow ? `${a.l} !== ${b.l}` : `${a.l} !== ${b.l} || ${a.h} !== ${b.h}`
  if (kind === op.JSET) return narrow ? `(${a.l} & ${b.l}) !== 0` : `((${a.l} & ${b.l}) | (${a.h} & ${b.h})) !== 0`
  const [sign, signed] = RELATIONS.get(kind)!
  const unsigned = (text: string): string => `(${text} >>> 0)`
  const inUse = (text: string): string => (signed ? text : unsigned(text))
  if (narrow) return `${inUse(a.l)} ${sign} ${inUse(b.l)}`
  const upper = `${inUse(a.h)} ${sign} ${inUse(b.h)}`
  return `${a.h} === ${b.h} ? ${unsigned(a.l)} ${sign} ${unsigned(b.l)} : ${upper}`
}
