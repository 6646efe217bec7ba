/** Lets `count` threads go on together: word 0 counts who has come, word 1 the rounds. */
export function barrier(words: Int32Array, count: number): void {
  const round = Atomics.load(words, 1)
  if (Atomics.add(words, 0, 1) === count - 1) {
    Atomics.store(words, 0, 0)
    Atomics.add(words, 1, 1)
    Atomics.notify(words, 1)
    return
  }
  while (Atomics.load(words, 1) === round) Atomics.wait(words, 1, round)
}
