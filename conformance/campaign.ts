/**
 * Runs sequences on the kernel and on our machine, and shrinks the first that differs.
 */

import fc from 'fast-check'
import { type Divergence, judge } from './judge.ts'
import type { Kernel } from './kernel.ts'
import { sequence } from './sequences.ts'
import { spell } from './spell.ts'

export interface Report {
  /** Sequences and commands that were compared, those of shrinking aside. */
  readonly sequences: number
  readonly commands: number
  /** How often each known difference was met. */
  readonly known: ReadonlyMap<string, number>
  /** The shrunk sequence that differs, and where. */
  readonly found: { readonly lines: readonly string[]; readonly divergence: Divergence } | undefined
  /** Which commands gave which answers, how often: 'update err 17'. */
  readonly answers: ReadonlyMap<string, number>
}

export interface CampaignOptions {
  readonly runs: number
  readonly seed: number
  /** What is played: commands on sk storage unless given. */
  readonly sequences?: fc.Arbitrary<readonly string[]>
  /** Called after each sequence. */
  readonly onProgress?: (sequences: number) => void
}

/** What the kernel answers to a sequence, with everything closed behind it. */
export async function askAlone(kernel: Kernel, lines: readonly string[]): Promise<string[]> {
  return (await kernel.ask([...lines, 'reset'])).slice(0, -1)
}

/** Runs `runs` sequences, or fewer if one differs. */
export async function campaign(kernel: Kernel, options: CampaignOptions): Promise<Report> {
  const { runs, seed, onProgress, sequences: played = sequence.map(spell) } = options
  let sequences = 0
  let commands = 0
  const known = new Map<string, number>()
  const answers = new Map<string, number>()
  let found: Report['found']
  const property = fc.asyncProperty(played, async (all) => {
    const lines = all.filter((line) => kernel.answers([line]))
    const kernels = await askAlone(kernel, lines)
    const verdict = judge(lines, kernels, kernel.sizes)
    if (verdict.divergence !== undefined) {
      found = { lines: lines.slice(0, verdict.divergence.at + 1), divergence: verdict.divergence }
      throw new Error('divergence')
    }
    if (found !== undefined) return
    sequences++
    commands += lines.length
    for (const [id, times] of verdict.known) known.set(id, (known.get(id) ?? 0) + times)
    for (const [i, line] of lines.entries()) {
      const [first, second] = kernels[i].split(' ')
      const answer = `${line.split(' ')[0]} ${first === 'err' ? `err ${second}` : second === 'null' ? 'null' : 'ok'}`
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
    onProgress?.(sequences)
  })
  const result = await fc.check(property, { numRuns: runs, seed })
  if (result.failed && found === undefined) throw result.errorInstance ?? new Error('the campaign failed')
  return { sequences, commands, known, found, answers }
}
