/**
 * Compares what the kernel answered to a sequence with what our machine answers, command by command.
 */

import { KNOWN_DIFFERENCES, type Scene, target } from './known.ts'
import { createOurs } from './ours.ts'
import { type Sizes, withLimit } from './sizes.ts'

export interface Divergence {
  /** Index of the command; the number of commands for what is wrong when all is closed. */
  readonly at: number
  readonly line: string
  readonly kernel: string
  readonly ours: string
}

export interface Verdict {
  /** The first difference that no row of the table explains. */
  readonly divergence: Divergence | undefined
  /** How often each row of the table explained one. */
  readonly known: ReadonlyMap<string, number>
}

/** Replays a sequence on a machine of ours against the kernel's answers. */
export function judge(lines: readonly string[], answers: readonly string[], sizes: Sizes): Verdict {
  const machine = createOurs()
  const known = new Map<string, number>()
  const omem = new Map<string, number>()
  let kernelLimit = 131072
  for (const [at, line] of lines.entries()) {
    const words = line.split(' ')
    const aim = target(words)
    const old = aim && machine.peek(...aim)
    const had = aim === undefined ? [] : machine.valueSizes(aim[1])
    const kernel = answers[at]
    let ours: string
    try {
      ours = machine.run(line)
    } catch (error) {
      ours = `throws ${error}`
    }
    if (normal(ours) !== normal(kernel)) {
      const kernelOmem = (aim && omem.get(aim[1])) ?? 0
      const scene: Scene = { words, line, kernel, ours, machine, sizes, kernelLimit, kernelOmem, old, had }
      const row = KNOWN_DIFFERENCES.find((row) => row.explains(scene))
      if (row === undefined) return { divergence: { at, line, kernel, ours }, known }
      known.set(row.id, (known.get(row.id) ?? 0) + 1)
    }
    if (kernel.startsWith('ok')) {
      if (words[0] === 'omem') omem.set(words[1], Number(kernel.slice(3)))
      if (words[0] === 'limit' || words[0] === 'optmem') kernelLimit = Number(withLimit(line, sizes).split(' ')[1])
    }
  }
  const wrong = machine.finish()
  if (wrong.length === 0) return { divergence: undefined, known }
  return { divergence: { at: lines.length, line: 'end', kernel: 'ok', ours: wrong.join('; ') }, known }
}

/** Answers that list sockets do so in any order, and so do their storages. */
function normal(answer: string): string {
  const [first, ...rest] = answer.split(' ')
  if (first !== 'dump' && !rest.some((entry) => entry.includes('='))) return answer
  return [first, ...rest.map((entry) => entry.split(',').sort().join(',')).sort()].join(' ')
}
