/**
 * The programs that papers on model checking measure with, as plain code. Each makes one of a size; the number of
 * traces is known.
 */

import type { Scenario } from '../../src/explore/index.ts'

/** A program and how many traces it has. */
export interface Classic {
  readonly scenario: Scenario<Int32Array>
  readonly traces: number
}

type Thread = (words: Int32Array) => void

function classic(traces: number, threads: readonly Thread[]): Classic {
  const setup = () => new Int32Array(new SharedArrayBuffer(256))
  // What was read is not told apart: that is a table of outcomes, not exploration.
  return { traces, scenario: { setup, threads, outcome: () => '' } }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1)
}

/** @explore lock words[at] */
function lock(words: Int32Array, at: number): void {
  while (Atomics.compareExchange(words, at, 0, 1) !== 0);
}

/** @explore unlock words[at] */
function unlock(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0)
}

/**
 * One thread looks for the last zero of an array, each other one sets an element to its neighbour's value and one more.
 */
export function lastzero(n: number): Classic {
  return classic((n + 3) * 2 ** (n - 2), [
    (words) => {
      let i = n
      while (Atomics.load(words, i) !== 0) i--
    },
    ...range(1, n).map(
      (j): Thread =>
        (words) => {
          Atomics.store(words, j, Atomics.load(words, j - 1) + 1)
        },
    ),
  ])
}

/** One thread writes, the others read. */
export function readers(n: number): Classic {
  return classic(2 ** n, [
    (words) => {
      Atomics.store(words, 0, 42)
    },
    ...range(1, n).map(
      (): Thread => (words) => {
        Atomics.load(words, 0)
      },
    ),
  ])
}

/** Pairs of threads that want one lock each, of which one takes a common lock first. */
export function spat(k: number): Classic {
  return classic(
    2 ** k * factorial(k),
    range(1, k).flatMap((own): Thread[] => [
      (words) => {
        lock(words, own)
        unlock(words, own)
      },
      (words) => {
        lock(words, 0)
        lock(words, own)
        unlock(words, own)
        unlock(words, 0)
      },
    ]),
  )
}

/** All add one under a lock. */
export function lockinc(n: number): Classic {
  return classic(
    factorial(n),
    range(1, n).map(
      (): Thread => (words) => {
        lock(words, 0)
        Atomics.add(words, 1, 1)
        unlock(words, 0)
      },
    ),
  )
}
