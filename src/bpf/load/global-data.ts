/**
 * Global variables: each of the sections `.bss`, `.data` and `.rodata` is an array of one value, as libbpf makes it.
 */

import { btfType } from '../../shared/btf/record.ts'
import { BPF_MAP_TYPE_ARRAY } from '../../shared/map-options.ts'
import type { BpfMapDefinition } from '../object.ts'
import type { Elf } from './elf.ts'
import { SHT } from './elf.ts'
import type { FileTypes } from './file-types.ts'
import type { Fault } from './object-error.ts'

/** BPF_F_RDONLY_PROG: programs may not store. */
const READONLY = 1 << 7
/** BPF_F_MMAPABLE: user space can map the values. */
const MMAPABLE = 1 << 10
/** The largest value of an array. */
const LARGEST = 1 << 22

/** Linkage of a variable that only its own file sees. */
const STATIC = 0

/** The maps of global data, by the index of their section. */
export function globalData(
  elf: Elf,
  types: FileTypes | undefined,
  fault: Fault,
): ReadonlyMap<number, BpfMapDefinition> {
  const maps = new Map<number, BpfMapDefinition>()
  for (const { index, name, type, size, data } of elf.sections) {
    const [, kind] = /^\.(bss|data|rodata)(?=\.|$)/.exec(name) ?? []
    if (kind === undefined || size === 0 || (type !== SHT.progbits && type !== SHT.nobits)) continue
    if (size > LARGEST) throw fault(`section ${name}: got ${size} bytes, expected at most ${LARGEST}`)
    const initial = new Uint8Array(size)
    initial.set(data)
    const isConstant = kind === 'rodata'
    const valueTypeId = sectionType(types, name)
    maps.set(index, {
      name,
      type: BPF_MAP_TYPE_ARRAY,
      keySize: 4,
      valueSize: size,
      maxEntries: 1,
      flags: (isConstant ? READONLY : 0) | (isSeenOutside(types, valueTypeId) ? MMAPABLE : 0),
      initial,
      ...(isConstant && { readonlyToPrograms: true }),
      ...(types !== undefined && valueTypeId > 0 && { btf: { bytes: types.bytes, keyTypeId: 0, valueTypeId } }),
    })
  }
  return maps
}

/** The id of the type that BTF has of a section, or 0. */
function sectionType(types: FileTypes | undefined, name: string): number {
  return 1 + (types?.btf.types.findIndex((type) => type.kind === 'data-section' && type.name === name) ?? -1)
}

/** Whether a section has a variable that user space is to see: only then libbpf makes its map so. */
function isSeenOutside(types: FileTypes | undefined, id: number): boolean {
  const section = types === undefined ? undefined : btfType(types.btf, id)
  if (types === undefined || section?.kind !== 'data-section') return false
  return section.variables.some(({ type }) => {
    const variable = btfType(types.btf, type)
    return variable?.kind === 'variable' && variable.linkage !== STATIC
  })
}
