/**
 * A file's BTF, with the sizes and offsets of its data sections, which compilers leave 0 and the kernel refuses so.
 */

import { emitBtf } from '../../shared/btf/emit.ts'
import { parseBtf } from '../../shared/btf/parse.ts'
import { type Btf, type BtfDataSection, btfType } from '../../shared/btf/record.ts'
import type { Elf, ElfSection } from './elf.ts'
import type { Fault } from './object-error.ts'

/** The types, and as bytes that the kernel would take. */
export interface FileTypes {
  readonly btf: Btf
  readonly bytes: Uint8Array
  /** The names' section as the file has it: lines refer to it. */
  readonly strings: Uint8Array
}

const STATIC = 0

/** The types in `.BTF`; undefined for a file without. Throws `fault` for bytes that are no BTF. */
export function fileTypes(elf: Elf, fault: Fault): FileTypes | undefined {
  const section = elf.sections.find(({ name }) => name === '.BTF')
  if (section === undefined) return undefined
  try {
    const raw = parseBtf(section.data)
    const types = raw.types.map((type) => (type.kind === 'data-section' ? filled(elf, raw, type, fault) : type))
    return { btf: { types }, bytes: emitBtf({ types }), strings: stringsOf(section) }
  } catch (error) {
    // What parseBtf and emitBtf throw says it in a sentence, without the file's name.
    if (error instanceof TypeError || error instanceof RangeError) throw fault(`section .BTF: ${error.message}`)
    throw error
  }
}

/** parseBtf has looked at the header. */
function stringsOf({ data }: ElfSection): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const at = view.getUint32(4, true) + view.getUint32(16, true)
  return data.subarray(at, at + view.getUint32(20, true))
}

function filled(elf: Elf, btf: Btf, type: BtfDataSection, fault: Fault): BtfDataSection {
  const { name } = type
  const section = elf.sections.find((section) => section.name === name)
  // Of what the kernel is to give (.ksyms, .kconfig) there is no section: whoever uses it is refused there.
  if (section === undefined) return type
  const places = new Map(
    elf.symbols.filter((symbol) => symbol.section === section.index).map((symbol) => [symbol.name, symbol.value]),
  )
  const variables = type.variables.map((entry) => {
    const variable = btfType(btf, entry.type)
    if (variable?.kind !== 'variable')
      throw fault(`section ${name}: got type ${entry.type} in BTF, expected a variable`)
    // Of what only this file sees the compiler knows the offset.
    const offset = places.get(variable.name) ?? (variable.linkage === STATIC ? entry.offset : undefined)
    if (offset === undefined) throw fault(`section ${name}: got no symbol ${variable.name}, expected one as BTF has it`)
    if (offset + entry.size > section.size)
      throw fault(`section ${name}: got ${variable.name} at ${offset}, expected it inside ${section.size} bytes`)
    return { ...entry, offset }
  })
  return { ...type, size: section.size, variables: variables.sort((a, b) => a.offset - b.offset) }
}
