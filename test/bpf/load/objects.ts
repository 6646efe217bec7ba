/**
 * The prebuilt objects, and how to damage them.
 */

import { readFileSync } from 'node:fs'
import { emitBtf } from '../../../src/shared/btf/emit.ts'
import { parseBtf } from '../../../src/shared/btf/parse.ts'
import type { BtfType } from '../../../src/shared/btf/record.ts'

/** Those of test/bpf/objects, without .bpf.o. */
export const OBJECTS = ['calls', 'count', 'locked', 'udp'] as const

/** The bytes of one of them, to be changed at will. */
export function objectBytes(name: (typeof OBJECTS)[number]): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(`../objects/${name}.bpf.o`, import.meta.url)))
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Where the header of the section with this name begins. */
export function headerOf(bytes: Uint8Array, name: string): number {
  const at = view(bytes)
  const headers = Number(at.getBigUint64(40, true))
  const names = Number(at.getBigUint64(headers + 64 * at.getUint16(62, true) + 24, true))
  for (let i = 0; i < at.getUint16(60, true); i++) {
    const begin = names + at.getUint32(headers + 64 * i, true)
    const text = String.fromCharCode(...bytes.subarray(begin, bytes.indexOf(0, begin)))
    if (text === name) return headers + 64 * i
  }
  throw new Error(`no section ${name}`)
}

/** The bytes of a section, in place. */
export function sectionOf(bytes: Uint8Array, name: string): Uint8Array {
  const header = headerOf(bytes, name)
  const begin = Number(view(bytes).getBigUint64(header + 24, true))
  return bytes.subarray(begin, begin + Number(view(bytes).getBigUint64(header + 32, true)))
}

/** The file with other bytes for a section, which stand at its end. */
export function withSection(bytes: Uint8Array, name: string, data: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + data.length)
  longer.set(bytes)
  longer.set(data, bytes.length)
  const header = headerOf(longer, name)
  view(longer).setBigUint64(header + 24, BigInt(bytes.length), true)
  view(longer).setBigUint64(header + 32, BigInt(data.length), true)
  return longer
}

/** The file with other types, and without lines, whose texts stand among the types' names. */
export function withTypes(bytes: Uint8Array, change: (types: readonly BtfType[]) => readonly BtfType[]): Uint8Array {
  renamed(bytes, '.BTF.ext', '.none')
  return withSection(bytes, '.BTF', emitBtf({ types: change(parseBtf(sectionOf(bytes, '.BTF')).types) }))
}

/** The file with a text in place of one that is not shorter, wherever it stands in the names of the file. */
export function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const table = sectionOf(bytes, '.strtab')
  const at = Buffer.from(table).indexOf(`${from}\0`)
  table.fill(0, at, at + from.length)
  table.set(Buffer.from(to), at)
  return bytes
}

/** The file with another place or size in the header of a section. */
export function withHeader(
  bytes: Uint8Array,
  section: string,
  { offset, size }: { readonly offset?: number; readonly size?: number },
): Uint8Array {
  const header = headerOf(bytes, section)
  if (offset !== undefined) view(bytes).setBigUint64(header + 24, BigInt(offset), true)
  if (size !== undefined) view(bytes).setBigUint64(header + 32, BigInt(size), true)
  return bytes
}

/** The file with a number of 32 bits set at a place of a section. */
export function withWord(bytes: Uint8Array, section: string, at: number, value: number): Uint8Array {
  view(sectionOf(bytes, section)).setUint32(at, value, true)
  return bytes
}
