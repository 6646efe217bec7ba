/**
 * The jumps of one function as JavaScript can say them: forward jumps break out of labelled blocks, backward ones
 * continue loops. Where loops are entered in the middle, a switch in an endless loop goes wherever it is told.
 */

import { isConditional, isGoto, targetOf } from '../isa/flow.ts'
import { type Instruction, slotsOf } from '../isa/instruction.ts'

/** How to get from an instruction to its target, and what is printed before each instruction. */
export interface Structure {
  /** What goes to the slot `to` from the slot `from`. */
  jump(from: number, to: number): string
  /** Lines before the instruction in this slot, or before the end. */
  before(at: number): readonly string[]
  /** Lines at the end of the function. */
  readonly after: readonly string[]
}

interface Edge {
  readonly from: number
  readonly to: number
}

interface Loop {
  readonly head: number
  end: number
}

/** Deeper than this, labelled blocks are left to the switch: parsers recurse. */
const MOST_LABELS = 400

/** The structure of the function in the slots `from` up to, not including, `to`. */
export function structureOf(instructions: readonly (Instruction | undefined)[], from: number, to: number): Structure {
  const edges: Edge[] = []
  for (let at = from; at < to; at++) {
    const insn = instructions[at]
    if (insn !== undefined && (isConditional(insn) || isGoto(insn))) edges.push({ from: at, to: targetOf(insn) })
  }
  const loops = loopsOf(edges, instructions)
  const labels = [...new Set(edges.filter((edge) => edge.to > edge.from).map((edge) => edge.to))].sort((a, b) => a - b)
  const enters = edges.some((edge) =>
    loops.some(({ head, end }) => edge.to > head && edge.to < end && !(edge.from >= head && edge.from < end)),
  )
  if (enters || labels.length > MOST_LABELS) return dispatcher(edges, from)
  return blocks(loops, labels, from)
}

/** Loops by their heads; those that overlap are made to lie in each other. */
function loopsOf(edges: readonly Edge[], instructions: readonly (Instruction | undefined)[]): Loop[] {
  const ends = new Map<number, number>()
  for (const edge of edges) {
    if (edge.to > edge.from) continue
    const end = edge.from + slotsOf(instructions[edge.from]!)
    ends.set(edge.to, Math.max(ends.get(edge.to) ?? 0, end))
  }
  const loops = [...ends].map(([head, end]) => ({ head, end })).sort((a, b) => a.head - b.head)
  for (let changed = true; changed; ) {
    changed = false
    for (const outer of loops)
      for (const inner of loops) {
        if (!(inner.head > outer.head && inner.head < outer.end && inner.end > outer.end)) continue
        outer.end = inner.end
        changed = true
      }
  }
  return loops
}

function blocks(loops: readonly Loop[], labels: readonly number[], from: number): Structure {
  /** The head of the innermost loop that a label closes in, or undefined. */
  const home = (label: number): number | undefined => {
    const around = loops.filter(({ head, end }) => label > head && label < end)
    return around.length === 0 ? undefined : around[around.length - 1].head
  }
  const homes = new Map(labels.map((label) => [label, home(label)]))
  const opened = (head: number | undefined): string[] =>
    labels
      .filter((label) => homes.get(label) === head)
      .reverse()
      .map((label) => `L${label}: {`)
  const isLabel = new Set(labels)
  return {
    jump: (at, to) => (to > at ? `break L${to}` : `continue H${to}`),
    before(at) {
      const lines: string[] = []
      for (const { head } of loops.filter((loop) => loop.end === at).reverse()) lines.push(`break H${head}`, '}')
      if (isLabel.has(at)) lines.push('}')
      if (at === from) lines.push(...opened(undefined))
      if (loops.some((loop) => loop.head === at)) lines.push(`H${at}: for (;;) {`, ...opened(at))
      return lines
    },
    after: [],
  }
}

function dispatcher(edges: readonly Edge[], from: number): Structure {
  const targets = new Set(edges.map((edge) => edge.to))
  return {
    jump: (_, to) => `{ pc = ${to}; continue D }`,
    before(at) {
      if (at === from) return [`let pc = ${from}`, 'D: for (;;) switch (pc) {', `case ${from}:`]
      return targets.has(at) ? [`case ${at}:`] : []
    },
    after: ['}'],
  }
}
