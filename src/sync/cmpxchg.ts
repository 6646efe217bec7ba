/**
 * The atomic steps everything else is made of, under the names the kernel's readers know.
 *
 * All of them are sequentially consistent, a failing cmpxchg too: ECMAScript has no weaker kind. On a typed array each
 * is a call into V8 (6 to 10 ns), so a hot path counts them.
 */

/**
 * Stores `next` if the word holds `expected`. Returns what it held: equal to `expected` exactly when it was replaced.
 * Model: cmpxchg().
 */
export function cmpxchg(words: Int32Array, at: number, expected: number, next: number): number {
  return Atomics.compareExchange(words, at, expected, next)
}

/** Stores `next` and returns what was there. Model: xchg(). */
export function xchg(words: Int32Array, at: number, next: number): number {
  return Atomics.exchange(words, at, next)
}

/** Adds `n`, wrapping at 32 bits. Model: atomic_add(). */
export function atomicAdd(words: Int32Array, at: number, n: number): void {
  Atomics.add(words, at, n)
}

/** Subtracts `n`, wrapping at 32 bits. Model: atomic_sub(). */
export function atomicSub(words: Int32Array, at: number, n: number): void {
  Atomics.sub(words, at, n)
}

/** Reads a counter that others change. Model: atomic_read(). */
export function atomicRead(words: Int32Array, at: number): number {
  return Atomics.load(words, at)
}

/** `Atomics.pause` where the engine has it (V8 13.x and later). */
const pause: ((hint?: number) => void) | undefined = (Atomics as { pause?: (hint?: number) => void }).pause

/**
 * One turn of a spin loop: tells the processor that we only wait.
 * @explore pause
 */
export function cpuRelax(): void {
  pause?.()
}
