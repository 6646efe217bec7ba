/**
 * Assignments that nobody reads: of most registers only one half is in use, and of many numbers none of it. V8 would
 * drop them too, but counts them when it decides what it inlines.
 *
 * It is done on the text of instructions, which is a row of plain assignments behind each other. What is something else
 * is kept, and taken to read all that it names.
 */

import { type FunctionRange, successors } from '../isa/flow.ts'
import type { Instruction } from '../isa/instruction.ts'

/** One statement of an instruction's text. */
interface Part {
  readonly text: string
  /** The variable that it sets, as a bit; 0 for others. */
  readonly sets: number
  /** It does nothing besides. */
  readonly plain: boolean
  /** The variables that it reads. */
  readonly reads: number
}

const VARIABLE = /\b(?:r(\d+)([lh])|([xyz]))\b/g
const ASSIGNMENT = /^(r\d+[lh]|[xyz]) ([|&^]|<<)?= (.+)$/
/** Calls, and elements of arrays that others see: an access is not left out, whoever reads what it gave. */
const VISIBLE = /\w\(|\b(?!stack)\w+\[/

function bitsOf(text: string): number {
  let bits = 0
  for (const [, n, half, free] of text.matchAll(VARIABLE))
    bits |= 1 << (free === undefined ? 2 * Number(n) + (half === 'h' ? 1 : 0) : 22 + 'xyz'.indexOf(free))
  return bits
}

function partOf(text: string): Part {
  const [, to, operator, value] = ASSIGNMENT.exec(text) ?? []
  if (to === undefined) return { text, sets: 0, plain: false, reads: bitsOf(text) }
  const own = bitsOf(to)
  const reads = bitsOf(value) | (operator === undefined ? 0 : own)
  return { text, sets: own, plain: !VISIBLE.test(value), reads }
}

/** What is an `if` is one part: what it sets it may not have set. */
function partsOf(text: string): readonly Part[] {
  if (text === '') return []
  if (/\bif \(|[{}]/.test(text)) return [{ text, sets: 0, plain: false, reads: bitsOf(text) }]
  return text.split('; ').map(partOf)
}

/**
 * What is read from `parts` on, if `after` is read behind them. `keep` is told which of them are needed, last first.
 */
function liveBefore(parts: readonly Part[], after: number, keep?: (text: string) => void): number {
  let live = after
  for (let i = parts.length - 1; i >= 0; i--) {
    const { text, sets, plain, reads } = parts[i]
    if (plain && (live & sets) === 0) continue
    live = (live & ~sets) | reads
    keep?.(text)
  }
  return live
}

/**
 * Leaves out of the texts of a function's instructions, by slot, what nobody reads. Returns the names that are read
 * before they are set: at the function's beginning.
 */
export function dropDeadHalves(
  instructions: readonly (Instruction | undefined)[],
  { from, to }: FunctionRange,
  texts: Map<number, string>,
): (name: string) => boolean {
  const parts = new Map([...texts].map(([at, text]) => [at, partsOf(text)]))
  const live = new Int32Array(to - from)
  const next = new Map([...parts.keys()].map((at) => [at, successors(instructions[at]!).filter((each) => each < to)]))
  const after = (at: number): number => {
    let bits = 0
    for (const each of next.get(at)!) bits |= live[each - from]
    return bits
  }
  for (let changed = true; changed; ) {
    changed = false
    for (let at = to - 1; at >= from; at--) {
      const own = parts.get(at)
      if (own === undefined) continue
      const bits = liveBefore(own, after(at))
      changed ||= bits !== live[at - from]
      live[at - from] = bits
    }
  }
  for (const [at, own] of parts) {
    const kept: string[] = []
    liveBefore(own, after(at), (text) => kept.unshift(text))
    texts.set(at, kept.join('; '))
  }
  return (name) => (live[0] & bitsOf(name)) !== 0
}
