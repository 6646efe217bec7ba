/**
 * ELF of 64 bits, little-endian, for the machine BPF: sections, symbols, relocations, and no more than that.
 *
 * Every offset and size is checked against the file before anything is read or made from it. Source: elf(5).
 */

import type { Fault } from './object-error.ts'

/** sh_type, as far as they matter here. */
export const SHT = { progbits: 1, symtab: 2, strtab: 3, nobits: 8, rel: 9 } as const
/** Bit of sh_flags: holds instructions. */
const SHF_EXECINSTR = 4
/** st_info's type. */
export const STT = { object: 1, func: 2, section: 3 } as const
/** st_info's binding of a symbol that only its own file sees. */
export const STB_LOCAL = 0

const HEADER_SIZE = 64
const SECTION_SIZE = 64
const SYMBOL_SIZE = 24
const RELOCATION_SIZE = 16
const EM_BPF = 247
const ET_REL = 1
/** Bytes of the longest name; a damaged file could make each of its sections' names as long as the file. */
const LONGEST_NAME = 1024

export interface ElfSection {
  readonly index: number
  readonly name: string
  /** One of SHT, or another. */
  readonly type: number
  readonly executable: boolean
  /** Bytes in memory; for NOBITS there are none of them in the file. */
  readonly size: number
  readonly link: number
  readonly info: number
  /** Empty for NOBITS. */
  readonly data: Uint8Array
}

export interface ElfSymbol {
  readonly name: string
  /** One of STT, or another. */
  readonly type: number
  /** STB_LOCAL, or another. */
  readonly binding: number
  /** Index of its section; 0 for one that is not in this file. */
  readonly section: number
  /** Where it begins in its section, in bytes. */
  readonly value: number
  readonly size: number
}

export interface ElfRelocation {
  /** Which byte of its section is to be changed. */
  readonly offset: number
  readonly type: number
  readonly symbol: ElfSymbol
}

export interface Elf {
  readonly sections: readonly ElfSection[]
  readonly symbols: readonly ElfSymbol[]
  /** The relocations of a section, in their order in the file. */
  relocationsOf(section: ElfSection): readonly ElfRelocation[]
}

/** A table in the file, and how to read its entries. */
interface Reader {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly fault: Fault
}

/** Reads a file. Throws `fault` for one that is no ELF of this kind. */
export function readElf(file: Uint8Array, fault: Fault): Elf {
  // A Buffer's slice would be no copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength)
  const reader: Reader = { bytes, view: viewOf(bytes), fault }
  checkHeader(reader)
  const sections = readSections(reader)
  const symtabs = sections.filter(({ type }) => type === SHT.symtab)
  if (symtabs.length > 1) throw fault(`got ${symtabs.length} symbol tables, expected one`)
  const symbols = symtabs.length === 0 ? [] : readSymbols(reader, sections, symtabs[0])
  const tables = new Map<number, ElfSection>()
  for (const section of sections) {
    if (section.type !== SHT.rel) continue
    if (tables.has(section.info))
      throw fault(`section ${section.info}: got ${section.name} beside other relocations, expected one table`)
    tables.set(section.info, section)
  }
  return {
    sections,
    symbols,
    relocationsOf({ index }) {
      const table = tables.get(index)
      return table === undefined ? [] : readRelocations(reader, table, symbols)
    },
  }
}

function checkHeader({ bytes, view, fault }: Reader): void {
  const magic = [0x7f, 0x45, 0x4c, 0x46]
  if (bytes.length < 4 || magic.some((byte, i) => bytes[i] !== byte)) {
    const begin = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    throw fault(
      `got a file that begins with ${begin || 'nothing'}, expected an ELF object, which begins with 7f 45 4c 46`,
    )
  }
  if (bytes.length < HEADER_SIZE) throw fault(`got ${bytes.length} bytes, expected at least the 64 of an ELF header`)
  if (bytes[4] !== 2) throw fault(`got ELF class ${bytes[4]}, expected 2, which is 64 bits`)
  if (bytes[5] !== 1)
    throw fault(`got ELF data encoding ${bytes[5]}, expected 1, which is little-endian (-target bpfel)`)
  const [type, machine] = [view.getUint16(16, true), view.getUint16(18, true)]
  if (machine !== EM_BPF) throw fault(`got machine ${machine}, expected ${EM_BPF}, which is BPF (clang -target bpf)`)
  if (type !== ET_REL) throw fault(`got ELF type ${type}, expected ${ET_REL}, which is an object file`)
}

/** A number of 64 bits that is an offset or size, as far as it can be one of this file. */
function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function readSections(reader: Reader): readonly ElfSection[] {
  const { bytes, view, fault } = reader
  const begin = wide(view, 40)
  const [entry, count, names] = [58, 60, 62].map((at) => view.getUint16(at, true)) as [number, number, number]
  if (entry !== SECTION_SIZE) throw fault(`got section headers of ${entry} bytes, expected ${SECTION_SIZE}`)
  if (begin + count * SECTION_SIZE > bytes.length)
    throw fault(`got ${count} section headers at ${begin}, expected them inside the file's ${bytes.length} bytes`)
  const raw = Array.from({ length: count }, (_, index) => {
    const at = begin + index * SECTION_SIZE
    const type = view.getUint32(at + 4, true)
    const [offset, size] = [wide(view, at + 24), wide(view, at + 32)]
    if (type !== SHT.nobits && type !== 0 && offset + size > bytes.length)
      throw fault(
        `section ${index}: got ${size} bytes at ${offset}, expected them inside the file's ${bytes.length} bytes`,
      )
    return {
      index,
      type,
      nameAt: view.getUint32(at, true),
      executable: (view.getUint32(at + 8, true) & SHF_EXECINSTR) !== 0,
      size,
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
      data: type === SHT.nobits || type === 0 ? new Uint8Array() : bytes.subarray(offset, offset + size),
    }
  })
  // They share no byte, so that whatever is made of them is of the file's size.
  const together = raw.reduce((sum, { data }) => sum + data.length, 0)
  if (together > bytes.length)
    throw fault(`got sections of ${together} bytes, expected at most the file's ${bytes.length}`)
  const table = raw[names]
  if (table?.type !== SHT.strtab) throw fault(`got section ${names} for the names of sections, expected a string table`)
  const sections = raw.map(({ nameAt, ...section }) => ({
    ...section,
    name: textAt(reader, table.data, nameAt, `section ${section.index}`),
  }))
  // All that is said of a section elsewhere in the file names it.
  const seen = new Set<string>()
  for (const { name, type } of sections) {
    if (type !== SHT.progbits && type !== SHT.nobits) continue
    if (seen.has(name)) throw fault(`section ${name}: got two of that name, expected one`)
    seen.add(name)
  }
  return sections
}

/** The NUL-terminated text at a place of a string table. */
function textAt({ fault }: Reader, table: Uint8Array, at: number, what: string): string {
  const text = table.subarray(at, at + LONGEST_NAME + 1)
  const length = text.indexOf(0)
  if (length < 0 && text.length > LONGEST_NAME)
    throw fault(`${what}: got a name of more than ${LONGEST_NAME} bytes at ${at}, expected at most as many`)
  if (length < 0) throw fault(`${what}: got a name at ${at}, expected one inside its string table`)
  return String.fromCharCode(...text.subarray(0, length))
}

function readSymbols(reader: Reader, sections: readonly ElfSection[], table: ElfSection): readonly ElfSymbol[] {
  const { fault } = reader
  const strings = sections[table.link]
  if (strings?.type !== SHT.strtab)
    throw fault(`${table.name}: got section ${table.link} for its names, expected a string table`)
  if (table.size % SYMBOL_SIZE !== 0)
    throw fault(`${table.name}: got ${table.size} bytes, expected a multiple of ${SYMBOL_SIZE}`)
  const view = viewOf(table.data)
  return Array.from({ length: table.size / SYMBOL_SIZE }, (_, i) => {
    const at = i * SYMBOL_SIZE
    const info = table.data[at + 4]
    const section = view.getUint16(at + 6, true)
    const type = info & 15
    const own = textAt(reader, strings.data, view.getUint32(at, true), `symbol ${i}`)
    // A section's symbol has no name of its own.
    const name = type === STT.section && own === '' ? (sections[section]?.name ?? '') : own
    return { name, type, binding: info >> 4, section, value: wide(view, at + 8), size: wide(view, at + 16) }
  })
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength)
}

function readRelocations(
  { fault }: Reader,
  { name, size, data }: ElfSection,
  symbols: readonly ElfSymbol[],
): readonly ElfRelocation[] {
  if (size % RELOCATION_SIZE !== 0) throw fault(`${name}: got ${size} bytes, expected a multiple of ${RELOCATION_SIZE}`)
  const view = viewOf(data)
  return Array.from({ length: size / RELOCATION_SIZE }, (_, i) => {
    const at = i * RELOCATION_SIZE
    const index = view.getUint32(at + 12, true)
    const symbol = symbols[index]
    if (symbol === undefined) throw fault(`${name}: got symbol ${index}, expected one of ${symbols.length}`)
    return { offset: wide(view, at), type: view.getUint32(at + 8, true), symbol }
  })
}
