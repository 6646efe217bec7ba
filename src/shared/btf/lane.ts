/**
 * Lanes: how each kind of scalar is read and written in place, anywhere in shared memory.
 *
 * Every load and store below is a plain access of the scalar's own width. ECMAScript keeps those of up to 32 bits whole
 * when they are aligned. 64 bits go as two halves, low one first, since a value is only sure to be 4-byte aligned, and
 * since plain 64-bit accesses may tear anyway.
 */

import { charsOf, stringOf } from './codec.ts'
import type { CharArrayType, IntType } from './type.ts'

/** Called before an access with the index of the word to be touched. */
export type Check = (word: number) => void

/** What passes through a lane: the types of a view see to it that it is the right one. */
export type Scalar = number | bigint | string

/** One kind of scalar in one memory. `index` counts in grains from its beginning. */
export interface Lane<V> {
  /** Bytes per index. */
  readonly grain: number
  load(index: number): V
  store(index: number, value: V): void
}

/** The lane of a type in the memory that `words` shows. */
export function laneOf(type: IntType | CharArrayType, words: Int32Array): Lane<Scalar> {
  return (type.kind === 'int' ? intLane(type, words) : charLane(type, words)) as Lane<Scalar>
}

function intLane({ bits, encoding }: IntType, words: Int32Array): Lane<number> | Lane<bigint> {
  const { buffer, byteOffset, byteLength } = words
  const signed = encoding === 'signed'
  switch (bits) {
    case 8:
      if (signed) return plainLane(new Int8Array(buffer, byteOffset, byteLength))
      return plainLane(new Uint8Array(buffer, byteOffset, byteLength))
    case 16:
      if (signed) return plainLane(new Int16Array(buffer, byteOffset, byteLength / 2))
      return plainLane(new Uint16Array(buffer, byteOffset, byteLength / 2))
    case 32:
      return signed ? plainLane(words) : u32Lane(words)
    case 64:
      return wideLane(words, signed ? new BigInt64Array(1) : new BigUint64Array(1))
  }
}

/** Apart from the others, so that the most common field has type feedback of its own. */
function u32Lane(words: Int32Array): Lane<number> {
  return {
    grain: 4,
    load: (i) => words[i] >>> 0,
    store(i, value) {
      words[i] = value
    },
  }
}

function plainLane(lane: Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array): Lane<number> {
  return {
    grain: lane.BYTES_PER_ELEMENT,
    load: (i) => lane[i],
    store(i, value) {
      lane[i] = value
    },
  }
}

/** The halves meet in private memory, which spares the shifts of bigints. */
function wideLane(words: Int32Array, whole: BigInt64Array | BigUint64Array): Lane<bigint> {
  const halves = new Int32Array(whole.buffer)
  return {
    grain: 4,
    load(i) {
      halves[0] = words[i]
      halves[1] = words[i + 1]
      return whole[0]
    },
    store(i, value) {
      whole[0] = value
      words[i] = halves[0]
      words[i + 1] = halves[1]
    },
  }
}

function charLane(type: CharArrayType, words: Int32Array): Lane<string> {
  const { length, name } = type
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
  const copy = new Uint8Array(length)
  return {
    grain: 1,
    load(i) {
      for (let k = 0; k < length; k++) copy[k] = bytes[i + k]
      return stringOf(copy)
    },
    store(i, value) {
      const chars = charsOf(type, value, name)
      for (let k = 0; k < length; k++) bytes[i + k] = k < chars.length ? chars[k] : 0
    },
  }
}

/** The same lane behind a check. The plain one never learns of it. */
export function checkedLane<V>({ grain, load, store }: Lane<V>, size: number, check: Check): Lane<V> {
  const perWord = 4 / grain
  const more = size / grain - 1
  const checkAll = (index: number) => {
    const last = Math.floor((index + more) / perWord)
    for (let word = Math.floor(index / perWord); word <= last; word++) check(word)
  }
  return {
    grain,
    load(index) {
      checkAll(index)
      return load(index)
    },
    store(index, value) {
      checkAll(index)
      store(index, value)
    },
  }
}
