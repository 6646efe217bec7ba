/**
 * Loads an object file: programs, maps, global data, license, lines. All of it, or nothing and one sentence.
 *
 *     const object = loadBpfObject(readFileSync('counter.bpf.o'), 'counter.bpf.o')
 *     object.programs.map(({ name, type }) => `${name} ${type}`)
 */

import type { BpfObject } from '../object.ts'
import { debugInfo } from './debug-info.ts'
import { type Elf, type ElfRelocation, type ElfSection, readElf } from './elf.ts'
import { fileTypes } from './file-types.ts'
import { type BpfFunction, functionsOf } from './functions.ts'
import { globalData } from './global-data.ts'
import { link, TEXT } from './link.ts'
import { mapDefinitions } from './map-definitions.ts'
import { BpfObjectError, type Fault } from './object-error.ts'
import { programKind } from './section-names.ts'

const INSTRUCTION = 8
/** Instructions of all programs together: each has its own copy of what it calls. */
const MOST_TOGETHER = 4_000_000

/**
 * The object in the bytes of the file `fileName`. Throws BpfObjectError, one sentence, for a file that is no BPF
 * object, is damaged, or asks for what is not here: then nothing of it is loaded.
 */
export function loadBpfObject(bytes: Uint8Array, fileName: string): BpfObject {
  const fault: Fault = (sentence) => new BpfObjectError(fileName, sentence)
  const elf = readElf(bytes, fault)
  const types = fileTypes(elf, fault)
  const functions = functionsOf(elf, fault)
  const begun = functions.all.filter(({ section }) => section.name !== TEXT)
  // Functions of no program at all: say so as of a section that says no type.
  const mains = begun.length > 0 ? begun : functions.all
  // First of all, since what such programs use is mostly not here either.
  for (const { section } of mains) programKind(section.name, fault)
  const maps = mapDefinitions(elf, types, fault)
  const globals = globalData(elf, types, fault)
  const debug = debugInfo(elf, types, fault)
  const file = { elf, types, functions, maps, globals, debug, relocations: relocationsBy(elf, fault), fault }
  let together = 0
  const programs = mains.map((main) => {
    const program = link(file, main)
    together += program.code.length / INSTRUCTION
    if (together > MOST_TOGETHER)
      throw fault(`program ${main.name}: got more than ${MOST_TOGETHER} instructions in all programs up to it`)
    return program
  })
  return {
    name: fileName.replace(/^.*\//, '').replace(/(\.bpf)?\.o$/, ''),
    license: licenseOf(elf, fault),
    programs,
    maps: [...maps.map(({ map }) => map), ...globals.values()],
  }
}

/** Finds the relocations of functions, each section's table read once. */
function relocationsBy(elf: Elf, fault: Fault): (of: BpfFunction) => ReadonlyMap<number, ElfRelocation> {
  const bySection = new Map<ElfSection, ReadonlyMap<number, ElfRelocation>>()
  return ({ section, begin, end }) => {
    let known = bySection.get(section)
    if (known === undefined) {
      known = new Map(
        elf.relocationsOf(section).map((relocation) => {
          const at = relocation.offset / INSTRUCTION
          if (!Number.isInteger(at))
            throw fault(
              `section ${section.name}: got a relocation at byte ${relocation.offset}, expected an instruction`,
            )
          return [at, relocation]
        }),
      )
      bySection.set(section, known)
    }
    const own = new Map<number, ElfRelocation>()
    for (let i = begin; i < end; i++) {
      const relocation = known.get(i)
      if (relocation !== undefined) own.set(i - begin, relocation)
    }
    return own
  }
}

function licenseOf(elf: Elf, fault: Fault): string {
  const section = elf.sections.find(({ name }) => name === 'license')
  if (section === undefined) return ''
  const end = section.data.indexOf(0)
  if (end < 0) throw fault('section license: got a text without end, expected a NUL behind it')
  return new TextDecoder().decode(section.data.subarray(0, end))
}
