import { describe, expect, it } from 'vitest'
import { loadBpfObject } from '../../../src/bpf/load/load-object.ts'
import type { BtfType } from '../../../src/shared/btf/record.ts'
import { objectBytes, withTypes } from './objects.ts'

type Change = (types: readonly BtfType[]) => readonly BtfType[]

/** What a file of udp.bpf.o with other types gives: its first map, or the sentence. */
function udpWith(change: Change) {
  try {
    return loadBpfObject(withTypes(objectBytes('udp'), change), 'udp.bpf.o').maps[0]
  } catch (error) {
    return (error as Error).message
  }
}

/** The struct that says what the map is. */
const isMap = (type: BtfType) => type.kind === 'struct' && type.members.some(({ name }) => name === 'map_flags')

/** A member of the map's struct is a number, or another. */
function numbered(name: string, length: number, from = name): Change {
  return (types) => {
    const array: BtfType = { kind: 'array', element: 1, index: 1, length }
    const pointer: BtfType = { kind: 'pointer', name: '', type: types.length + 1 }
    const changed = types.map((type) => {
      if (type.kind !== 'struct' || !isMap(type)) return type
      const members = type.members.map((member) =>
        member.name === from ? { ...member, name, type: types.length + 2 } : member,
      )
      return { ...type, members }
    })
    return [...changed, array, pointer]
  }
}

/** The map's struct, changed. */
const struct =
  (change: (type: Extract<BtfType, { kind: 'struct' | 'union' }>) => BtfType): Change =>
  (types) =>
    types.map((type) => (type.kind === 'struct' && isMap(type) ? change(type) : type))

describe('a map in .maps', () => {
  it.each<[string, Change, string]>([
    [
      'of a type that is not here',
      numbered('type', 27),
      'got type RINGBUF, expected one of HASH, ARRAY, PERCPU_ARRAY, SK_STORAGE',
    ],
    [
      'of a type that nobody knows',
      numbered('type', 99),
      'got type 99, expected one of HASH, ARRAY, PERCPU_ARRAY, SK_STORAGE',
    ],
    ['without a type', numbered('max_entries', 4, 'type'), 'got no type, expected __uint(type, BPF_MAP_TYPE_...)'],
    ['that is pinned', numbered('pinning', 1, 'map_flags'), 'got pinning 1, expected none: nothing is pinned here'],
    ['with map_extra', numbered('map_extra', 3, 'map_flags'), 'got map_extra 3, expected 0'],
    [
      'with a member that says nothing',
      numbered('colour', 3, 'map_flags'),
      'got colour, expected one of type, max_entries, map_flags, key_size, value_size, key, value, pinning',
    ],
    ['of maps', numbered('values', 1, 'map_flags'), 'got values, expected a map that holds no maps and no programs'],
    [
      'whose value has another size than its type',
      numbered('value_size', 8, 'map_flags'),
      'got value_size 8 beside a type of 32 bytes, expected the same',
    ],
    [
      'that is no struct',
      struct(({ name }) => ({ kind: 'float', name, size: 32 })),
      'got a variable that is no struct, expected one, as in bpf_helpers.h',
    ],
    [
      'with a member that is no pointer',
      struct((type) => ({ ...type, members: type.members.map((member) => ({ ...member, type: 0 })) })),
      'got type as no pointer, expected __uint or __type',
    ],
    [
      'that is static',
      (types) => types.map((type) => (type.kind === 'variable' ? { ...type, linkage: 0 } : type)),
      'got a static variable, expected a global one',
    ],
    [
      'without a symbol',
      (types) =>
        types.map((type) =>
          type.kind === 'variable' && type.name === 'udp_stats' ? { ...type, name: 'other' } : type,
        ),
      '',
    ],
  ])('%s is refused', (_what, change, sentence) => {
    const said = udpWith(change)
    if (sentence === '') expect(said).toBe('udp.bpf.o: section .maps: got no symbol other, expected one as BTF has it')
    else expect(said).toBe(`udp.bpf.o: map udp_stats: ${sentence}`)
  })

  it('needs BTF', () => {
    expect(udpWith((types) => types.filter(({ kind }) => kind !== 'data-section'))).toBe(
      'udp.bpf.o: section .maps: got no type of it in BTF, expected its variables',
    )
  })

  it('may say how it is to be pinned, if it is not', () => {
    expect(udpWith(numbered('pinning', 0, 'map_flags'))).toMatchObject({ name: 'udp_stats', flags: 0 })
    expect(udpWith(numbered('numa_node', 1, 'map_flags'))).toMatchObject({ name: 'udp_stats', flags: 0 })
  })

  it('says where its value has a lock, by BTF', () => {
    expect(loadBpfObject(objectBytes('locked'), 'locked.bpf.o').maps[0]).toMatchObject({ valueSize: 16, spinLock: 0 })
  })
})
