/**
 * The numbers in a value, by the names that C has for them: for outcomes, reports and tables.
 */

import { parseBtf } from '../shared/btf/parse.ts'
import { type Btf, btfSize, btfType, skipModifiers } from '../shared/btf/record.ts'
import type { BpfMapDefinition } from './object.ts'

/** A number in a value. */
export interface ValueField {
  /** `cnt`, `inner.seq`, `history[3]`; `value` for a value that is a number itself. */
  readonly name: string
  /** Bytes from the beginning of the value. */
  readonly offset: number
  /** 1, 2, 4 or 8 bytes. */
  readonly size: number
  readonly signed: boolean
}

/** Fields beyond these are not told apart. */
const MOST_FIELDS = 256
const DEEPEST = 16

/** The fields of a map's value; words where the file does not say what they are. Locks are none. */
export function valueFields({ btf, valueSize }: Pick<BpfMapDefinition, 'btf' | 'valueSize'>): readonly ValueField[] {
  const found: ValueField[] = []
  if (btf !== undefined && btf.valueTypeId !== 0) collect(parseBtf(btf.bytes), btf.valueTypeId, '', 0, 0, found)
  if (found.length > 0) return found
  const words = Math.min(MOST_FIELDS, valueSize >> 2)
  return Array.from({ length: words }, (_, i) => ({ name: `word${i}`, offset: 4 * i, size: 4, signed: false }))
}

/** The numbers of a map's key, likewise; none where the file does not say what they are. */
export function keyFields({ btf }: Pick<BpfMapDefinition, 'btf'>): readonly ValueField[] {
  const found: ValueField[] = []
  if (btf !== undefined && btf.keyTypeId !== 0) collect(parseBtf(btf.bytes), btf.keyTypeId, '', 0, 0, found)
  return found
}

function collect(btf: Btf, id: number, name: string, at: number, depth: number, found: ValueField[]): void {
  const type = skipModifiers(btf, id)
  if (type === undefined || depth > DEEPEST || found.length >= MOST_FIELDS) return
  switch (type.kind) {
    case 'int':
    case 'enum':
      if ([1, 2, 4, 8].includes(type.size)) {
        const signed = type.kind === 'enum' ? type.signed : type.encoding === 'signed'
        found.push({ name: name || 'value', offset: at, size: type.size, signed })
      }
      return
    case 'struct':
    case 'union':
      if (type.name === 'bpf_spin_lock') return
      for (const member of type.members)
        if (member.bitfieldSize === 0)
          collect(btf, member.type, joined(name, member.name), at + member.bitOffset / 8, depth + 1, found)
      return
    case 'array': {
      const size = btfSize(btf, type.element) ?? 0
      for (let i = 0; size > 0 && i < type.length && found.length < MOST_FIELDS; i++)
        collect(btf, type.element, `${name}[${i}]`, at + i * size, depth + 1, found)
      return
    }
    case 'data-section':
      for (const { type: of, offset } of type.variables) {
        const variable = btfType(btf, of)
        if (variable?.kind === 'variable') collect(btf, variable.type, variable.name, offset, depth + 1, found)
      }
      return
    default:
  }
}

function joined(name: string, member: string): string {
  return name === '' || member === '' ? name + member : `${name}.${member}`
}

/** The number in a field of a value that begins at byte `at`. */
export function readField(bytes: Uint8Array, at: number, { offset, size, signed }: ValueField): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + offset + i])
  return signed ? BigInt.asIntN(8 * size, value) : value
}
