/** Hands out numbers from a shared word, each to one caller: in blocks, so that the word is touched seldom. */
export function createIds(words, block) {
  let next = 0
  let end = 0
  return () => {
    if (next === end) {
      next = Atomics.add(words, 0, block)
      end = next + block
    }
    return next++
  }
}
