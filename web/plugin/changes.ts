/**
 * What makes one text of another, in few words. Both are cut into pieces at the marks that code has between its parts;
 * what is kept is a longest common sequence of pieces.
 */

import type { Changes } from '../written-file.ts'

const PIECES = /[^;,{}()\n]*[;,{}()\n]|[^;,{}()\n]+/g
/** More pairs of pieces than these are not compared: all between the ends is written anew. */
const MOST = 16_000_000

/** The changes, for `applyChanges`. */
export function changesOf(text: string, other: string): Changes {
  const old = text.match(PIECES) ?? []
  const made = other.match(PIECES) ?? []
  let from = 0
  while (from < Math.min(old.length, made.length) && old[from] === made[from]) from++
  let after = 0
  const room = Math.min(old.length, made.length) - from
  while (after < room && old.at(-1 - after) === made.at(-1 - after)) after++
  const kept = commonOf(old.slice(from, old.length - after), made.slice(from, made.length - after))
  const changes: (number | string)[] = []
  let [i, j, keep] = [0, 0, lengthOf(old, 0, from)]
  const until = (nextOld: number, nextMade: number) => {
    const leave = lengthOf(old, from + i, from + nextOld)
    const come = made.slice(from + j, from + nextMade).join('')
    if (leave > 0 || come !== '') {
      changes.push(keep, leave, come)
      keep = 0
    }
  }
  for (const [k, l] of kept) {
    until(k, l)
    keep += old[from + k].length
    i = k + 1
    j = l + 1
  }
  until(old.length - after - from, made.length - after - from)
  return changes
}

const lengthOf = (pieces: readonly string[], from: number, to: number): number =>
  pieces.slice(from, to).reduce((sum, { length }) => sum + length, 0)

/** Pairs of places of a longest common sequence. */
function commonOf(old: readonly string[], made: readonly string[]): [number, number][] {
  const width = made.length + 1
  if (old.length * made.length > MOST) return []
  const longest = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = made.length - 1; j >= 0; j--)
      longest[i * width + j] =
        old[i] === made[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1])
  const pairs: [number, number][] = []
  for (let [i, j] = [0, 0]; i < old.length && j < made.length; ) {
    if (old[i] === made[j]) pairs.push([i++, j++])
    else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++
    else j++
  }
  return pairs
}
