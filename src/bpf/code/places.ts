/**
 * Loads and stores as JavaScript text: of the stack, which is the run's own, and of values, which all CPUs share.
 *
 * A pointer to a value is its word index in the upper half and the byte offset in the lower one, so that NULL is 0 and
 * a constant offset costs nothing. Of the stack only the lower half is used: the byte in the run's stack.
 */

import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { PlaceFact } from '../verifier/facts.ts'
import { STACK_BYTES } from '../verifier/state.ts'
import { type Pair, registerPair } from './pairs.ts'

/** How a shared number of eight bytes is touched: at once, or its halves one after the other. */
export type Access64 = 'whole' | 'halves'

/** An element of an array, by its size in bytes. */
export interface Element {
  /** Nobody else sees it. */
  readonly private: boolean
  /** Index of the 4-byte word, text. */
  readonly word: string
  /** The same place among elements of 1 and 2 bytes, and of 8. */
  readonly byte: string
  readonly short: string
  readonly long: string
}

const BYTES_IN = { words: 'words', bytes: 'bytes', shorts: 'shorts', longs: 'longs' } as const
const STACK_IN = { words: 'stack', bytes: 'stackBytes', shorts: 'stackShorts', longs: 'stackLongs' } as const

/** The element at `off` behind the pointer in register `base`. `frame` is the end of the function's frame, in text. */
export function elementAt(place: PlaceFact, base: number, off: number, frame: string): Element {
  const { l, h } = registerPair(base)
  if (place.region === 'stack') {
    if (place.off !== undefined && place.own) return ofBytes(sum(frame, place.off))
    return ofBytes(sum(l, off))
  }
  if (place.off !== undefined)
    return {
      private: false,
      word: sum(h, place.off >> 2),
      byte: sum(`${h} * 4`, place.off),
      short: sum(`${h} * 2`, place.off >> 1),
      long: `${group(sum(h, place.off >> 2))} >> 1`,
    }
  const bytes = sum(l, off)
  return {
    private: false,
    word: `${h} + (${group(bytes)} >> 2)`,
    byte: `${h} * 4 + ${group(bytes)}`,
    short: `${h} * 2 + (${group(bytes)} >> 1)`,
    long: `(${h} + (${group(bytes)} >> 2)) >> 1`,
  }
}

/** A byte of the stack. Constants are worked out. */
function ofBytes(text: string): Element {
  if (/^\d+$/.test(text)) {
    const at = Number(text)
    return { private: true, word: `${at >> 2}`, byte: text, short: `${at >> 1}`, long: `${at >> 3}` }
  }
  const byte = group(text)
  return { private: true, word: `${byte} >> 2`, byte: text, short: `${byte} >> 1`, long: `${byte} >> 3` }
}

function group(text: string): string {
  return /^\w+$/.test(text) ? text : `(${text})`
}

function sum(text: string, add: number): string {
  if (/^\d+$/.test(text)) return `${Number(text) + add}`
  return add === 0 ? text : add < 0 ? `${text} - ${-add}` : `${text} + ${add}`
}

/** The word behind one. */
function next(word: string): string {
  return /^\d+$/.test(word) ? `${Number(word) + 1}` : />>/.test(word) ? `(${word}) + 1` : `${word} + 1`
}

/** A load of `size` bytes into a register. Sign-extending where `signed`. */
export function loadText(at: Element, to: Pair, size: number, signed: boolean, access: Access64): string {
  const names = at.private ? STACK_IN : BYTES_IN
  if (size === 8) {
    if (access === 'whole' && !at.private) return `${to.l} = halves(${names.longs}[${at.long}]); ${to.h} = high`
    return `x = ${names.words}[${at.word}]; ${to.h} = ${names.words}[${next(at.word)}]; ${to.l} = x`
  }
  const loaded =
    size === 4
      ? `${names.words}[${at.word}]`
      : size === 2
        ? `${names.shorts}[${at.short}]`
        : `${names.bytes}[${at.byte}]`
  return extendText(loaded, to, size, signed)
}

/** A number of `size` bytes into a register. */
export function extendText(number: string, to: Pair, size: number, signed: boolean): string {
  if (!signed) return `${to.l} = ${number}; ${to.h} = 0`
  const shift = 32 - size * 8
  const value = shift === 0 ? number : `(${number} << ${shift}) >> ${shift}`
  return `${to.l} = ${value}; ${to.h} = ${to.l} >> 31`
}

/** A store of `size` bytes. */
export function storeText(at: Element, value: Pair, size: number, access: Access64): string {
  const names = at.private ? STACK_IN : BYTES_IN
  switch (size) {
    case 8:
      if (access === 'whole' && !at.private) return `${names.longs}[${at.long}] = wide(${value.l}, ${value.h})`
      return `${names.words}[${at.word}] = ${value.l}; ${names.words}[${next(at.word)}] = ${value.h}`
    case 4:
      return `${names.words}[${at.word}] = ${value.l}`
    case 2:
      return `${names.shorts}[${at.short}] = ${value.l}`
    default:
      return `${names.bytes}[${at.byte}] = ${value.l}`
  }
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [op.ADD, 'add'],
  [op.OR, 'or'],
  [op.AND, 'and'],
  [op.XOR, 'xor'],
])

const SIGNS: ReadonlyMap<number, string> = new Map([
  [op.OR, '|'],
  [op.AND, '&'],
  [op.XOR, '^'],
])

/** An atomic operation; of the stack, which nobody else sees, in steps. */
export function atomicText(insn: Instruction, at: Element): string {
  const { code, dst, src, imm } = insn
  const size = op.widthOf(code)
  const value = registerPair(src)
  if (imm === op.LOAD_ACQUIRE) return acquireText(at, registerPair(dst), size)
  if (imm === op.STORE_RELEASE) return releaseText(at, value, size)
  if (at.private) return privateText(insn, at)
  const fetch = (imm & op.FETCH) !== 0
  if (imm === op.CMPXCHG)
    return size === 4
      ? `r0l = Atomics.compareExchange(words, ${at.word}, r0l, ${value.l}); r0h = 0`
      : `r0l = halves(Atomics.compareExchange(longs, ${at.long}, wide(r0l, r0h), wide(${value.l}, ${value.h}))); r0h = high`
  const name = imm === op.XCHG ? 'exchange' : NAMES.get(imm & ~op.FETCH)!
  const call =
    size === 4
      ? `Atomics.${name}(words, ${at.word}, ${value.l})`
      : `Atomics.${name}(longs, ${at.long}, wide(${value.l}, ${value.h}))`
  if (!fetch) return call
  return size === 4 ? `${value.l} = ${call}; ${value.h} = 0` : `${value.l} = halves(${call}); ${value.h} = high`
}

function acquireText(at: Element, to: Pair, size: number): string {
  if (at.private) return loadText(at, to, size, false, 'halves')
  if (size === 8) return `${to.l} = halves(Atomics.load(longs, ${at.long})); ${to.h} = high`
  return extendText(`Atomics.load(${elementText(at, size)})`, to, size, false)
}

function releaseText(at: Element, value: Pair, size: number): string {
  if (at.private) return storeText(at, value, size, 'halves')
  if (size === 8) return `Atomics.store(longs, ${at.long}, wide(${value.l}, ${value.h}))`
  return `Atomics.store(${elementText(at, size)}, ${value.l})`
}

function elementText(at: Element, size: number): string {
  return size === 4 ? `words, ${at.word}` : size === 2 ? `shorts, ${at.short}` : `bytes, ${at.byte}`
}

/** On the stack: the old value into `y` and `z`, the new one back. */
function privateText({ code, src, imm }: Instruction, at: Element): string {
  const size = op.widthOf(code)
  const b = registerPair(src)
  const lower = `stack[${at.word}]`
  const upper = `stack[${next(at.word)}]`
  const old = size === 4 ? `y = ${lower}` : `y = ${lower}; z = ${upper}`
  const give = (to: Pair): string => (size === 4 ? `${to.l} = y; ${to.h} = 0` : `${to.l} = y; ${to.h} = z`)
  const put = (l: string, h: string): string => (size === 4 ? `${lower} = ${l}` : `${lower} = ${l}; ${upper} = ${h}`)
  if (imm === op.CMPXCHG) {
    const equal = size === 4 ? 'y === r0l' : 'y === r0l && z === r0h'
    return `${old}; if (${equal}) { ${put(b.l, b.h)} } ${give({ l: 'r0l', h: 'r0h' })}`
  }
  const kind = imm & ~op.FETCH
  const sign = SIGNS.get(kind)
  const change =
    imm === op.XCHG
      ? put(b.l, b.h)
      : sign !== undefined
        ? put(`y ${sign} ${b.l}`, `z ${sign} ${b.h}`)
        : put(`(y + ${b.l}) | 0`, `(z + ${b.h} + (((y + ${b.l}) >>> 0) < (y >>> 0) ? 1 : 0)) | 0`)
  return `${old}; ${change}${(imm & op.FETCH) === 0 ? '' : `; ${give(b)}`}`
}

/** Bytes of the stack of a run: a frame for each function that may be under way. */
export function stackBytes(frames: number): number {
  return frames * STACK_BYTES
}
