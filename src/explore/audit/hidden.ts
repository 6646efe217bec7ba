/**
 * One buffer behind the veil: the engine works on a copy of it, and the buffer itself holds poison.
 */

import type { Region } from '../engine/memory.ts'
import type { Poison } from './poison.ts'

/** A buffer behind the veil. */
export interface Hidden {
  readonly region: Region
  /** The buffer's own bytes and words. */
  readonly open: Uint8Array
  readonly openWords: Int32Array
  /** The poison that stands in the buffer where nothing is shown. */
  readonly poison: Uint8Array
  readonly poisonWords: Int32Array
}

/** What hides a region again and again. */
interface Arrays {
  /** The region's copy. */
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly poison: Uint8Array
  readonly poisonWords: Int32Array
  /** By the number that most words get: the poison for all that setup left, but for words that get another one. */
  readonly images: Map<number, Int32Array>
}

const arrays = new WeakMap<Region, Arrays>()

function arraysFor(region: Region): Arrays {
  let its = arrays.get(region)
  if (its === undefined) {
    const { length } = region.bytes
    const [bytes, poison] = [new Uint8Array(length), new Uint8Array(length)]
    const wordsOf = ({ buffer }: Uint8Array<ArrayBuffer>) => new Int32Array(buffer, 0, length >> 2)
    its = { bytes, words: wordsOf(bytes), poison, poisonWords: wordsOf(poison), images: new Map() }
    arrays.set(region, its)
  }
  return its
}

/** Hides a region, which holds what setup left in it unless a thread has made it. */
export function hide(region: Region, poison: Poison): Hidden {
  const { bytes: open, words: openWords } = region
  const its = arraysFor(region)
  const { bytes, words, poisonWords } = its
  bytes.set(open)
  region.bytes = bytes
  region.words = words
  // What a thread has made may hold anything by now.
  if (poison.mostly === undefined || region.maker !== null) {
    for (let word = 0; word < words.length; word++) poisonWords[word] = poison.of(region.base + word * 4, words[word])
  } else {
    poisonWords.set(imageFor(region, its.images, poison, poison.mostly))
    for (const address of poison.others) {
      const word = (address - region.base) >> 2
      if (word >= 0 && word < words.length) poisonWords[word] = poison.of(address, words[word])
    }
  }
  for (let at = words.length * 4; at < bytes.length; at++) its.poison[at] = poisonByte(region, at, poison)
  open.set(its.poison)
  return { region, open, openWords, poison: its.poison, poisonWords }
}

/** The poison for what setup left, which is the same in each audit: most words get one number. */
function imageFor(region: Region, images: Map<number, Int32Array>, poison: Poison, mostly: number): Int32Array {
  const { base, savedWords } = region
  let image = images.get(mostly)
  if (image === undefined) {
    image = new Int32Array(savedWords.length).fill(mostly)
    for (let word = savedWords.indexOf(mostly); word >= 0; word = savedWords.indexOf(mostly, word + 1)) {
      image[word] = poison.of(base + word * 4, mostly)
    }
    images.set(mostly, image)
  }
  return image
}

/** Takes the veil off a region, which holds what the engine saw from now on. */
export function bare({ region, open, openWords }: Hidden): void {
  open.set(region.bytes)
  region.bytes = open
  region.words = openWords
}

/** Takes what was stored while all was shown back to the copy, with its poison: mostly nothing. */
export function takeBack({ region, open, openWords, poison: its, poisonWords }: Hidden, poison: Poison): void {
  const { words, bytes, base } = region
  for (let word = 0; word < words.length; word++) {
    const now = openWords[word]
    if (words[word] === now) continue
    words[word] = now
    poisonWords[word] = poison.of(base + word * 4, now)
  }
  for (let at = words.length * 4; at < bytes.length; at++) {
    bytes[at] = open[at]
    its[at] = poisonByte(region, at, poison)
  }
}

/** Shows these bytes of a region as the engine sees them. */
export function reveal({ region, open, openWords }: Hidden, from: number, to: number): void {
  const { bytes, words } = region
  if (isWhole(words, from, to)) for (let word = from >> 2; word < to >> 2; word++) openWords[word] = words[word]
  else for (let at = from; at < to; at++) open[at] = bytes[at]
}

/** Poisons these bytes of a region again. */
export function cover(hidden: Hidden, from: number, to: number, poison: Poison): void {
  const { region, open, openWords, poison: its, poisonWords } = hidden
  const { words, base } = region
  if (isWhole(words, from, to)) {
    for (let word = from >> 2; word < to >> 2; word++) {
      openWords[word] = poisonWords[word] = poison.of(base + word * 4, words[word])
    }
  } else for (let at = from; at < to; at++) open[at] = its[at] = poisonByte(region, at, poison)
}

/** Whether a range is one of whole words, as most are. */
const isWhole = (words: Int32Array, from: number, to: number): boolean =>
  ((from | to) & 3) === 0 && to <= words.length * 4

/** The poison for one byte of what a region holds now. */
function poisonByte({ words, bytes, base }: Region, at: number, poison: Poison): number {
  const word = at >> 2
  // The last bytes of a buffer that are no whole word.
  if (word >= words.length) return bytes[at] ^ 0x5a
  return (poison.of(base + word * 4, words[word]) >>> ((at & 3) * 8)) & 0xff
}
