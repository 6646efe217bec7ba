/**
 * Makes a function into a program: what it calls is put behind it, in the order of the calls, and what it names is
 * found. Libbpf does it in the same way, so that instructions have the numbers that the kernel's messages say.
 */

import type { BpfLine, BpfMapDefinition, BpfMapUse, BpfProgram } from '../object.ts'
import type { DebugInfo } from './debug-info.ts'
import type { Elf, ElfRelocation, ElfSymbol } from './elf.ts'
import type { FileTypes } from './file-types.ts'
import type { BpfFunction, Functions } from './functions.ts'
import { checkKernelTypes } from './kernel-types.ts'
import type { PlacedMap } from './map-definitions.ts'
import { MAPS } from './map-definitions.ts'
import type { Fault } from './object-error.ts'
import { programKind } from './section-names.ts'

/** All of a file that programs refer to. */
export interface File {
  readonly elf: Elf
  readonly types: FileTypes | undefined
  readonly functions: Functions
  readonly maps: readonly PlacedMap[]
  /** Maps of global data, by the index of their section. */
  readonly globals: ReadonlyMap<number, BpfMapDefinition>
  readonly debug: DebugInfo
  /** The relocations in a function, by instruction from its first on. */
  relocations(of: BpfFunction): ReadonlyMap<number, ElfRelocation>
  readonly fault: Fault
}

const INSTRUCTION = 8
/** Source: BPF_COMPLEXITY_LIMIT_INSNS. */
const MOST_INSTRUCTIONS = 1_000_000
const LDDW = 0x18
const CALL = 0x85
/** What the source register of a lddw says that it loads. */
const PSEUDO_MAP = 1
const PSEUDO_MAP_VALUE = 2
/** What the source register of a call says that it calls: one of the program's own functions. */
const PSEUDO_CALL = 1
/** R_BPF_64_64 and R_BPF_64_32. */
const RELOCATION = { lddw: 1, call: 10 } as const

/** A function in its place in a program, and how far it was gone through. */
interface Placed {
  readonly of: BpfFunction
  /** Its first instruction in the program. */
  readonly start: number
  /** Its own copy of its instructions. */
  readonly code: DataView
  readonly relocations: ReadonlyMap<number, ElfRelocation>
  /** The next instruction, from 0. */
  next: number
}

/** A program while it grows. */
interface Growing {
  readonly file: File
  readonly program: BpfFunction
  readonly placed: Map<BpfFunction, Placed>
  length: number
  readonly maps: BpfMapUse[]
  readonly lines: BpfLine[]
}

/** The section of functions that are none by themselves. */
export const TEXT = '.text'

/** The program that a function is. Throws the file's fault for what it can't be. */
export function link(file: File, program: BpfFunction): BpfProgram {
  const { section, name } = program
  const kind = programKind(section.name, file.fault)
  if (program.isStatic)
    throw file.fault(`program ${name}: got a static function in section ${section.name}, expected a global one`)
  const growing: Growing = { file, program, placed: new Map(), length: 0, maps: [], lines: [] }
  // Depth first, without recursion: a damaged file may have more functions than the stack has room for.
  const under = [append(growing, program)]
  for (let top = under.at(-1); top !== undefined; top = under.at(-1)) {
    const called = goThrough(growing, top)
    if (called === undefined) under.pop()
    else under.push(append(growing, called))
  }
  const code = new Uint8Array(growing.length * INSTRUCTION)
  for (const { start, code: part } of growing.placed.values())
    code.set(new Uint8Array(part.buffer), start * INSTRUCTION)
  const functions = [...growing.placed.values()].map(({ of, start }) => ({ at: start, name: of.name }))
  const maps = growing.maps.sort((a, b) => a.at - b.at)
  return { name, section: section.name, ...kind, code, maps, lines: growing.lines, functions }
}

/** Puts a function's instructions and lines behind what there is. */
function append(growing: Growing, added: BpfFunction): Placed {
  const { file, program } = growing
  const { section, begin, end, name } = added
  checkKernelTypes(file.debug.relocations.get(section.name) ?? [], added, file.types, file.fault)
  const start = growing.length
  growing.length += end - begin
  if (growing.length > MOST_INSTRUCTIONS)
    throw file.fault(
      `program ${program.name}: got ${growing.length} instructions with ${name}, expected at most a million`,
    )
  // Line 0 is none: the one before goes on.
  for (const line of file.debug.lines.get(section.name) ?? [])
    if (line.at >= begin && line.at < end && line.line > 0) growing.lines.push({ ...line, at: line.at - begin + start })
  const code = new DataView(section.data.slice(begin * INSTRUCTION, end * INSTRUCTION).buffer)
  const placed = { of: added, start, code, relocations: file.relocations(added), next: 0 }
  growing.placed.set(added, placed)
  return placed
}

/** Goes through a function's instructions, up to a call of one that has no place yet: that one, or undefined. */
function goThrough(growing: Growing, here: Placed): BpfFunction | undefined {
  const { code, relocations } = here
  const length = code.byteLength / INSTRUCTION
  while (here.next < length) {
    const i = here.next
    const opcode = code.getUint8(i * INSTRUCTION)
    const relocation = relocations.get(i)
    if (relocation !== undefined) checkRelocation(growing, here, opcode, relocation)
    if (opcode === LDDW) {
      nameMap(growing, here, relocation)
      here.next += 2
      continue
    }
    if (opcode === CALL && source(code, i) !== 0) {
      const callee = calleeOf(growing, here, relocation)
      const place = growing.placed.get(callee)
      // Once it has its place the call is looked at again.
      if (place === undefined) return callee
      code.setInt32(i * INSTRUCTION + 4, place.start - (here.start + i) - 1, true)
    }
    here.next++
  }
  return undefined
}

function source(code: DataView, i: number): number {
  return code.getUint8(i * INSTRUCTION + 1) >> 4
}

/** Where a sentence about an instruction begins. */
function whereIn({ program, file }: Growing, { of, next }: Placed): string {
  const at = of.begin + next
  const line = (file.debug.lines.get(of.section.name) ?? []).findLast((line) => line.at <= at && line.at >= of.begin)
  const place = line === undefined ? '' : `, ${line.file}:${line.line}`
  return `program ${program.name}, instruction ${next} of ${of.name}${place}`
}

function checkRelocation(growing: Growing, here: Placed, opcode: number, { type, symbol }: ElfRelocation): void {
  const expected = opcode === LDDW ? RELOCATION.lddw : opcode === CALL ? RELOCATION.call : undefined
  if (type === expected) return
  throw growing.file.fault(
    `${whereIn(growing, here)}: got relocation ${type} against ${symbol.name} at opcode 0x${opcode.toString(16)}, expected ${RELOCATION.lddw} at a lddw or ${RELOCATION.call} at a call`,
  )
}

/** A lddw that loads the address of a map, or of a global variable. */
function nameMap(growing: Growing, here: Placed, relocation: ElfRelocation | undefined): void {
  const { file } = growing
  const { code, next, start } = here
  const at = next * INSTRUCTION
  if (at + 2 * INSTRUCTION > code.byteLength)
    throw file.fault(`${whereIn(growing, here)}: got a lddw of one slot, expected two before the function ends`)
  if (relocation === undefined) {
    const pseudo = source(code, next)
    if (pseudo !== 0)
      throw file.fault(
        `${whereIn(growing, here)}: got a lddw of kind ${pseudo} without relocation, expected one to say of what`,
      )
    return
  }
  const { symbol } = relocation
  const addend = code.getInt32(at + 4, true)
  const found = mapBehind(file, symbol, addend)
  if (typeof found === 'string') throw file.fault(`${whereIn(growing, here)}: ${found}`)
  // The kernel has a descriptor in the first immediate, and the offset in the second.
  code.setUint8(
    at + 1,
    (code.getUint8(at + 1) & 15) | ((found.offset === undefined ? PSEUDO_MAP : PSEUDO_MAP_VALUE) << 4),
  )
  code.setInt32(at + 4, 0, true)
  code.setInt32(at + INSTRUCTION + 4, found.offset ?? 0, true)
  growing.maps.push({ at: start + next, ...found })
}

/** What a symbol and an addend name, or what is wrong with them. */
function mapBehind(file: File, symbol: ElfSymbol, addend: number): { map: string; offset?: number } | string {
  const section = file.elf.sections[symbol.section]
  if (symbol.section === 0 || section === undefined)
    return `got ${symbol.name}, which is not in this file: variables of the kernel and its configuration are not supported here`
  const offset = symbol.value + addend
  if (section.name === MAPS) {
    const placed = file.maps.find((placed) => placed.offset === offset)
    return placed === undefined
      ? `got byte ${offset} of section .maps, expected the beginning of a map`
      : { map: placed.map.name }
  }
  const global = file.globals.get(symbol.section)
  if (global !== undefined)
    return offset >= 0 && offset < global.valueSize
      ? { map: global.name, offset }
      : `got byte ${offset} of section ${section.name}, expected one of its ${global.valueSize} bytes`
  if (section.executable) return `got the address of ${symbol.name}: callbacks are not supported here`
  return `got the address of ${symbol.name} in section ${section.name}, expected a map or a global variable`
}

/** The function that a call goes to. */
function calleeOf(growing: Growing, here: Placed, relocation: ElfRelocation | undefined): BpfFunction {
  const { file } = growing
  const { code, next, of } = here
  const kind = source(code, next)
  if (kind !== PSEUDO_CALL) {
    const what = relocation === undefined ? '' : ` of ${relocation.symbol.name}`
    throw file.fault(
      `${whereIn(growing, here)}: got a call${what} of kind ${kind}: functions of the kernel (kfuncs) are not supported here`,
    )
  }
  const imm = code.getInt32(next * INSTRUCTION + 4, true)
  if (relocation === undefined) {
    const found = file.functions.at(of.section.index, of.begin + next + imm + 1)
    if (found !== undefined) return found
    throw file.fault(
      `${whereIn(growing, here)}: got a call to instruction ${of.begin + next + imm + 1} of section ${of.section.name}, expected the beginning of a function`,
    )
  }
  const { symbol } = relocation
  if (symbol.section === 0)
    throw file.fault(
      `${whereIn(growing, here)}: got a call of ${symbol.name}, which is not in this file: functions of the kernel (kfuncs) are not supported here`,
    )
  const section = file.elf.sections[symbol.section]
  if (section?.name !== TEXT)
    throw file.fault(
      `${whereIn(growing, here)}: got a call of ${symbol.name} in section ${section?.name ?? symbol.section}, expected one of a function in .text`,
    )
  const found = file.functions.at(symbol.section, symbol.value / INSTRUCTION + imm + 1)
  if (found !== undefined) return found
  throw file.fault(
    `${whereIn(growing, here)}: got a call of ${symbol.name} and ${imm + 1} more, expected the beginning of a function`,
  )
}
