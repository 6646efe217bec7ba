/**
 * `.BTF.ext`: which C line each instruction comes from, and what libbpf would have to fit to the running kernel.
 *
 * Model: struct btf_ext_header, struct bpf_line_info, struct bpf_core_relo.
 */

import type { Elf, ElfSection } from './elf.ts'
import type { FileTypes } from './file-types.ts'
import type { Fault } from './object-error.ts'

/** A line, and the instruction of its section that it begins at. */
export interface SectionLine {
  readonly at: number
  readonly file: string
  readonly line: number
  readonly column: number
  readonly source: string
}

/** An instruction whose constant depends on a type of the kernel. */
export interface CoreRelocation {
  readonly at: number
  readonly typeId: number
  /** Number of what is asked of the type; 0 is the offset of a field. */
  readonly kind: number
}

/** Both, by the section's name. */
export interface DebugInfo {
  readonly lines: ReadonlyMap<string, readonly SectionLine[]>
  readonly relocations: ReadonlyMap<string, readonly CoreRelocation[]>
}

const MAGIC = 0xeb9f
const INSTRUCTION = 8
/** Bytes of a record, as far as they are read; newer compilers may add more. */
const LINE_RECORD = 16
const RELOCATION_RECORD = 16

/** One kind of records: where they lie in the section. */
interface Table {
  readonly what: string
  readonly begin: number
  readonly size: number
  readonly least: number
}

/** What the sections of records hold. */
interface Source {
  readonly view: DataView
  readonly text: (at: number) => string
  readonly fault: Fault
}

/** Reads it; empty for a file that has none. Throws `fault`. */
export function debugInfo(elf: Elf, types: FileTypes | undefined, fault: Fault): DebugInfo {
  const section = elf.sections.find(({ name }) => name === '.BTF.ext')
  if (section === undefined) return { lines: new Map(), relocations: new Map() }
  if (types === undefined) throw fault('section .BTF.ext: got it without .BTF, expected both')
  const { data } = section
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (data.length < 24) throw fault(`section .BTF.ext: got ${data.length} bytes, expected a header of at least 24`)
  const magic = view.getUint16(0, true)
  if (magic !== MAGIC) throw fault(`section .BTF.ext: got magic number 0x${magic.toString(16)}, expected 0xeb9f`)
  const header = view.getUint32(4, true)
  const source: Source = { view, text: textsOf(types.strings, fault), fault }
  const sections = new Map(
    elf.sections.filter(({ executable }) => executable).map((section) => [section.name, section]),
  )
  const table = (what: string, at: number, least: number): Table =>
    at + 8 > Math.min(header, data.length)
      ? { what, begin: 0, size: 0, least }
      : { what, begin: header + view.getUint32(at, true), size: view.getUint32(at + 4, true), least }
  return {
    lines: records(source, table('line info', 16, LINE_RECORD), sections, (at) => readLine(source, at)),
    relocations: records(source, table('CO-RE relocations', 24, RELOCATION_RECORD), sections, (at) => ({
      at: instructionAt(view, at),
      typeId: view.getUint32(at + 4, true),
      kind: view.getUint32(at + 12, true),
    })),
  }
}

function instructionAt(view: DataView, at: number): number {
  return view.getUint32(at, true) / INSTRUCTION
}

function readLine({ view, text }: Source, at: number): SectionLine {
  const place = view.getUint32(at + 12, true)
  return {
    at: instructionAt(view, at),
    file: text(view.getUint32(at + 4, true)).replace(/^\.\//, ''),
    line: place >>> 10,
    column: place & 1023,
    source: text(view.getUint32(at + 8, true)).trim(),
  }
}

/** Records by the sections that they are of, each in order. */
function records<T extends { readonly at: number }>(
  { view, text, fault }: Source,
  { what, begin, size, least }: Table,
  sections: ReadonlyMap<string, ElfSection>,
  read: (at: number) => T,
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, readonly T[]>()
  if (size === 0) return found
  const end = begin + size
  if (size < 4 || end > view.byteLength)
    throw fault(`section .BTF.ext: got ${what} from ${begin} to ${end}, expected them inside ${view.byteLength} bytes`)
  const record = view.getUint32(begin, true)
  if (record < least) throw fault(`section .BTF.ext: got ${what} of ${record} bytes each, expected at least ${least}`)
  let at = begin + 4
  while (at < end) {
    if (at + 8 > end) throw fault(`section .BTF.ext: got ${what} that end inside a header`)
    const name = text(view.getUint32(at, true))
    const count = view.getUint32(at + 4, true)
    at += 8
    if (at + count * record > end)
      throw fault(`section .BTF.ext: got ${count} ${what} of section ${name}, expected at most ${(end - at) / record}`)
    const length = (sections.get(name)?.size ?? 0) / INSTRUCTION
    const own = Array.from({ length: count }, (_, i) => read(at + i * record))
    for (const [i, { at: place }] of own.entries()) {
      if (!Number.isInteger(place) || place >= length)
        throw fault(`section .BTF.ext: got ${what} of instruction ${place} of section ${name}, which has ${length}`)
      if (i > 0 && place <= own[i - 1].at)
        throw fault(`section .BTF.ext: got ${what} of section ${name} that do not ascend at instruction ${place}`)
    }
    if (found.has(name)) throw fault(`section .BTF.ext: got ${what} of section ${name} twice, expected them once`)
    found.set(name, own)
    at += count * record
  }
  return found
}

/** Reads texts of the names' section, each once. */
function textsOf(strings: Uint8Array, fault: Fault): (at: number) => string {
  const known = new Map<number, string>()
  const decoder = new TextDecoder()
  let left = strings.length
  return (at) => {
    const before = known.get(at)
    if (before !== undefined) return before
    const length = strings.subarray(at).indexOf(0)
    if (length < 0) throw fault(`section .BTF.ext: got a text at ${at}, expected one inside ${strings.length} bytes`)
    // Or a damaged file could make each of them as long as all together.
    left -= length
    if (left < 0) throw fault('section .BTF.ext: got texts inside one another, expected each to stand for itself')
    const text = decoder.decode(strings.subarray(at, at + length))
    known.set(at, text)
    return text
  }
}
