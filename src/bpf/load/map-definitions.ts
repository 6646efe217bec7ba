/**
 * The maps that a file declares in its section `.maps`, read through BTF: a variable each, a struct whose members say
 * what the map is.
 *
 * `__uint(name, N)` is a pointer to an array of N, `__type(name, T)` a pointer to a T. Source: libbpf's bpf_helpers.h.
 */

import { spinLockOffset } from '../../shared/btf/check.ts'
import { type Btf, type BtfVariable, btfSize, btfType, skipModifiers } from '../../shared/btf/record.ts'
import { mapTypeName, SUPPORTED_MAP_TYPES } from '../map-types.ts'
import type { BpfMapDefinition } from '../object.ts'
import type { Elf } from './elf.ts'
import { STT } from './elf.ts'
import type { FileTypes } from './file-types.ts'
import type { Fault } from './object-error.ts'

/** A map, and where in `.maps` its variable stands: relocations name it by that. */
export interface PlacedMap {
  readonly offset: number
  readonly map: BpfMapDefinition
}

/** The section's name. */
export const MAPS = '.maps'

/** Linkage of a variable that other files may see. */
const GLOBAL = 1

/** What the members of a map's struct say. */
interface Members {
  type?: number
  max_entries?: number
  map_flags?: number
  key_size?: number
  value_size?: number
  key?: number
  value?: number
}

const NUMBERS = ['type', 'max_entries', 'map_flags', 'key_size', 'value_size'] as const

/** The maps in `.maps`, in its order. Throws `fault` for what is none, or of a type that is not here. */
export function mapDefinitions(elf: Elf, file: FileTypes | undefined, fault: Fault): readonly PlacedMap[] {
  const section = elf.sections.find(({ name }) => name === MAPS)
  const legacy = elf.sections.find(({ name }) => name === 'maps' || name.startsWith('maps/'))
  if (legacy !== undefined)
    throw fault(`section ${legacy.name}: got maps without BTF, expected them in section .maps, as SEC(".maps") says`)
  if (section === undefined) return []
  if (file === undefined)
    throw fault('section .maps: got no BTF in the file, expected it to say what the maps are (-g)')
  const { btf } = file
  const types = btf.types.find((type) => type.kind === 'data-section' && type.name === MAPS)
  if (types?.kind !== 'data-section') throw fault('section .maps: got no type of it in BTF, expected its variables')
  return types.variables.map(({ type }) => {
    const variable = btfType(btf, type)
    if (variable?.kind !== 'variable') throw fault(`section .maps: got type ${type}, expected a variable`)
    if (variable.linkage !== GLOBAL) throw fault(`map ${variable.name}: got a static variable, expected a global one`)
    const symbols = elf.symbols.filter(
      ({ name, section: index, type }) => index === section.index && name === variable.name && type === STT.object,
    )
    if (symbols.length !== 1)
      throw fault(`map ${variable.name}: got ${symbols.length} symbols of that name in .maps, expected one`)
    return { offset: symbols[0].value, map: definitionOf(file, variable, fault) }
  })
}

function definitionOf({ btf, bytes }: FileTypes, variable: BtfVariable, fault: Fault): BpfMapDefinition {
  const { name } = variable
  const members = membersOf(btf, variable, fault)
  const { type, max_entries: maxEntries = 0, map_flags: flags = 0, value } = members
  if (type === undefined) throw fault(`map ${name}: got no type, expected __uint(type, BPF_MAP_TYPE_...)`)
  if (!SUPPORTED_MAP_TYPES.has(type))
    throw fault(
      `map ${name}: got type ${mapTypeName(type)}, expected one of ${[...SUPPORTED_MAP_TYPES.values()].join(', ')}`,
    )
  const keySize = sizeOf(btf, name, 'key', members.key_size, members.key, fault)
  const valueSize = sizeOf(btf, name, 'value', members.value_size, value, fault)
  const spinLock = value === undefined ? -1 : spinLockOffset(btf, value)
  if (spinLock < -1) throw fault(`map ${name}: got a value with two locks or one that is not aligned, expected one`)
  return {
    name,
    type,
    keySize,
    valueSize,
    maxEntries,
    flags,
    ...(spinLock >= 0 && { spinLock }),
    btf: { bytes, keyTypeId: members.key ?? 0, valueTypeId: value ?? 0 },
  }
}

function membersOf(btf: Btf, variable: BtfVariable, fault: Fault): Members {
  const struct = skipModifiers(btf, variable.type)
  if (struct?.kind !== 'struct')
    throw fault(`map ${variable.name}: got a variable that is no struct, expected one, as in bpf_helpers.h`)
  const members: Members = {}
  for (const { name, type } of struct.members) {
    const pointer = skipModifiers(btf, type)
    if (name === 'values')
      throw fault(`map ${variable.name}: got values, expected a map that holds no maps and no programs`)
    if (pointer?.kind !== 'pointer')
      throw fault(`map ${variable.name}: got ${name} as no pointer, expected __uint or __type`)
    if (name === 'key' || name === 'value') {
      members[name] = pointer.type
      continue
    }
    const array = skipModifiers(btf, pointer.type)
    if (array?.kind !== 'array') throw fault(`map ${variable.name}: got ${name} as no number, expected __uint`)
    setNumber(members, variable.name, name, array.length, fault)
  }
  return members
}

/** A member that is a number. */
function setNumber(members: Members, map: string, name: string, value: number, fault: Fault): void {
  const known = NUMBERS.find((number) => number === name)
  if (known !== undefined) members[known] = value
  else if (name === 'pinning' && value !== 0)
    throw fault(`map ${map}: got pinning ${value}, expected none: nothing is pinned here`)
  else if (name === 'map_extra' && value !== 0) throw fault(`map ${map}: got map_extra ${value}, expected 0`)
  // Which node its memory is on changes nothing that a program sees.
  else if (!['pinning', 'map_extra', 'numa_node'].includes(name))
    throw fault(`map ${map}: got ${name}, expected one of ${[...NUMBERS, 'key', 'value', 'pinning'].join(', ')}`)
}

/** Bytes of a key or value: of its type, or as a number says, or both, which agree. */
function sizeOf(
  btf: Btf,
  map: string,
  what: string,
  given: number | undefined,
  type: number | undefined,
  fault: Fault,
): number {
  if (type === undefined) return given ?? 0
  const size = btfSize(btf, type)
  if (size === undefined) throw fault(`map ${map}: got a ${what} of a type that has no size, expected one that has`)
  if (given !== undefined && given !== size)
    throw fault(`map ${map}: got ${what}_size ${given} beside a type of ${size} bytes, expected the same`)
  return size
}
