/**
 * SURW: the operations on one shared word, drawn for each execution, are interleaved uniformly, by how many of them
 * each thread has left; the rest goes at random. Zhao and others, ASPLOS 2025.
 */
import { below, fraction, type Random } from '../../random/random.ts'
import type { Measured } from './measured.ts'
import type { Sampler, Stage } from './sampler.ts'

export function createSurw(stage: Stage, measured: Measured): Sampler {
  let random: Random
  let word = -1
  /** By thread: how many of its operations on the word are still to come. */
  let left: number[] = []
  /** The thread whose operation on the word is next; -1: none is to come. */
  let intended = -1
  const intend = () => {
    let sum = 0
    for (const count of left) sum += count ?? 0
    intended = -1
    let at = fraction(random) * sum
    left.forEach((count, t) => {
      if (intended < 0 && (at -= count ?? 0) < 0) intended = t
    })
  }
  const onWord = (t: number) => stage.nextWord(t) === word
  return {
    begin(its) {
      random = its
      const words = [...measured.perWord.keys()]
      word = words.length === 0 ? -1 : words[below(random, words.length)]
      left = [...(measured.perWord.get(word) ?? [])]
      intend()
    },
    choose(enabled) {
      const free = enabled.filter((t) => !onWord(t) || t === intended)
      const among = free.length > 0 ? free : enabled
      return among[below(random, among.length)]
    },
    stepped(i) {
      if (stage.wordOf(i) !== word) return
      const t = stage.threadOf(i)
      left[t] = Math.max(0, (left[t] ?? 0) - 1)
      intend()
    },
  }
}
