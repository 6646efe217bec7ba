/**
 * The functions of a file: where each begins and ends in its section.
 */

import type { Elf, ElfSection } from './elf.ts'
import { SHT, STB_LOCAL, STT } from './elf.ts'
import type { Fault } from './object-error.ts'

/** Instructions `begin` to `end` of a section. */
export interface BpfFunction {
  readonly name: string
  readonly section: ElfSection
  readonly begin: number
  readonly end: number
  readonly isStatic: boolean
}

/** The functions of all sections with instructions, those of a section in their order. */
export interface Functions {
  readonly all: readonly BpfFunction[]
  /** The function that begins at an instruction of a section. */
  at(section: number, instruction: number): BpfFunction | undefined
}

const INSTRUCTION = 8

/** Finds them. Throws `fault` for functions that are not whole, or share instructions. */
export function functionsOf(elf: Elf, fault: Fault): Functions {
  const all = elf.sections
    .filter(({ type, executable, size }) => type === SHT.progbits && executable && size > 0)
    .flatMap((section) => inSection(elf, section, fault))
  const places = new Map(all.map((found) => [`${found.section.index}:${found.begin}`, found]))
  return { all, at: (section, instruction) => places.get(`${section}:${instruction}`) }
}

function inSection(elf: Elf, section: ElfSection, fault: Fault): readonly BpfFunction[] {
  const { name: of, size } = section
  if (size % INSTRUCTION !== 0) throw fault(`section ${of}: got ${size} bytes, expected instructions of 8 bytes each`)
  const found = elf.symbols
    .filter(({ type, section: index }) => type === STT.func && index === section.index)
    .map(({ name, value, size, binding }): BpfFunction => {
      const [begin, end] = [value / INSTRUCTION, (value + size) / INSTRUCTION]
      if (!Number.isInteger(begin) || !Number.isInteger(end) || size === 0)
        throw fault(`function ${name}: got ${size} bytes at ${value}, expected whole instructions of 8 bytes`)
      return { name, section, begin, end, isStatic: binding === STB_LOCAL }
    })
    .sort((a, b) => a.begin - b.begin)
  if (found.length === 0) throw fault(`section ${of}: got instructions without a function, expected one`)
  let last = 0
  for (const { name, begin, end } of found) {
    if (begin < last) throw fault(`function ${name}: got it inside another of section ${of}, expected it by itself`)
    if (end * INSTRUCTION > size)
      throw fault(`function ${name}: got it up to byte ${end * INSTRUCTION} of ${size} in ${of}`)
    last = end
  }
  return found
}
