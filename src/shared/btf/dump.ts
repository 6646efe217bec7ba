/**
 * A value printed by its BTF, as libbpf's btf_dump__dump_type_data prints it for `ss` and bpftool: `(struct counter){`,
 * `.cnt = (__u32)1,`, `}`.
 *
 * Zeroes are printed, type names too. Built from what libbpf 1.1 answers, with the end of one string no longer ending
 * the next (libbpf 1.5). Two quirks of libbpf's are kept, so that outputs compare: where a NUL ends an array of
 * characters a line's tabs stand before the bracket, and behind such an array single bytes go on being shown as
 * characters.
 */

import { type Btf, type BtfComposite, type BtfEnum, type BtfInt, btfSize, btfType, skipModifiers } from './record.ts'

export interface BtfDumpOptions {
  /** How many tabs each line begins with. 0. */
  readonly indent?: number
  /** All in one line, without blanks or tabs. */
  readonly compact?: boolean
}

/** Where the printing stands. */
interface Printer {
  readonly btf: Btf
  readonly data: DataView
  readonly indent: number
  readonly compact: boolean
  depth: number
  /** Inside an array no element repeats the name of its type. */
  arrayMember: boolean
  /** Single bytes are shown as characters: from the first array of them on. */
  arrayChar: boolean
  /** A NUL has ended this array. */
  arrayEnded: boolean
  text: string
}

/**
 * Prints the value of type `id` that `bytes` hold. Throws RangeError for too few bytes, TypeError for a type that no
 * value has or that holds itself.
 */
export function dumpTypeData(
  btf: Btf,
  id: number,
  bytes: Uint8Array,
  { indent = 0, compact = false }: BtfDumpOptions = {},
): string {
  const size = btfSize(btf, id)
  if (size === undefined) throw new TypeError(`BTF: type ${id} is of no kind that a value has`)
  if (bytes.length < size) throw new RangeError(`BTF: expected ${size} bytes, got ${bytes.length}`)
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const printer: Printer = {
    btf,
    data,
    indent,
    compact,
    depth: 0,
    arrayMember: false,
    arrayChar: false,
    arrayEnded: false,
    text: '',
  }
  printValue(printer, '', id, 0, 0, 0)
  return printer.text
}

/**
 * Types within one another, beyond which one is taken to hold itself. The kernel's own limit, which it looks at when
 * BTF is loaded.
 */
const DEEPEST = 32
const tooDeep = (id: number) => new TypeError(`BTF: type ${id} stands more than ${DEEPEST} types deep, or holds itself`)

function prefix(printer: Printer): void {
  if (!printer.compact) printer.text += '\t'.repeat(printer.indent + printer.depth)
}

function newline({ compact, depth }: Printer): string {
  return compact || depth === 0 ? '' : '\n'
}

/** A value, with what separates it from the next; none at the top. */
function put(printer: Printer, text: string): void {
  printer.text += `${text}${printer.depth === 0 ? '' : ','}${newline(printer)}`
}

function printValue(
  printer: Printer,
  field: string,
  id: number,
  at: number,
  bitOffset: number,
  bitfield: number,
): void {
  const { btf } = printer
  if (printer.depth > DEEPEST) throw tooDeep(id)
  prefix(printer)
  if (field !== '') printer.text += `.${field} = `
  if (!printer.arrayMember) printer.text += `(${typeName(btf, id)})`
  const type = skipModifiers(btf, id)
  switch (type?.kind) {
    case 'int':
      if (bitfield > 0 || bitOffset > 0 || type.bits !== type.size * 8)
        printBitfield(printer, at, bitOffset, bitfield || type.bits)
      else printInt(printer, type, at)
      return
    case 'pointer': {
      const address = printer.data.getBigUint64(at, true)
      put(printer, address === 0n ? '(nil)' : `0x${address.toString(16)}`)
      return
    }
    case 'array':
      printArray(printer, type.element, type.length, at)
      return
    case 'struct':
    case 'union':
      printComposite(printer, type, at)
      return
    case 'enum':
      printEnum(printer, type, at)
      return
    case 'float':
      put(printer, (type.size === 8 ? printer.data.getFloat64(at, true) : printer.data.getFloat32(at, true)).toFixed(6))
      return
    default:
      throw new TypeError(`BTF: type ${id} is of no kind that a value has`)
  }
}

function readInt({ data }: Printer, size: number, signed: boolean, at: number): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(data.getUint8(at + i))
  return signed ? BigInt.asIntN(size * 8, value) : value
}

function printInt(printer: Printer, { size, encoding }: BtfInt, at: number): void {
  const value = readInt(printer, size, encoding === 'signed', at)
  if (size === 1 && printer.arrayChar) {
    if (value === 0n) printer.arrayEnded = true
    if (printer.arrayEnded) return
    if (value >= 32n && value < 127n) {
      put(printer, `'${String.fromCharCode(Number(value))}'`)
      return
    }
  }
  put(printer, `${value}`)
}

/** A bitfield is shown as its bits, in hexadecimal. */
function printBitfield(printer: Printer, at: number, bitOffset: number, bits: number): void {
  const bytes = Math.ceil((bitOffset + bits) / 8)
  const raw = readInt(printer, bytes, false, at) >> BigInt(bitOffset)
  const value = BigInt.asUintN(bits, raw)
  put(printer, `0x${value.toString(16)}`)
}

function printArray(printer: Printer, element: number, length: number, at: number): void {
  const type = skipModifiers(printer.btf, element)
  const size = btfSize(printer.btf, element)!
  const { arrayMember, arrayEnded } = printer
  if (type?.kind === 'int' && size === 1) printer.arrayChar = true
  printer.depth++
  printer.text += `[${newline(printer)}`
  printer.arrayMember = true
  printer.arrayEnded = false
  for (let i = 0; i < length && !printer.arrayEnded; i++) printValue(printer, '', element, at + i * size, 0, 0)
  Object.assign(printer, { arrayMember, arrayEnded })
  printer.depth--
  prefix(printer)
  put(printer, ']')
}

function printComposite(printer: Printer, type: BtfComposite, at: number): void {
  printer.depth++
  printer.text += `{${newline(printer)}`
  for (const { name, type: of, bitOffset, bitfieldSize } of type.members) {
    printValue(printer, name, of, at + (bitOffset >>> 3), bitOffset & 7, bitfieldSize)
  }
  printer.depth--
  prefix(printer)
  put(printer, '}')
}

function printEnum(printer: Printer, type: BtfEnum, at: number): void {
  const value = readInt(printer, type.size, type.signed, at)
  const suffix = type.size < 8 ? '' : type.signed ? 'LL' : 'ULL'
  put(printer, type.values.find((known) => known.value === value)?.name ?? `${value}${suffix}`)
}

/** A type as a cast names it, without const and volatile. */
function typeName(btf: Btf, id: number, depth = 0): string {
  if (depth > DEEPEST) throw tooDeep(id)
  const type = btfType(btf, id)
  switch (type?.kind) {
    case undefined:
      return 'void'
    case 'array': {
      const element = typeName(btf, type.element, depth + 1)
      const inner = element.indexOf('[')
      return inner < 0
        ? `${element}[${type.length}]`
        : `${element.slice(0, inner)}[${type.length}]${element.slice(inner)}`
    }
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'type-tag':
      return typeName(btf, type.type, depth + 1)
    case 'pointer':
      return `${typeName(btf, type.type, depth + 1)} *`
    case 'struct':
    case 'union':
    case 'enum':
      return `${type.kind} ${type.name}`.trimEnd()
    case 'prototype':
      return ''
    default:
      return type!.name
  }
}
